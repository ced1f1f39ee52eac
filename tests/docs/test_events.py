"""The page on events lists every type with its meaning, and no other."""

import re
from pathlib import Path

from commerce.events import CATALOG

PAGE = Path(__file__).parents[2] / "docs" / "partners" / "events.md"


def test_every_type_of_event_is_explained() -> None:
    rows = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \| (.+) \|$", PAGE.read_text(), re.MULTILINE)

    assert rows == [(type_.value, meaning) for type_, meaning in CATALOG.items()]
