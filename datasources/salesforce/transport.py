"""The way out: simple-salesforce's requests go through this adapter, which knows address and timeouts.

simple-salesforce 1.12 builds `https://….salesforce.com` addresses itself and gives no timeout to logins or
writes; an adapter mounted on its session is the one place that sees every request.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter

_SALESFORCE = ".salesforce.com"


@dataclass(frozen=True, slots=True)
class SalesforceOrg:
    """An org and how to reach it; timeouts in seconds. `url` is its My Domain, or a sandbox org's address."""

    url: str
    client_id: str
    client_secret: str
    api_version: str = "66.0"
    workers: int = 8
    connect_timeout: float = 3.05
    read_timeout: float = 30.0

    @property
    def domain(self) -> str:
        """What simple-salesforce puts before `.salesforce.com`."""
        host = urlsplit(self.url).hostname or ""
        return host.removesuffix(_SALESFORCE) if host.endswith(_SALESFORCE) else "sandbox-org"

    @property
    def is_elsewhere(self) -> bool:
        """Whether requests must be turned away from salesforce.com."""
        return not (urlsplit(self.url).hostname or "").endswith(_SALESFORCE)

    def open_session(self) -> requests.Session:
        """Return a session for one thread; proxies and netrc of the environment are not trusted."""
        session = requests.Session()
        session.trust_env = False
        session.mount("https://", _OrgAdapter(self))
        return session


class _OrgAdapter(HTTPAdapter):
    def __init__(self, org: SalesforceOrg) -> None:
        super().__init__()
        self._base = urlsplit(org.url) if org.is_elsewhere else None
        self._timeout = (org.connect_timeout, org.read_timeout)

    def send(  # noqa: PLR0917  the signature is requests' own
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        if self._base is not None:
            asked = urlsplit(str(request.url))
            request.url = urlunsplit((self._base.scheme, self._base.netloc, asked.path, asked.query, ""))
        timeout = self._timeout if timeout is None else timeout
        return super().send(request, stream, timeout, verify, cert, proxies)
