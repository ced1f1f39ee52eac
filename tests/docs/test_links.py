"""Every link of the docs leads somewhere, and no page names a machine of ours."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:)(?P<target>[^)#\s]*)(?:#(?P<anchor>[^)\s]+))?\)")
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


def test_a_link_to_nowhere_is_found() -> None:
    text = "[a](README.md) [b](README.md#a-tour) [c](nowhere.md) [d](README.md#nowhere) `[e](code.md)`"

    assert broken(ROOT / "README.md", text) == ["[c](nowhere.md)", "[d](README.md#nowhere)"]


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "README.md").read_text()

    pages = [page.name for page in folder.glob("*.md") if page.name != "README.md"]

    assert len(pages) > 15
    assert [name for name in pages if f"]({name})" not in listed] == []
