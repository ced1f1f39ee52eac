"""Cursors: opaque, of one question, and honest about what lies on either side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.paging import InvalidPage, PageArguments, cursor_of, page_of, page_request

WORDS = st.text(max_size=20)


@given(position=st.lists(WORDS, min_size=1, max_size=3).map(tuple), question=WORDS)
def test_a_cursor_gives_its_position_back(position: tuple[str, ...], question: str) -> None:
    request = page_request(PageArguments(first=1, after=cursor_of(position, question)), question)

    assert request.position == position


@given(text=WORDS)
def test_any_other_text_is_refused_and_never_a_crash(text: str) -> None:
    with pytest.raises(InvalidPage):
        page_request(PageArguments(after=text), "a question")


def test_a_cursor_of_another_question_is_refused() -> None:
    cursor = cursor_of(("1",), "one question")

    with pytest.raises(InvalidPage, match="another sort, filter or list"):
        page_request(PageArguments(after=cursor), "another question")


@given(total=st.integers(0, 12), size=st.integers(1, 5), backwards=st.booleans())
def test_walking_all_pages_meets_every_row_once_and_in_order(total: int, size: int, backwards: bool) -> None:
    rows = [f"{number:02}" for number in range(total)]
    seen: list[str] = []
    cursor = None
    more = True
    while more:
        arguments = (
            PageArguments(last=size, before=cursor) if backwards else PageArguments(first=size, after=cursor)
        )
        request = page_request(arguments, "all")
        at = request.position[0] if request.position else None
        if backwards:
            ahead = [row for row in reversed(rows) if at is None or row < at]
        else:
            ahead = [row for row in rows if at is None or row > at]
        page = page_of(ahead[: size + 1], request, lambda row: (row,), None)
        seen = page.nodes + seen if backwards else seen + page.nodes
        info = page.page_info
        more = info.has_previous_page if backwards else info.has_next_page
        cursor = info.start_cursor if backwards else info.end_cursor

    assert seen == rows
