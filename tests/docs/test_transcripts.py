"""What the docs show of a terminal is what a terminal shows."""

import subprocess
import sys
from pathlib import Path

import pytest

from cli.rehearsal import Stage
from cli.transcripts import PAGES, played, renew, steady

ROOT = Path(__file__).parents[2]

PAGE = """\
Said before.

```console
$ greeting=hello
$ echo $greeting
old words
$ printf '%s\\n' one \\
>     two
```

```python written.py
print("from a file")
```

<!-- until: second -->
```console
$ test -e seen && echo second; touch seen
```

```console
$ python3 written.py; false
$ printf unended
```
"""

PLAYED = """\
Said before.

```console
$ greeting=hello
$ echo $greeting
hello
$ printf '%s\\n' one \\
>     two
one
two
```

```python written.py
print("from a file")
```

<!-- until: second -->
```console
$ test -e seen && echo second; touch seen
second
```

```console
$ python3 written.py; false
from a file
$ printf unended
unended
```
"""


def test_a_page_is_written_with_what_its_commands_print(tmp_path: Path) -> None:
    assert played(PAGE, Stage(tmp_path, 1)) == PLAYED


def test_what_is_printed_names_the_usual_address(tmp_path: Path) -> None:
    session = "```console\n$ echo http://127.0.0.1:8000/ | tee address\nhttp://127.0.0.1:8000/\n```\n"

    assert played(session, Stage(tmp_path, 4711)) == session
    assert (tmp_path / "address").read_text() == "http://127.0.0.1:4711/\n"


def test_a_line_that_changed_is_found_and_the_page_is_left_as_it_is(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PLAYED.replace("\ntwo\n", "\nthree\n"))

    difference = renew(page, Stage(tmp_path, 1), write=False)

    assert [line for line in difference.splitlines() if line[1:] in {"two", "three"}] == ["-three", "+two"]
    assert "three" in page.read_text()


def test_what_varies_is_no_difference_and_what_means_something_is() -> None:
    one = 'ord_019a8f3c5d5e7d0a9b0c1d2e3f405162 of 2026-11-22T11:19:15.16+00:00, until 2027-11-22: "P13DT2H"'
    other = 'ord_01a2f3c5d5e7d0a9b0c1d2e3f4051628 of 2026-12-24T09:00:00.01+00:00, until 2027-12-24: "PT5M"'

    assert steady(one) == steady(other) == 'ID0 of TIME, until DATE: "DURATION"'
    assert steady(f"{one} {one}") != steady(f"{one} {other}")
    assert steady('"amount": "5574.96"') != steady('"amount": "5574.95"')


@pytest.mark.slow
@pytest.mark.timeout(590)
def test_every_page_shows_what_its_commands_print_on_a_fresh_portico() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli", "transcripts", "--check"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("holds.") == len(PAGES) == 5
