"""What a request carries: who is asking, when, and the sources to answer from."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from commerce.access import Access, Permission, Scope, Viewer, may
from commerce.audit import Acting
from commerce.orders import Actor
from commerce.rate_limits import Bucket
from datasources.sources import Sources


class Refused(Exception):
    """The viewer may not ask this. `code` is UNAUTHENTICATED or FORBIDDEN."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class InvalidArgument(Exception):
    """An argument that cannot be served, though its type is right."""


@dataclass(slots=True)
class Context:
    """One request. `loaders` belongs to the engine; `allowance` is what the client has left, and the cost."""

    sources: Sources
    viewer: Viewer | None
    now: datetime
    request_id: str = ""
    address: str | None = None
    allowance: tuple[Bucket, int] | None = None
    still_admitted: Callable[[], object] | None = field(default=None, repr=False)
    """Raises where who opened a stream may no longer have it; it is asked before each event."""
    loaders: dict[Hashable, Any] = field(default_factory=dict)

    def signed_in(self) -> Viewer:
        """The viewer. Raises Refused for the anonymous."""
        if self.viewer is None:
            raise Refused("UNAUTHENTICATED", "Sign in: send a bearer token in the Authorization header.")
        return self.viewer

    def allowed(self, permission: Permission) -> Viewer:
        """The viewer, who holds the permission. Raises Refused."""
        viewer = self.signed_in()
        if not may(viewer, permission):
            raise Refused("FORBIDDEN", f"This needs the scope {permission.value}.")
        return viewer

    def admits(self, access: Access) -> bool:
        """Whether the viewer may have a field; false where others are to get null. Raises Refused."""
        if access.allows(self.viewer):
            return True
        if access.else_null:
            return False
        raise Refused("FORBIDDEN", access.needed(self.signed_in()))

    @property
    def acting(self) -> Acting:
        """Who acts, as the audit log keeps it. Raises Refused for the anonymous."""
        viewer = self.signed_in()
        return Acting(
            actor=Actor.STAFF if viewer.is_staff else Actor.PARTNER,
            client=viewer.subject,
            environment=viewer.environment,
            at=self.now,
            partner_id=viewer.partner_id,
            role=viewer.role,
            address=self.address,
            request_id=self.request_id or None,
        )

    @property
    def scope(self) -> Scope:
        """The rows this viewer may reach. Raises Refused for the anonymous."""
        return self.signed_in().scope
