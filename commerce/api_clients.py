"""The clients that partners sign in with, and what proves that one is itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commerce.access import Environment, Permission
from commerce.partners import PartnerState


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A secret of a client, without the secret: `hint` tells two apart."""

    id: str
    client_id: str
    hint: str
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A public key that a client signs its assertions for (private_key_jwt), as a JWK."""

    id: str
    client_id: str
    kid: str
    jwk: Mapping[str, Any]
    created_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ApiClient:
    """One integration of a partner, in one environment, with the most its tokens may hold."""

    id: str
    partner_id: str
    environment: Environment
    name: str
    permissions: tuple[Permission, ...]
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """A client with everything that signing in looks at: live secrets by their digests, and live keys."""

    client: ApiClient
    partner_state: PartnerState
    secrets: Mapping[bytes, str]
    """Ids of secrets, by digest."""
    keys: tuple[ClientKey, ...]

    @property
    def may_sign_in(self) -> bool:
        """Not when the client is revoked or its partner has left. A suspended partner still reads."""
        return self.client.revoked_at is None and self.partner_state is not PartnerState.TERMINATED
