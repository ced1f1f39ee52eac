"""What can go wrong with a source, in the few kinds that callers treat differently."""


class SourceUnavailable(Exception):
    """A source did not answer, or answered that it cannot.

    `code` names the fault in the source's own terms and never carries data. `retryable` says whether the
    same call may succeed later.
    """

    def __init__(self, source: str, *, retryable: bool, code: str = "UNAVAILABLE") -> None:
        super().__init__(f"{source}: {code}")
        self.source = source
        self.retryable = retryable
        self.code = code


class Conflict(Exception):
    """A write met another write. `constraint` names what they collided on."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint
