"""Members of staff, by tokens of the company's OpenID Connect issuer, or of a local one for a bare start.

A token says who somebody is; a claim of it says in which roles. With the issuer's name in the settings, the
local issuer is not there at all.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from commerce.access import Environment, Role, Viewer
from datasources.identity.issuer_keys import IssuerKeys
from datasources.identity.signatures import InvalidSignature, PublicKey
from datasources.identity.signing_keys import SigningKeys

LOCAL_ISSUER = "urn:portico:local-staff-issuer"
"""What tokens of the local issuer name themselves by, so that nobody takes one for the company's."""
TOKEN_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})


class UnknownKey(Exception):
    """The token names a key that the issuer had not published when it was last asked."""


class StaffIssuer(Protocol):
    """Where tokens of staff come from."""

    @property
    def name(self) -> str: ...

    def key(self, kid: object) -> PublicKey:
        """The key of a token. Raises UnknownKey."""
        ...

    def viewer(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> Viewer:
        """Who a verified token speaks of. Raises InvalidSignature, ValueError, KeyError."""
        ...


class LocalIssuer:
    """Signs and knows its own tokens: for a machine without an issuer, by whoever may read its keys."""

    name = LOCAL_ISSUER

    def __init__(self, keys: SigningKeys) -> None:
        self._keys = keys

    def sign(self, claims: Mapping[str, Any]) -> str:
        return self._keys.sign({**claims, "iss": LOCAL_ISSUER, "aud": LOCAL_ISSUER})

    def key(self, kid: object) -> PublicKey:
        key = self._keys.public(kid)
        if key is None:
            raise InvalidSignature("This token is not valid.")
        return key

    def viewer(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> Viewer:
        if claims.get("aud") != LOCAL_ISSUER or header.get("typ") != "at+jwt":
            raise InvalidSignature("This token is not valid.")
        return Viewer(claims["sub"], Environment(claims["environment"]), role=Role(claims["role"]))


class CompanyIssuer:
    """The company's OpenID Connect issuer.

    `audiences` tells by whom a token was meant to be read, and so in which environment it counts. `roles` are
    ours by the values of the claim; of several that a person has, the first of them counts.
    """

    def __init__(
        self,
        keys: IssuerKeys,
        *,
        audiences: Mapping[str, Environment],
        claim: str,
        roles: Mapping[str, Role],
    ) -> None:
        self.keys = keys
        self._audiences = audiences
        self._claim = claim.split(".")
        self._roles = roles

    @property
    def name(self) -> str:
        return self.keys.issuer

    def key(self, kid: object) -> PublicKey:
        key = self.keys.by_id(kid)
        if key is None:
            raise UnknownKey("The key of this token is not known.")
        return key

    def viewer(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> Viewer:
        if str(header.get("typ", "JWT")).lower() not in TOKEN_TYPES:
            raise InvalidSignature("This is not a token of identity or access.")
        subject = claims["sub"]
        if not isinstance(subject, str) or not subject:
            raise InvalidSignature("This token names nobody.")
        return Viewer(f"staff {subject}", self._environment(claims.get("aud")), role=self._role(claims))

    def _environment(self, audience: object) -> Environment:
        named = audience if isinstance(audience, list) else [audience]
        found = [self._audiences[one] for one in named if isinstance(one, str) and one in self._audiences]
        if len(found) != 1:
            raise InvalidSignature("This token was made for somebody else.")
        return found[0]

    def _role(self, claims: Mapping[str, Any]) -> Role:
        value: Any = claims
        for name in self._claim:
            value = value.get(name) if isinstance(value, dict) else None
        held = value if isinstance(value, list) else [value]
        for name, role in self._roles.items():
            if name in held:
                return role
        raise InvalidSignature("This token has no role here.")
