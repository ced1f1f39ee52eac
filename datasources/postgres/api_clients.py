"""Clients of partners and their credentials.

Who signs in has no scope yet: `registration` and what follows from it find a client by its id alone.
Everything else keeps to the scope of who asks.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    ColumnElement,
    any_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import UUID, insert
from sqlalchemy.types import LargeBinary

from commerce.access import Environment, Permission
from commerce.api_clients import ApiClient, ClientKey, ClientSecret, Registration
from commerce.ids import Prefix
from commerce.partners import PartnerState
from datasources.postgres.database import Database, Role, Transaction
from datasources.postgres.inserts import Insert
from datasources.postgres.records import Part, Records, identifier, member
from datasources.postgres.statements import ScopedStatement, Statement, ids
from datasources.postgres.tables import api_clients, client_keys, client_secrets, partners, used_assertions
from datasources.postgres.tables.columns import MOMENT

CLIENTS = Records(
    ApiClient,
    api_clients,
    id=identifier(Prefix.CLIENT, api_clients.c.id),
    partner_id=identifier(Prefix.PARTNER, api_clients.c.partner_id),
    environment=member(Environment, api_clients.c.environment),
    permissions=Part(
        api_clients.c.permissions, "tuple(map(Permission, {0}))", Permission=Permission, map=map
    ),
)
SECRETS = Records(
    ClientSecret,
    client_secrets,
    id=identifier(Prefix.CLIENT_SECRET, client_secrets.c.id),
    client_id=identifier(Prefix.CLIENT, client_secrets.c.client_id),
)
KEYS = Records(
    ClientKey,
    client_keys,
    id=identifier(Prefix.CLIENT_KEY, client_keys.c.id),
    client_id=identifier(Prefix.CLIENT, client_keys.c.client_id),
)

_ID = bindparam("id", type_=UUID())
_CLIENT = bindparam("client_id", type_=UUID())
_AT = bindparam("revoked_at", type_=MOMENT)

REGISTRATION = Statement(
    select(*CLIENTS.columns, partners.c.state.label("partner_state"))
    .join_from(api_clients, partners, partners.c.id == api_clients.c.partner_id)
    .where(api_clients.c.id == _ID)
)
LIVE_SECRETS = Statement(
    select(client_secrets.c.id, client_secrets.c.digest, client_secrets.c.slot).where(
        client_secrets.c.client_id == _ID, client_secrets.c.revoked_at.is_(None)
    )
)
LIVE_KEYS = Statement(
    select(*KEYS.columns).where(client_keys.c.client_id == _ID, client_keys.c.revoked_at.is_(None))
)
SEEN_LATELY: ColumnElement[timedelta] = literal_column("interval '1 minute'")
"""How exact the time of a credential's last use is: signing in often does not write often."""

SECRET_USED = Statement(
    update(client_secrets)
    .values(last_used_at=func.now())
    .where(
        client_secrets.c.id == _ID,
        client_secrets.c.client_id == _CLIENT,
        or_(
            client_secrets.c.last_used_at.is_(None),
            client_secrets.c.last_used_at < func.now() - SEEN_LATELY,
        ),
    )
)
KEY_USED = Statement(
    update(client_keys)
    .values(last_used_at=func.now())
    .where(
        client_keys.c.id == _ID,
        client_keys.c.client_id == _CLIENT,
        or_(client_keys.c.last_used_at.is_(None), client_keys.c.last_used_at < func.now() - SEEN_LATELY),
    )
)
USE_ASSERTION = Statement(
    insert(used_assertions)
    .values(
        client_id=_CLIENT,
        jti_digest=bindparam("jti_digest", type_=LargeBinary()),
        expires_at=bindparam("expires_at", type_=MOMENT),
    )
    .on_conflict_do_nothing()
    .returning(used_assertions.c.client_id)
)
FORGET_ASSERTIONS = Statement(delete(used_assertions).where(used_assertions.c.expires_at < func.now()))

_lately = func.now() - literal_column("interval '1 hour'")
REVOKED_LATELY = Statement(
    union_all(
        select(literal_column("'cli_'").label("kind"), api_clients.c.id).where(
            api_clients.c.revoked_at > _lately
        ),
        select(literal_column("'sec_'"), client_secrets.c.id).where(client_secrets.c.revoked_at > _lately),
        select(literal_column("'key_'"), client_keys.c.id).where(client_keys.c.revoked_at > _lately),
        select(literal_column("'par_'"), partners.c.id).where(partners.c.state == PartnerState.TERMINATED),
    )
)

OF_PARTNER = ScopedStatement(
    lambda tenant: select(*CLIENTS.columns).where(tenant(api_clients)).order_by(api_clients.c.id)
)
BY_ID = ScopedStatement(
    lambda tenant: select(*CLIENTS.columns).where(tenant(api_clients), api_clients.c.id == any_(ids()))
)
SECRETS_OF = ScopedStatement(
    lambda tenant: (
        select(*SECRETS.columns)
        .where(tenant(client_secrets), client_secrets.c.client_id == any_(ids()))
        .order_by(client_secrets.c.id)
    )
)
KEYS_OF = ScopedStatement(
    lambda tenant: (
        select(*KEYS.columns)
        .where(tenant(client_keys), client_keys.c.client_id == any_(ids()))
        .order_by(client_keys.c.id)
    )
)
TAKEN_SLOTS = ScopedStatement(
    lambda tenant: select(client_secrets.c.slot).where(
        tenant(client_secrets),
        client_secrets.c.client_id == _ID,
        client_secrets.c.revoked_at.is_(None),
    )
)


