"""Who may have a root field is declared beside it and has a row in the matrix: asked before every landing."""

from tests.api.test_access_matrix import core, without_row


def test_every_root_field_declares_who_may_have_it_and_has_a_row() -> None:
    assert without_row(core()) == []
