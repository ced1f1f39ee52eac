"""Signing a partner's client in: slow down who fails, prove who it is, narrow its scopes, issue a token."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest

from commerce import credentials
from commerce.access import Permission
from commerce.api_clients import ClientKey, Registration
from commerce.ids import Prefix, names
from commerce.oauth import OAuthError, OAuthErrorCode, TokenRequest, check_assertion, granted
from datasources.identity.signatures import InvalidKey, InvalidSignature, PublicKey, unverified
from datasources.postgres.buckets import Buckets
from datasources.sources import Sources
from datasources.tokens import Tokens

TRIES_OF_CLIENT = 10
"""Failures in a row that one address may have with one client; one comes back each half minute."""
TRIES_OF_ADDRESS = 100
"""Failures that one address may have with any clients; one comes back every three seconds."""
_RESTORED = {TRIES_OF_CLIENT: 1 / 30, TRIES_OF_ADDRESS: 1 / 3}


@dataclass(frozen=True, slots=True, repr=False)
class IssuedToken:
    """An access token and what it allows. It has no repr, so that no log can carry it."""

    token: str
    permissions: frozenset[Permission]


async def issue_token(
    sources: Sources, tokens: Tokens, request: TokenRequest, *, address: str, now: datetime
) -> IssuedToken:
    """An access token for a client that proves itself. Raises OAuthError."""
    client_id = request.client_id or _claimed(request)
    tries = _Tries(sources.buckets, {f"sign-in {client_id} {address}": TRIES_OF_CLIENT} if client_id else {})
    tries.limits[f"sign-in {address}"] = TRIES_OF_ADDRESS
    await tries.take()
    registration, credential_id = await _authenticated(sources, tokens, request, client_id, now)
    await tries.give_back()
    if request.resource not in {None, tokens.audience}:
        raise OAuthError(OAuthErrorCode.INVALID_TARGET, f"The one resource here is {tokens.audience}.")
    client = registration.client
    permissions = granted(request.scope, client.permissions)
    await sources.api_clients.used(client.id, credential_id)
    return IssuedToken(tokens.issue(client, permissions, credential_id, now), permissions)


@dataclass(slots=True)
class _Tries:
    """Allowances for failing. A try is taken before the credentials are looked at, so that many at once
    are no way around it, and given back to who proves itself.
    """

    buckets: Buckets
    limits: dict[str, int]

    async def take(self) -> None:
        for key, most in self.limits.items():
            rate = _RESTORED[most]
            draw = await self.buckets.draw(key, capacity=most, restore_rate=rate, needed=1, wanted=1)
            if draw.granted < 1:
                wait = (1 - draw.left) / rate
                message = "Too many attempts have failed. Wait, and see that the credentials are right."
                raise OAuthError(OAuthErrorCode.SLOW_DOWN, message, retry_after=wait)

    async def give_back(self) -> None:
        for key, most in self.limits.items():
            await self.buckets.give_back(key, 1, capacity=most)


async def _authenticated(
    sources: Sources, tokens: Tokens, request: TokenRequest, client_id: str | None, now: datetime
) -> tuple[Registration, str]:
    """The client, and the id of the secret or key it proved itself by. Raises OAuthError."""
    if client_id is None or not names(Prefix.CLIENT, client_id):
        raise _refused()
    if request.secret is not None and not credentials.is_well_formed(request.secret):
        raise _refused()
    registration = await sources.api_clients.registration(client_id)
    if registration is None or not registration.may_sign_in:
        raise _refused()
    if request.secret is not None:
        return registration, _by_secret(registration, request.secret)
    assert request.assertion is not None  # noqa: S101  a request has one of the two
    key, jti, expires = _by_assertion(registration, request.assertion, tokens, now)
    if not await sources.api_clients.use_assertion(client_id, jti, expires_at=expires):
        raise _refused("The client assertion was used before.")
    return registration, key.id


def _by_secret(registration: Registration, secret: str) -> str:
    presented = credentials.digest(secret)
    for kept, secret_id in registration.secrets.items():
        if compare_digest(kept, presented):
            return secret_id
    raise _refused()


def _by_assertion(
    registration: Registration, assertion: str, tokens: Tokens, now: datetime
) -> tuple[ClientKey, str, datetime]:
    """The key that signed an assertion, the assertion's id, and when it ends. Raises OAuthError."""
    try:
        header, _ = unverified(assertion)
        key = _key_of(registration, header.get("kid"))
        header, claims = PublicKey.of(key.jwk).claims(assertion)
    except (InvalidSignature, InvalidKey):
        raise _refused() from None
    if str(header.get("typ", "JWT")).lower() not in {"jwt", "client-authentication+jwt"}:
        raise _refused()
    audiences = {tokens.issuer, f"{tokens.issuer}/oauth/token"}
    check_assertion(claims, client_id=registration.client.id, audiences=audiences, now=now.timestamp())
    return key, claims["jti"], datetime.fromtimestamp(claims["exp"] + 60, UTC)


def _key_of(registration: Registration, kid: object) -> ClientKey:
    """The key an assertion names; without a name the only one. Raises OAuthError."""
    found = [key for key in registration.keys if kid in (None, key.kid)]
    if len(found) != 1:
        raise _refused()
    return found[0]


def _claimed(request: TokenRequest) -> str | None:
    """Whom an assertion says it is from, where the form does not say it."""
    try:
        _, claims = unverified(request.assertion or "")
    except InvalidSignature:
        return None
    issuer = claims.get("iss")
    return issuer if isinstance(issuer, str) else None


def _refused(message: str = "The client is not known, or its credentials are not valid.") -> OAuthError:
    return OAuthError(OAuthErrorCode.INVALID_CLIENT, message)
