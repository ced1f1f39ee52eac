"""Bearer tokens: access tokens of our own for partners (RFC 9068), and those of the staff's issuer.

A token is verified once and remembered until it expires: after that it costs a look into a dictionary. What
was revoked meanwhile is asked of the database every few seconds, for all tokens at once
(`jobs/keep_identity_fresh.py`).
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from commerce.access import Environment, Permission, Role, Viewer
from commerce.api_clients import ApiClient
from commerce.oauth import ACCESS_TOKEN_SECONDS, joined
from datasources.identity.issuer_keys import IssuerKeys
from datasources.identity.signatures import InvalidSignature, unverified
from datasources.identity.signing_keys import SigningKeys
from datasources.identity.staff import CompanyIssuer, LocalIssuer, StaffIssuer, UnknownKey
from datasources.settings import Settings

__all__ = ["InvalidToken", "Tokens", "UnknownKey", "mint"]

DEVELOPMENT = "urn:portico:development"
"""Issuer and audience of tokens that `./portico token` makes: whoever can read the keys can make one."""
DEVELOPMENT_LIFETIME = timedelta(hours=12)
REMEMBERED = 4_096
"""Verified tokens kept: one signature check costs more than a look-up of an order."""
SKEW_SECONDS = 30
"""How far another issuer's clock may be ahead of ours."""


ROLES = {f"portico-{role.lower().replace('_', '-')}": role for role in Role}
"""What the staff's issuer calls our roles where the settings do not say."""


class InvalidToken(Exception):
    """The token is not one that we take, or its time is over. Says nothing of what was in it."""


@dataclass(frozen=True, slots=True)
class _Verified:
    """Who bears a token, until when (seconds since 1970), and the ids whose revocation ends it."""

    viewer: Viewer
    expires: float
    ends_with: frozenset[str]


