"""Making and ending what partners' clients sign in with. A secret is shown once, to who makes it."""

import os
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from commerce import credentials
from commerce.access import Environment, Permission, Scope
from commerce.api_clients import ApiClient, ClientKey, ClientSecret
from commerce.audit import Acting
from commerce.ids import Prefix
from datasources.identifiers import new_id
from datasources.identity.signatures import PublicKey
from datasources.postgres import audit
from datasources.postgres.api_clients import ApiClients
from datasources.postgres.database import Database, Transaction


class Store(Protocol):
    """What of all sources this takes."""

    @property
    def database(self) -> Database: ...

    @property
    def api_clients(self) -> ApiClients: ...


@dataclass(frozen=True, slots=True, repr=False)
class NewSecret:
    """A secret with its text, which is nowhere else. It has no repr, so that no log can carry it."""

    record: ClientSecret
    text: str


async def create_client(
    sources: Store,
    acting: Acting,
    *,
    partner_id: str,
    environment: Environment,
    name: str,
    permissions: Collection[Permission] = tuple(Permission),
    claim: Callable[[Transaction, ApiClient], Awaitable[None]] | None = None,
) -> tuple[ApiClient, NewSecret]:
    """A new client of a partner, with its first secret; `claim` takes a key for it in the transaction."""
    client = ApiClient(
        new_id(Prefix.CLIENT), partner_id, environment, name, tuple(sorted(permissions)), acting.at
    )
    secret = _secret_of(client, acting)
    async with sources.database.tenant(Scope(partner_id, environment)) as transaction:
        if claim:
            await claim(transaction, client)
        await sources.api_clients.add(transaction, client)
        await sources.api_clients.add_secret(
            transaction, client, secret.record, credentials.digest(secret.text)
        )
        for action, subject in (("client.created", client.id), ("client_secret.created", secret.record.id)):
            await audit.record(transaction, acting, action, subject_id=subject, partner_id=partner_id)
    return client, secret


async def add_secret(sources: Store, acting: Acting, client: ApiClient) -> NewSecret:
    """Another secret of a client. Raises TooManySecrets; Conflict where a rival took the last place."""
    secret = _secret_of(client, acting)
    async with sources.database.tenant(Scope(client.partner_id, client.environment)) as transaction:
        await sources.api_clients.add_secret(
            transaction, client, secret.record, credentials.digest(secret.text)
        )
        await audit.record(
            transaction,
            acting,
            "client_secret.created",
            subject_id=secret.record.id,
            partner_id=client.partner_id,
            details={"client": client.id},
        )
    return secret


async def add_key(sources: Store, acting: Acting, client: ApiClient, jwk: Mapping[str, Any]) -> ClientKey:
    """A public key for a client's assertions. Raises InvalidKey; Conflict where its kid is in use."""
    kid = PublicKey.of(jwk).kid or new_id(Prefix.CLIENT_KEY)
    key = ClientKey(new_id(Prefix.CLIENT_KEY), client.id, kid, {**jwk, "kid": kid}, acting.at)
    async with sources.database.tenant(Scope(client.partner_id, client.environment)) as transaction:
        await sources.api_clients.add_key(transaction, client, key)
        await audit.record(
            transaction,
            acting,
            "client_key.created",
            subject_id=key.id,
            partner_id=client.partner_id,
            details={"client": client.id, "kid": kid},
        )
    return key


async def revoke(sources: Store, acting: Acting, scope: Scope, credential_id: str) -> bool:
    """Revoke a client, secret or key; whether there was a live one. Its tokens end within ten seconds."""
    async with sources.database.tenant(scope) as transaction:
        revoked = await sources.api_clients.revoke(transaction, credential_id, acting.at)
        if revoked:
            action = _REVOKED[Prefix(credential_id.partition("_")[0])]
            await audit.record(
                transaction, acting, action, subject_id=credential_id, partner_id=scope.partner_id
            )
    return revoked


_REVOKED = {
    Prefix.CLIENT: "client.revoked",
    Prefix.CLIENT_SECRET: "client_secret.revoked",
    Prefix.CLIENT_KEY: "client_key.revoked",
}


def _secret_of(client: ApiClient, acting: Acting) -> NewSecret:
    text = credentials.secret_of(os.urandom(credentials.RANDOM_BYTES))
    secret_id = new_id(Prefix.CLIENT_SECRET)
    return NewSecret(ClientSecret(secret_id, client.id, credentials.hint(text), acting.at), text)