def _revoking(table: Any, column: Any) -> ScopedStatement:
    return ScopedStatement(
        lambda tenant: (
            update(table)
            .values(revoked_at=_AT)
            .where(tenant(table), column == _ID, table.c.revoked_at.is_(None))
            .returning(table.c.id)
        )
    )


REVOKE_CLIENT = _revoking(api_clients, api_clients.c.id)
REVOKE_SECRET = _revoking(client_secrets, client_secrets.c.id)
REVOKE_KEY = _revoking(client_keys, client_keys.c.id)

INSERT_CLIENT = Insert(api_clients)
INSERT_SECRET = Insert(client_secrets)
INSERT_KEY = Insert(client_keys)


class TooManySecrets(Exception):
    """A client has as many live secrets as it may: revoke one first."""


class ApiClients:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def registration(self, client_id: str) -> Registration | None:
        """A client by its id, whoever asks, with the digests of its live secrets and its live keys."""
        rows = await self._database.fetch_everywhere(REGISTRATION, id=client_id)
        if not rows:
            return None
        secrets = await self._database.fetch_everywhere(LIVE_SECRETS, id=client_id)
        keys = await self._database.fetch_everywhere(LIVE_KEYS, id=client_id)
        return Registration(
            CLIENTS.one(rows[0]),
            PartnerState(rows[0]["partner_state"]),
            {row["digest"]: f"{Prefix.CLIENT_SECRET}_{row['id']}" for row in secrets},
            tuple(KEYS.many(keys)),
        )

    async def used(self, client_id: str, credential_id: str) -> None:
        """Remember that a secret or key was just used, to the minute."""
        statement = SECRET_USED if credential_id.startswith(Prefix.CLIENT_SECRET) else KEY_USED
        await self._database.fetch_everywhere(statement, id=credential_id, client_id=client_id)

    async def use_assertion(self, client_id: str, jti: str, *, expires_at: datetime) -> bool:
        """Whether an assertion is used for the first time; from now on it has been."""
        await self._database.fetch_public(FORGET_ASSERTIONS)
        jti_digest = sha256(jti.encode()).digest()
        rows = await self._database.fetch_public(
            USE_ASSERTION, client_id=client_id, jti_digest=jti_digest, expires_at=expires_at
        )
        return bool(rows)

    async def revoked_lately(self) -> frozenset[str]:
        """Ids of clients, secrets and keys that were revoked in the last hour, and of partners who left."""
        rows = await self._database.fetch_apart(REVOKED_LATELY, role=Role.WORKER)
        return frozenset(row["kind"] + row["id"] for row in rows)

    async def of_partner(self, transaction: Transaction) -> list[ApiClient]:
        """The clients in the transaction's scope, the first first."""
        return CLIENTS.many(await transaction.fetch_scoped(OF_PARTNER))

    async def by_id(self, transaction: Transaction, client_id: str) -> ApiClient | None:
        rows = await transaction.fetch_scoped(BY_ID, ids=[client_id])
        return CLIENTS.one(rows[0]) if rows else None

    async def secrets_of(
        self, transaction: Transaction, client_ids: Sequence[str]
    ) -> Mapping[str, list[ClientSecret]]:
        return _by_client(
            SECRETS.many(await transaction.fetch_scoped(SECRETS_OF, ids=client_ids)), client_ids
        )

    async def keys_of(
        self, transaction: Transaction, client_ids: Sequence[str]
    ) -> Mapping[str, list[ClientKey]]:
        return _by_client(KEYS.many(await transaction.fetch_scoped(KEYS_OF, ids=client_ids)), client_ids)

    async def add(self, transaction: Transaction, client: ApiClient) -> None:
        await transaction.insert(INSERT_CLIENT, [CLIENTS.row(client)])

    async def add_secret(
        self, transaction: Transaction, client: ApiClient, secret: ClientSecret, digest: bytes
    ) -> None:
        """Keep a secret's digest. Raises TooManySecrets; Conflict where a rival took the last slot."""
        rows = await transaction.fetch_scoped(TAKEN_SLOTS, id=client.id)
        free = {1, 2} - {row["slot"] for row in rows}
        if not free:
            raise TooManySecrets
        row = SECRETS.row(secret) | _owner(client) | {"slot": min(free), "digest": digest}
        await transaction.insert(INSERT_SECRET, [row])

    async def add_key(self, transaction: Transaction, client: ApiClient, key: ClientKey) -> None:
        """Keep a public key. Raises Conflict, at the latest with the commit, where its kid is in use."""
        await transaction.insert(INSERT_KEY, [KEYS.row(key) | _owner(client)])

    async def revoke(self, transaction: Transaction, credential_id: str, at: datetime) -> bool:
        """Revoke a client, secret or key by its id; whether there was a live one in scope."""
        statement = _REVOCATIONS[Prefix(credential_id.partition("_")[0])]
        return bool(await transaction.fetch_scoped(statement, id=credential_id, revoked_at=at))


_REVOCATIONS = {
    Prefix.CLIENT: REVOKE_CLIENT,
    Prefix.CLIENT_SECRET: REVOKE_SECRET,
    Prefix.CLIENT_KEY: REVOKE_KEY,
}


def _owner(client: ApiClient) -> dict[str, Any]:
    return {"partner_id": client.partner_id, "environment": client.environment}


def _by_client(found: Sequence[Any], client_ids: Sequence[str]) -> dict[str, list[Any]]:
    below: dict[str, list[Any]] = {one: [] for one in client_ids}
    for each in found:
        below[each.client_id].append(each)
    return below
