"""New versions of a list over real HTTP: a good one serves, a bad one is set aside."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from datasources.watchlists import bis, files
from datasources.watchlists.refresh import Refreshed, Result, refreshed
from datasources.watchlists.sources import OfficialFile, Source
from datasources.watchlists.store import Store

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HEADER = (
    '"Name"\t"Street_Address"\t"City"\t"State"\t"Country"\t"Postal_Code"\t'
    '"Effective_Date"\t"Expiration_Date"\t"Standard_Order"\t"Last_Update"\t"Action"\t"FR_Citation"\n'
)


def denied_persons(count: int) -> bytes:
    """A Denied Persons List of so many invented people."""
    lines = (
        f'"SAMPLE PERSON {n}"\t"ROAD {n}"\t"TOWN"\t""\t"CY"\t""\t"01/01/2025"\t"01/01/2035"\t"Y"'
        + '\t""' * 3
        + "\n"
        for n in range(count)
    )
    return (HEADER + "".join(lines)).encode()


@dataclass
class Publisher:
    """What the official site answers, and what it was asked."""

    content: bytes
    tag: str = '"1"'
    status: int = 200
    promised: int | None = None
    asked: list[dict[str, str]] = field(default_factory=list)

    def publish(self, content: bytes, tag: str) -> None:
        self.content, self.tag = content, tag


@pytest.fixture
def publisher() -> Iterator[tuple[Publisher, Source]]:
    site = Publisher(denied_persons(1000))

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(dict(self.headers))
            if site.status == 200 and self.headers.get("If-None-Match") == site.tag:
                self.send_response(304)
                self.end_headers()
                return
            self.send_response(site.status)
            self.send_header("ETag", site.tag)
            self.send_header("Content-Length", str(site.promised or len(site.content)))
            self.end_headers()
            self.wfile.write(site.content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/dpl.txt"
    yield site, replace(bis.SOURCE, files=(OfficialFile("bis/dpl.txt", url),))
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "watchlists")


def ask(source: Source, store: Store, now: datetime = NOW) -> Refreshed:
    with requests.Session() as session:
        session.trust_env = False
        return refreshed(source, store, session, now=now)


def test_a_first_version_is_accepted_and_kept_byte_for_byte(
    publisher: tuple[Publisher, Source], store: Store
):
    site, source = publisher

    assert ask(source, store).result is Result.ACCEPTED

    kept = store.current(source)
    assert kept is not None
    assert kept.rows == 1000
    assert store.contents(kept) == {"bis/dpl.txt": site.content}


def test_an_unchanged_list_is_not_sent_again_and_its_age_starts_anew(
    publisher: tuple[Publisher, Source], store: Store
):
    site, source = publisher
    ask(source, store)

    later = NOW + timedelta(hours=12)
    result = ask(source, store, later)

    assert result.result is Result.UNCHANGED
    assert site.asked[-1]["If-None-Match"] == '"1"'
    kept = store.current(source)
    assert kept is not None
    assert kept.checked_at == later


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "0 bytes"),
        (denied_persons(1000)[:40_000], ""),
        (denied_persons(500), "shrunk by 50.0%"),
        (denied_persons(949), "shrunk by 5.1%"),
        (denied_persons(1151), "grown by 15.1%"),
        (b"<html>Under maintenance</html>", "columns"),
        (denied_persons(1000) + b'"half a line"\n' * 2, "2 of 1002 rows cannot be read"),
    ],
    ids=["empty", "truncated", "halved", "shrunk", "grown", "a page", "broken rows"],
)
def test_a_bad_version_is_quarantined_and_the_last_good_one_stays(
    publisher: tuple[Publisher, Source], store: Store, content: bytes, reason: str
):
    site, source = publisher
    ask(source, store)
    before = store.current(source)

    site.publish(content, '"2"')
    result = ask(source, store, NOW + timedelta(hours=1))

    assert result.result is Result.QUARANTINED
    assert reason in result.reasons[0]
    assert store.current(source) == before
    assert [refused["reasons"] for refused in store.refused(source)] == [list(result.reasons)]


@pytest.mark.parametrize("count", [950, 1150])
def test_a_change_within_the_gates_is_accepted(publisher: tuple[Publisher, Source], store: Store, count: int):
    site, source = publisher
    ask(source, store)

    site.publish(denied_persons(count), '"2"')

    assert ask(source, store).result is Result.ACCEPTED


def test_a_publisher_in_trouble_changes_nothing(publisher: tuple[Publisher, Source], store: Store):
    site, source = publisher
    ask(source, store)
    before = store.current(source)

    for status, promised in ((503, None), (200, 10**6)):
        site.status, site.promised, site.tag = status, promised, '"2"'
        assert ask(source, store).result is Result.UNREACHABLE
        assert store.current(source) == before


def test_a_version_that_was_accepted_can_be_read_back_after_another_replaced_it(
    publisher: tuple[Publisher, Source], store: Store
):
    site, source = publisher
    ask(source, store)
    first = store.current(source)
    original = site.content

    site.publish(denied_persons(1001), '"2"')
    ask(source, store)

    assert first is not None
    assert store.contents(first)["bis/dpl.txt"] == original
    assert files.digest(store.contents(first)) == first.version
