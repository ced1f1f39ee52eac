"""Which addresses a partner may give for its webhooks, judged by their spelling alone.

The grammar is small on purpose: whatever two parsers could read differently is refused. Names are looked up
when something is sent, and what they then name is judged by `commerce.addresses`.
"""

import re
from dataclasses import dataclass
from ipaddress import ip_address

from commerce.addresses import is_loopback, special

LONGEST_URL = 2_048
PORTS = frozenset({443, 8443})

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z.-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/[!$%&'()*+,./0-9:;=@A-Z_a-z~-]*)?(?:\?[!$%&'()*+,./0-9:;=?@A-Z_a-z~-]*)?)"
)
_LABEL = re.compile(r"(?!-)[0-9a-z-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_INTERNAL = frozenset({"localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp"})
"""Last labels of names that are never in the public DNS."""


class InvalidUrl(Exception):
    """The URL cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class UrlRules:
    """What is allowed. `loopback` is the development switch: http and any port, on this machine alone."""

    loopback: bool = False
    ports: frozenset[int] = PORTS


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads: `host` is a name or an address without brackets, `path` has the query."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The value of the `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _default(secure=self.secure) else f"{host}:{self.port}"


def target_of(url: str, rules: UrlRules) -> Target:
    """Where a URL leads. Raises InvalidUrl."""
    if len(url) > LONGEST_URL:
        raise InvalidUrl(f"A URL has at most {LONGEST_URL} characters.")
    found = _URL.fullmatch(url)
    if found is None:
        raise InvalidUrl(
            "Give an https URL of a host, an optional port, a path and a query: in ASCII, without user, "
            "password or fragment."
        )
    secure = found["scheme"] == "https"
    host = found["host"].lower().strip("[]")
    target = Target(secure, host, int(found["port"] or _default(secure=secure)), _path(found["path"]))
    if rules.loopback and _names_this_machine(target.host):
        return target
    if not secure:
        raise InvalidUrl("Only https is allowed.")
    if target.port not in rules.ports:
        raise InvalidUrl(f"Only the ports {_listed(rules.ports)} are allowed.")
    _check_host(host, bracketed=found["host"].startswith("["))
    return target


def _check_host(host: str, *, bracketed: bool) -> None:
    labels = host.split(".")
    if bracketed or _NUMBER.fullmatch(labels[-1]):  # browsers and libc read such a host as an address
        try:
            purpose = special(host)
        except ValueError:
            raise InvalidUrl("The host looks like an address, but is not written as one.") from None
        if purpose or (":" in host) is not bracketed:
            raise InvalidUrl("The host is not a public address.")
    elif len(labels) == 1 or labels[-1] in _INTERNAL:
        raise InvalidUrl("The host is not a public name.")
    elif len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):  # noqa: PLR2004  RFC 1035
        raise InvalidUrl("The host is not a name as the DNS knows them.")


def _names_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return is_loopback(str(ip_address(host)))
    except ValueError:
        return False


def _path(written: str) -> str:
    return written if written.startswith("/") else f"/{written}"


def _default(*, secure: bool) -> int:
    return 443 if secure else 80


def _listed(ports: frozenset[int]) -> str:
    return " and ".join(map(str, sorted(ports)))
