"""The rules of the token endpoint: RFC 6749 with client_credentials alone, RFC 7523 for assertions.

Pure: what a form means, which scopes a token gets, and what a client assertion must say.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from commerce.access import Permission

GRANT_TYPE = "client_credentials"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ACCESS_TOKEN_SECONDS = 900
LONGEST_ASSERTION_SECONDS = 300
"""How far ahead an assertion may expire."""
CLOCK_SKEW_SECONDS = 30
LONGEST_JTI = 255


class OAuthErrorCode(StrEnum):
    """`error` of RFC 6749, 5.2; the last two of RFC 8707 and for those who try too often."""

    INVALID_REQUEST = "invalid_request"
    INVALID_CLIENT = "invalid_client"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    INVALID_SCOPE = "invalid_scope"
    INVALID_TARGET = "invalid_target"
    SLOW_DOWN = "slow_down"


class OAuthError(Exception):
    """The token endpoint says no. The message is for people, and says nothing that was secret."""

    def __init__(self, code: OAuthErrorCode, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, repr=False)
class TokenRequest:
    """A request for a token, checked for form: exactly one of `secret` and `assertion` is there.

    It has no repr, so that no log can carry its secret.
    """

    client_id: str | None
    secret: str | None
    assertion: str | None
    scope: str | None
    resource: str | None


def token_request(form: Mapping[str, str], basic: tuple[str, str] | None) -> TokenRequest:
    """What a form, and perhaps HTTP Basic, ask for. An empty value counts as none. Raises OAuthError."""
    given = {name: value for name, value in form.items() if value}
    secret, assertion = given.get("client_secret"), given.get("client_assertion")
    kind = given.get("client_assertion_type")
    if (kind is None) is not (assertion is None):
        raise _invalid_request("client_assertion and client_assertion_type go together.")
    if sum((basic is not None, secret is not None, assertion is not None)) > 1:
        raise _invalid_request("Authenticate by one method alone.")
    if kind is not None and kind != ASSERTION_TYPE:
        raise OAuthError(OAuthErrorCode.INVALID_CLIENT, "This type of client assertion is not known.")
    client_id = given.get("client_id")
    if basic is not None:
        named, secret = basic
        if client_id not in {None, named}:
            raise _invalid_request("client_id names another client than the Authorization header.")
        client_id = named
    if secret is None and assertion is None:
        raise OAuthError(OAuthErrorCode.INVALID_CLIENT, "Authenticate by a client secret or an assertion.")
    if secret is not None and client_id is None:
        raise OAuthError(OAuthErrorCode.INVALID_CLIENT, "Say which client the secret belongs to.")
    _check_grant(given.get("grant_type"))
    return TokenRequest(client_id, secret, assertion, given.get("scope"), given.get("resource"))


def _check_grant(grant: str | None) -> None:
    if grant is None:
        raise _invalid_request("grant_type is missing.")
    if grant != GRANT_TYPE:
        raise OAuthError(OAuthErrorCode.UNSUPPORTED_GRANT_TYPE, f"The one grant type is {GRANT_TYPE}.")


def granted(asked: str | None, held: Collection[Permission]) -> frozenset[Permission]:
    """The scopes a token gets: those asked for, or all that the client holds. Raises OAuthError."""
    if asked is None:
        return frozenset(held)
    words = asked.split(" ")
    known = {permission.value: permission for permission in held}
    if not all(word in known for word in words):
        # Which of them are wrong is not said: a scope that exists and one that does not answer alike.
        raise OAuthError(OAuthErrorCode.INVALID_SCOPE, "A scope is unknown, misspelt, or not this client's.")
    return frozenset(known[word] for word in words)


def check_assertion(
    claims: Mapping[str, Any], *, client_id: str, audiences: Collection[str], now: float
) -> None:
    """Raise OAuthError unless the claims of a client's own JWT are as RFC 7523 asks, and short-lived.

    `aud` must be one of ours and nothing else beside it: an assertion that another server would take as well
    could have been carried here by it.
    """
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise _invalid_assertion("iss and sub must both be the client's id")
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if len(named) != 1 or named[0] not in audiences:
        raise _invalid_assertion("aud must be this server's issuer or token endpoint, alone")
    expires = _moment(claims, "exp")
    if expires is None or expires <= now - CLOCK_SKEW_SECONDS:
        raise _invalid_assertion("exp is missing or past")
    if expires > now + LONGEST_ASSERTION_SECONDS + CLOCK_SKEW_SECONDS:
        raise _invalid_assertion(f"exp may be {LONGEST_ASSERTION_SECONDS} seconds ahead at most")
    for name in ("iat", "nbf"):
        at = _moment(claims, name)
        if at is not None and at > now + CLOCK_SKEW_SECONDS:
            raise _invalid_assertion(f"{name} is in the future")
    identifier = claims.get("jti")
    if not isinstance(identifier, str) or not 1 <= len(identifier) <= LONGEST_JTI:
        raise _invalid_assertion(f"jti must be a text of up to {LONGEST_JTI} characters")


def _moment(claims: Mapping[str, Any], name: str) -> float | None:
    """A claim that is a time. Raises OAuthError where it is something else."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _invalid_assertion(f"{name} must be a number")
    return float(value)


def joined(permissions: Iterable[Permission]) -> str:
    """Scopes as OAuth writes them, always in one order."""
    return " ".join(sorted(permissions))


def _invalid_request(message: str) -> OAuthError:
    return OAuthError(OAuthErrorCode.INVALID_REQUEST, message)


def _invalid_assertion(message: str) -> OAuthError:
    return OAuthError(OAuthErrorCode.INVALID_CLIENT, f"The client assertion is not valid: {message}.")
