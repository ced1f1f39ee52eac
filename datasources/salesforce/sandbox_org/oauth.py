"""`/services/oauth2/token`: client credentials, password and JWT bearer grants."""

import base64
import binascii
import hmac
import time
from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from datasources.salesforce.sandbox_org.calls import Answer
from datasources.salesforce.sandbox_org.ids import ORG_ID
from datasources.salesforce.sandbox_org.org import Credentials, Org

_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def token(org: Org, form: Mapping[str, str], headers: Mapping[str, str], base_url: str) -> Answer:
    """Open a session, or answer with OAuth's `{error, error_description}`."""
    complaint = _complaint(org.credentials, form, headers)
    if complaint is not None:
        error, description = complaint
        return Answer(400, {"error": error, "error_description": description})
    return Answer(
        200,
        {
            "access_token": org.sessions.open(),
            "instance_url": base_url,
            "id": f"{base_url}/id/{ORG_ID}/{org.user_id}",
            "token_type": "Bearer",
            "issued_at": str(time.time_ns() // 1_000_000),
            "scope": "api",
        },
    )


def identity(org: Org, base_url: str) -> dict[str, Any]:
    """What `/id/…` and `/services/oauth2/userinfo` tell about the integration user."""
    return {
        "id": f"{base_url}/id/{ORG_ID}/{org.user_id}",
        "user_id": org.user_id,
        "organization_id": ORG_ID,
        "username": org.credentials.username,
        "display_name": "Portico Integration",
        "urls": {"rest": f"{base_url}/services/data/v{{version}}/"},
    }


def _complaint(
    credentials: Credentials, form: Mapping[str, str], headers: Mapping[str, str]
) -> tuple[str, str] | None:
    grant = form.get("grant_type")
    if grant == _JWT_GRANT:
        return _assertion_complaint(credentials, form.get("assertion", ""))
    if grant not in {"client_credentials", "password"}:
        return "unsupported_grant_type", "grant type not supported"
    client, secret = _basic(headers) or (form.get("client_id", ""), form.get("client_secret", ""))
    if not _same(client, credentials.client_id):
        return "invalid_client_id", "client identifier invalid"
    if not _same(secret, credentials.client_secret):
        return "invalid_client", "invalid client credentials"
    known = _same(form.get("username", ""), credentials.username) and _same(
        form.get("password", ""), credentials.password
    )
    if grant == "password" and not known:
        return "invalid_grant", "authentication failure"
    return None


def _assertion_complaint(credentials: Credentials, assertion: str) -> tuple[str, str] | None:
    if credentials.certificate is None:
        return "invalid_grant", "no certificate is set for this client"
    try:
        claims = jwt.decode(
            assertion, RSAKey.import_key(credentials.certificate), algorithms=["RS256"]
        ).claims
    except (JoseError, ValueError):
        return "invalid_grant", "invalid assertion"
    if float(claims.get("exp", 0)) < time.time():
        return "invalid_grant", "expired authorization code"
    if claims.get("iss") != credentials.client_id or claims.get("sub") != credentials.username:
        return "invalid_grant", "user hasn't approved this consumer"
    return None


def _basic(headers: Mapping[str, str]) -> tuple[str, str] | None:
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client, _, secret = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return client, secret


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())
