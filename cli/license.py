"""`portico license`: whether a licence file is genuine and may be used, offline; keys and revocation list."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import requests
from cyclopts import App, Parameter
from rich.console import Console

from cli.database import database
from cli.license_keys import app as keys_app
from cli.terminal import load_settings
from commerce.license_files import LONGEST_FILE, Payload, Verdict
from datasources.license_keys import PUBLIC_SET, read_key_set
from datasources.license_revocations import judged
from datasources.settings import Settings

VALID, NOT_VALID, COULD_NOT_TELL = 0, 1, 2
LOOPBACK = {"127.0.0.1", "::1", "localhost"}

app = App(name="license", help="Verify licence files; move signing keys; print the revocation list.")
app.command(keys_app)


@app.command
def verify(
    file: Path,
    *,
    keys: Annotated[str | None, Parameter(help="A key set: a file, or the URL it is published at.")] = None,
    environment: Annotated[str, Parameter(help="Where the licence is to count.")] = "production",
    instance: Annotated[str | None, Parameter(help="The installation that is to use it.")] = None,
    revocations: Annotated[
        str | None, Parameter(help="A revocation list: a file, or the URL it is published at.")
    ] = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", help="Print one JSON object.")] = False,
) -> int:
    """Verify a licence FILE against this installation's public keys, or those given by --keys.

    Ends with 0 when the licence is valid now, 1 when it is not, 2 when that could not be found out.
    """
    now = datetime.now(UTC)
    try:
        text, key_set = _read(file), _key_set(keys)
        listed = json.loads(_text(revocations)) if revocations else None
    except (OSError, ValueError) as fault:
        Console(stderr=True, soft_wrap=True).print(f"Could not tell: {fault}", markup=False, highlight=False)
        return COULD_NOT_TELL
    answer = judged(text, key_set, listed, now=now, environment=environment, instance=instance)
    if as_json:
        print(json.dumps({"valid": answer.valid, "code": answer.code, "sentence": answer.sentence}))
    else:
        _tell(answer)
    return VALID if answer.valid else NOT_VALID


@app.command
def revocations() -> None:
    """Print the signed revocation list, as it is published, for installations without a network."""
    with database(load_settings()) as settings:
        print(json.dumps(asyncio.run(_published(settings))))


async def _published(settings: Settings) -> dict[str, str]:
    from datasources.sources import open_sources

    async with open_sources(settings) as sources:
        return await sources.revocations.published(datetime.now(UTC))


def _read(file: Path) -> str:
    """The file's text with its line ends as they are; what is not ASCII is kept visible as U+FFFD."""
    with file.open("rb") as opened:
        return opened.read(LONGEST_FILE + 1).decode("ascii", errors="replace")


def _key_set(source: str | None) -> dict[str, Any]:
    if source is None:
        return _home_key_set()
    key_set = json.loads(_text(source))
    if not isinstance(key_set, dict) or not isinstance(key_set.get("keys"), list):
        raise ValueError(f"{source} is not a licence key set.")  # noqa: TRY004  told to a person, like the others
    return key_set


def _home_key_set() -> dict[str, Any]:
    directory = load_settings().keys
    try:
        return read_key_set(directory)
    except FileNotFoundError as fault:
        raise ValueError(
            f"There is no key set at {directory / PUBLIC_SET}. Start `./portico serve` once, set PORTICO_HOME"
            " to where it keeps its data, or give --keys with a file or URL."
        ) from fault


def _text(source: str) -> str:
    return _fetched(source) if "://" in source else Path(source).read_text("utf-8")


def _fetched(url: str) -> str:
    address = urlsplit(url)
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in LOOPBACK):
        raise ValueError("Keys and lists are fetched by https only: what is sent in clear proves nothing.")
    answer = requests.get(url, timeout=(3.05, 10))
    answer.raise_for_status()
    return answer.text


def _tell(answer: Verdict) -> None:
    console = Console(soft_wrap=True, highlight=False)
    mark, style = ("VALID", "bold green") if answer.valid else ("NOT VALID", "bold red")
    console.print(mark, style=style, end=" ")
    console.print(f"({answer.code}): {answer.sentence}", markup=False)
    if answer.payload:
        for label, value in _facts(answer.payload):
            console.print(f"  {label:<14}{value}", markup=False)


def _facts(payload: Payload) -> list[tuple[str, str]]:
    licensee = payload.licensee
    return [
        ("licence", payload.jti),
        ("licensee", f"{licensee.company} ({licensee.name} <{licensee.email}>)"),
        ("product", f"{payload.product} {payload.plan}, {payload.seats:,} seats"),
        ("features", ", ".join(payload.features) or "none"),
        ("term", f"{payload.starts_on} to {payload.expires_on}, {payload.grace_days} grace days"),
        ("environment", payload.environment),
        ("order", payload.order_id),
        *([("instance", payload.instance)] if payload.instance else []),
        ("key", payload.kid),
    ]
