"""`portico license keys`: the keys that sign licences, and their way from next to revoked."""

from typing import Annotated

from cyclopts import App, Parameter
from rich.table import Table

from cli.terminal import Refusal, load_settings, out
from datasources.license_keyring import CannotChangeKeys, LicenseKeyring
from datasources.sealing import WrongSeal

app = App(name="keys", help="List, make, rotate and revoke the keys that sign licences.")


@app.command(name="list")
def list_() -> None:
    """List the keys of this installation: public parts and states, never the private ones."""
    drawn = Table("key", "state", "made", box=None, pad_edge=False)
    for key in _keyring().present.keys:
        drawn.add_row(key.kid, key.state, f"{key.created_at:%Y-%m-%d %H:%M} UTC")
    out.print(drawn)


@app.command
def generate() -> None:
    """Make the key that will sign next and publish its public part."""
    keyring = _keyring()
    try:
        made = keyring.generate()
    except CannotChangeKeys as refused:
        raise Refusal(refused) from None
    out.print(f"{made.kid} is published as next. Rotate to it in a day, when customers have fetched it.")


@app.command
def rotate(
    *,
    at_once: Annotated[
        bool, Parameter(negative="", help="Though not every customer has its public part.")
    ] = False,
) -> None:
    """Sign with the next key from now on; the active one retires, and what it signed goes on to verify."""
    keyring = _keyring()
    try:
        active = keyring.rotate(at_once=at_once)
    except CannotChangeKeys as refused:
        raise Refusal(refused) from None
    out.print(f"{active.kid} signs. Running servers and workers use it from their next licence on.")


@app.command
def revoke(kid: str) -> None:
    """Let nothing verify any more that the key KID has signed. Rotate every licence of it first."""
    keyring = _keyring()
    try:
        keyring.revoke(kid)
    except CannotChangeKeys as refused:
        raise Refusal(refused) from None
    out.print(f"{kid} is revoked: no licence that it signed verifies any more.")


def _keyring() -> LicenseKeyring:
    try:
        return LicenseKeyring.of(load_settings())
    except WrongSeal:
        raise Refusal(
            "The keys are sealed under another secret: set PORTICO_SEALING_SECRET or restore sealing.secret."
        ) from None
