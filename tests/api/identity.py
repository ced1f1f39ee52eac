"""A partner's client as it signs in, and the behind-the-scenes of its credentials."""

import asyncio
import os
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx
from joserfc import jwt

from commerce import credentials
from commerce.access import Environment, Permission, Scope
from commerce.api_clients import ApiClient, ClientKey, ClientSecret
from commerce.ids import Prefix
from commerce.oauth import ASSERTION_TYPE
from datasources.identifiers import new_id
from tests.api.world import Portal, World

GRANT = {"grant_type": "client_credentials"}


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client with one live secret."""

    world: World
    seller: Portal
    record: ApiClient
    secret: str
    secret_id: str
    http: httpx.AsyncClient

    @classmethod
    async def register(
        cls,
        world: World,
        seller: Portal,
        *,
        permissions: tuple[Permission, ...] = tuple(Permission),
        environment: Environment = Environment.PRODUCTION,
    ) -> "Client":
        record = ApiClient(
            new_id(Prefix.CLIENT), seller.id, environment, "Portal", permissions, datetime.now(UTC)
        )
        client = cls(world, seller, record, "", "", world.http)
        async with world.sources.database.tenant(client.scope) as transaction:
            await world.sources.api_clients.add(transaction, record)
        secret = await client.add_secret()
        (kept,) = await client.secrets()
        return replace(client, secret=secret, secret_id=kept.id)

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def partner_id(self) -> str:
        return self.record.partner_id

    @property
    def scope(self) -> Scope:
        return Scope(self.record.partner_id, self.record.environment)

    def portal(self, token: str) -> Portal:
        return replace(self.seller, token=token)

    async def ask(self, *, secret: str | None = None, **fields: str) -> httpx.Response:
        """Ask for a token by secret, in the body."""
        return await self.post(
            GRANT | {"client_id": self.id, "client_secret": secret or self.secret} | fields
        )

    async def post(self, form: dict[str, str], **options: Any) -> httpx.Response:
        return await self.http.post("/oauth/token", data=form, **options)

    async def add_secret(self) -> str:
        secret = credentials.secret_of(os.urandom(credentials.RANDOM_BYTES))
        kept = ClientSecret(
            new_id(Prefix.CLIENT_SECRET), self.id, credentials.hint(secret), datetime.now(UTC)
        )
        async with self.world.sources.database.tenant(self.scope) as transaction:
            await self.world.sources.api_clients.add_secret(
                transaction, self.record, kept, credentials.digest(secret)
            )
        return secret

    async def add_key(self, key: Any, kid: str) -> ClientKey:
        jwk = {**key.as_dict(private=False), "kid": kid}
        kept = ClientKey(new_id(Prefix.CLIENT_KEY), self.id, kid, jwk, datetime.now(UTC))
        async with self.world.sources.database.tenant(self.scope) as transaction:
            await self.world.sources.api_clients.add_key(transaction, self.record, kept)
        return kept

    async def revoke(self, credential_id: str) -> None:
        async with self.world.sources.database.tenant(self.scope) as transaction:
            assert await self.world.sources.api_clients.revoke(transaction, credential_id, datetime.now(UTC))

    async def secrets(self) -> list[ClientSecret]:
        async with self.world.sources.database.tenant(self.scope) as transaction:
            return (await self.world.sources.api_clients.secrets_of(transaction, [self.id]))[self.id]

    async def last_used(self) -> datetime | None:
        (secret,) = await self.secrets()
        return secret.last_used_at

    async def until(self, happened: Callable[[], Awaitable[bool]], *, seconds: float) -> None:
        """Wait for something to happen, and fail where it takes longer."""
        async with asyncio.timeout(seconds):
            while not await happened():
                await asyncio.sleep(0.1)


def claims_of(client: Client, **changes: Any) -> dict[str, Any]:
    """The claims of a client assertion that is right, with changes; None takes one away."""
    now = int(time.time())
    claims = {
        "iss": client.id,
        "sub": client.id,
        "aud": f"{client.world.settings.base_url}/oauth/token",
        "iat": now,
        "exp": now + 60,
        "jti": uuid.uuid4().hex,
    }
    return {name: value for name, value in (claims | changes).items() if value is not None}


def assertion_of(
    client: Client, key: Any, algorithm: str, *, kid: str | None = None, header: Any = None, **changes: Any
) -> str:
    """A client assertion, signed."""
    head = {"alg": algorithm, **({"kid": kid} if kid else {}), **(header or {})}
    return jwt.encode(head, claims_of(client, **changes), key, algorithms=[algorithm])


def form_of(assertion: str) -> dict[str, str]:
    return GRANT | {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