class Tokens:
    """Issues access tokens to partners' clients, and says who bears a token."""

    def __init__(self, keys: SigningKeys, staff: StaffIssuer, *, issuer: str) -> None:
        self.issuer = issuer
        self.audience = f"{issuer}/graphql"
        self.staff = staff
        self.revoked: Collection[str] = frozenset()
        self._keys = keys
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()

    @classmethod
    def open(cls, settings: Settings) -> "Tokens":
        """By the settings; keys are made under the home directory where the settings name no secret."""
        return cls(
            _signing_keys(settings, "token-signing"), _staff_issuer(settings), issuer=settings.base_url
        )

    def public_key_set(self) -> dict[str, Any]:
        """The document of `/.well-known/jwks.json`."""
        return self._keys.public_key_set()

    def issue(
        self, client: ApiClient, permissions: Collection[Permission], credential_id: str, now: datetime
    ) -> str:
        """An access token for a client that proved itself by a credential: it ends with either of them."""
        claims = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": client.id,
            "client_id": client.id,
            "credential": credential_id,
        }
        lifetime = timedelta(seconds=ACCESS_TOKEN_SECONDS)
        return self._keys.sign(claims | _times(now, lifetime) | _of_partner(client, permissions))

    def mint(self, viewer: Viewer, lifetime: timedelta = DEVELOPMENT_LIFETIME) -> str:
        """A token for development, made without anybody's credentials.

        Raises LookupError for staff where the company's issuer makes their tokens.
        """
        times = _times(datetime.now(UTC), lifetime)
        environment = viewer.environment.value
        if viewer.role is not None:
            if not isinstance(self.staff, LocalIssuer):
                raise LookupError(f"tokens of staff are made by {self.staff.name}")
            return self.staff.sign(
                times | {"sub": viewer.subject, "environment": environment, "role": viewer.role.value}
            )
        claims = {"iss": DEVELOPMENT, "aud": DEVELOPMENT, "sub": viewer.subject, "client_id": DEVELOPMENT}
        of_partner = {
            "environment": environment,
            "partner": viewer.partner_id,
            "scope": joined(viewer.permissions),
        }
        return self._keys.sign(claims | times | of_partner)

    def viewer(self, token: str, now: datetime) -> Viewer:
        """Who bears the token. Raises InvalidToken, and UnknownKey where the issuer must be asked first."""
        digest = hashlib.sha256(token.encode()).digest()
        known = self._verified.get(digest)
        if known is None:
            known = self._verified[digest] = self._read(token, now.timestamp())
            if len(self._verified) > REMEMBERED:
                self._verified.popitem(last=False)
        if now.timestamp() >= known.expires:
            del self._verified[digest]
            raise InvalidToken("This token has expired.")
        if self.revoked and not known.ends_with.isdisjoint(self.revoked):
            raise InvalidToken("This token was revoked.")
        return known.viewer

    async def look_again(self) -> None:
        """Ask the staff's issuer for its keys, if that was not done a moment ago."""
        if isinstance(self.staff, CompanyIssuer):
            await self.staff.keys.refresh()

    def _read(self, token: str, now: float) -> _Verified:
        try:
            header, claims = unverified(token)
            issuer = str(claims.get("iss", "")).rstrip("/")
            if issuer == self.staff.name:
                header, claims = self.staff.key(header.get("kid")).claims(token)
                viewer = self.staff.viewer(header, claims)
            else:
                key = self._keys.public(header.get("kid"))
                if key is None or issuer not in {self.issuer, DEVELOPMENT}:
                    raise InvalidToken("This token is not valid.")
                header, claims = key.claims(token)
                viewer = self._partner(header, claims)
            _check_times(claims, now)
            ends_with = [claims.get(name) for name in ("client_id", "credential", "partner")]
            return _Verified(viewer, float(claims["exp"]), frozenset(filter(None, ends_with)))
        except (InvalidSignature, ValueError, KeyError, TypeError):
            raise InvalidToken("This token is not valid.") from None

    def _partner(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> Viewer:
        own = claims["iss"] == self.issuer and claims["aud"] == self.audience
        if header.get("typ") != "at+jwt" or not (own or claims["iss"] == claims["aud"] == DEVELOPMENT):
            raise InvalidToken("This is not an access token.")
        return Viewer(
            subject=claims["sub"],
            environment=Environment(claims["environment"]),
            partner_id=claims["partner"],
            permissions=frozenset(Permission(scope) for scope in claims["scope"].split()),
        )


def mint(
    settings: Settings,
    *,
    partner: str | None = None,
    role: str | None = None,
    environment: str = "PRODUCTION",
    subject: str | None = None,
) -> str:
    """A token for development: for a partner (`par_…`, with every permission), or for staff with a role.

    Raises ValueError unless exactly one of the two is named; LookupError for staff where the company's issuer
    makes their tokens.
    """
    if (partner is None) is (role is None):
        raise ValueError("name a partner or a role")
    viewer = Viewer(
        subject=subject or (f"client of {partner}" if partner else f"staff {role}"),
        environment=Environment(environment.upper()),
        partner_id=partner,
        role=Role(role.upper()) if role else None,
        permissions=frozenset(Permission) if partner else frozenset(),
    )
    return Tokens.open(settings).mint(viewer)


def _of_partner(client: ApiClient, permissions: Collection[Permission]) -> dict[str, Any]:
    return {
        "environment": client.environment.value,
        "partner": client.partner_id,
        "scope": joined(permissions),
    }


def _times(now: datetime, lifetime: timedelta) -> dict[str, Any]:
    return {
        "jti": secrets.token_hex(12),
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
    }


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    """Raise InvalidToken unless the token says when it ends, and is not from the future."""
    if isinstance(claims["exp"], bool) or not isinstance(claims["exp"], int | float):
        raise InvalidToken("This token is not valid.")
    for name in ("nbf", "iat"):
        at = claims.get(name)
        if at is not None and float(at) > now + SKEW_SECONDS:
            raise InvalidToken("This token is not valid yet.")


def _signing_keys(settings: Settings, name: str) -> SigningKeys:
    secret, previous = settings.token_secret, settings.token_secret_previous
    return SigningKeys.open(settings.keys, name, secret, previous)


def _staff_issuer(settings: Settings) -> StaffIssuer:
    if settings.staff_issuer is None:
        return LocalIssuer(_signing_keys(settings, "local-staff-issuer"))
    return CompanyIssuer(
        IssuerKeys(settings.staff_issuer),
        audiences={
            settings.staff_audience: Environment.PRODUCTION,
            f"{settings.staff_audience}-sandbox": Environment.SANDBOX,
        },
        claim=settings.staff_roles_claim,
        roles=settings.staff_roles or ROLES,
    )
