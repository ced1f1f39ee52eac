"""Every link of the docs leads somewhere, and no page names a machine of ours."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:)(?P<target>[^)#\s]*)(?:#(?P<anchor>[^)\s]+))?\)")
PATH = re.compile(r"`((?:[a-z_]+/)+[\w.-]+\.\w+|[a-z_]+/(?:[a-z_]+/)*)`")
SPOKEN_OF = re.compile(r"verb_noun|NAME|^bis/|^ofac|^un/|^eu/|^uk/|^us_csl/|^app/|^keys/")
"""Places in recipes, and in directories of the operator's."""
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    return [ROOT / name for name in sorted(set(listed)) if (ROOT / name).is_file()]


def anchors(page: Path) -> set[str]:
    """The headings of a page as GitHub makes anchors of them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(page: Path, text: str) -> list[str]:
    """The links of a text that lead nowhere, seen from a page."""
    found = []
    for link in LINK.finditer(CODE.sub("", text)):
        target = (page.parent / link["target"]).resolve() if link["target"] else page
        anchored = link["anchor"] and target.suffix == ".md" and target.exists()
        if not target.exists() or (anchored and link["anchor"] not in anchors(target)):
            found.append(link[0])
    return found


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken(page, page.read_text()) == []


def lost(text: str) -> list[str]:
    """The files and folders named in a text that are nowhere, from the root or below `datasources`."""
    named = [name for name in PATH.findall(text) if not SPOKEN_OF.search(name)]
    return [
        name for name in named if not (ROOT / name).exists() and not (ROOT / "datasources" / name).exists()
    ]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/adding.md", "docs/decisions"])
def test_every_file_that_a_guide_names_is_there(name: str) -> None:
    place = ROOT / name
    texts = [page.read_text() for page in ([place] if place.is_file() else sorted(place.glob("*.md")))]

    assert sum(len(PATH.findall(text)) for text in texts) > 4
    assert [fault for text in texts for fault in lost(text)] == []


def test_a_file_that_is_gone_is_found() -> None:
    assert lost("`commerce/orders.py` `commerce/utils.py` `jobs/verb_noun.py` `postgres/` `mysql/`") == [
        "commerce/utils.py",
        "mysql/",
    ]


def test_a_link_to_nowhere_is_found() -> None:
    text = "[a](README.md) [b](README.md#a-tour) [c](nowhere.md) [d](README.md#nowhere) `[e](code.md)`"

    assert broken(ROOT / "README.md", text) == ["[c](nowhere.md)", "[d](README.md#nowhere)"]


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text()

    pages = [page.name for page in folder.glob("*.md") if page.name != "README.md"]

    assert len(pages) > 15
    assert [name for name in pages if f"]({name})" not in listed] == []
