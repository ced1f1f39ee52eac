"""What was read a moment ago is known for that moment, and no longer."""

from datasources.postgres.recent import Recent


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_value_is_known_until_its_time_is_over() -> None:
    clock = Clock()
    recent: Recent[str, int] = Recent(2.0, clock=clock)
    recent.keep("a", 1)

    clock.now += 1.9
    before = recent.known("a")
    clock.now += 0.1

    assert before == 1
    assert recent.known("a") is None
    assert recent.known("b") is None


def test_keeping_a_value_anew_begins_its_time_anew() -> None:
    clock = Clock()
    recent: Recent[str, int] = Recent(2.0, clock=clock)
    recent.keep("a", 1)
    clock.now += 1.5
    recent.keep("a", 2)

    clock.now += 1.5

    assert recent.known("a") == 2


def test_the_oldest_goes_when_there_are_too_many() -> None:
    recent: Recent[int, int] = Recent(60.0, most=2)

    for key in range(3):
        recent.keep(key, key)

    assert [recent.known(key) for key in range(3)] == [None, 1, 2]
