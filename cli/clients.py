"""`portico client`: what a partner's integration signs in with, made and ended by who runs the system."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from cyclopts import App, Parameter

from cli.database import database
from cli.migrate import upgrade
from cli.terminal import Refusal, load_settings, out
from commerce.access import Environment, Permission, Scope
from commerce.api_clients import ApiClient
from commerce.audit import Acting
from commerce.ids import Prefix, names, prefix_of
from commerce.orders import Actor
from datasources.errors import Conflict
from datasources.postgres.api_clients import ApiClients
from datasources.postgres.database import Database, open_database
from datasources.postgres.partners import Partners
from datasources.settings import Settings

T = TypeVar("T")
Where = Literal["production", "sandbox"]


@dataclass(frozen=True, slots=True)
class Stored:
    """What of all sources these commands take."""

    database: Database
    api_clients: ApiClients
    partners: Partners


app = App(name="client", help="Make, list and revoke what partners' clients sign in with.")


@app.command
def create(
    *,
    partner: Annotated[str, Parameter(help="A partner's id, par_…")],
    environment: Where = "production",
    name: Annotated[str, Parameter(help="What people call it.")] = "Integration",
    scope: Annotated[str | None, Parameter(help="Scopes it may have, separated by spaces; else all.")] = None,
) -> None:
    """Make a client with its first secret, which is shown now and never again."""
    from resolvers.client_credentials import create_client

    if not names(Prefix.PARTNER, partner):
        raise Refusal(f"{partner!r} is no partner's id: par_ and 32 hex digits, as ./portico serve prints.")
    permissions = _permissions(scope)

    async def make(stored: Stored) -> None:
        acting = _acting(environment)
        if not await stored.partners.by_id(Scope(None, acting.environment), [partner]):
            raise Refusal(f"There is no partner {partner}.")
        client, secret = await create_client(
            stored,
            acting,
            partner_id=partner,
            environment=acting.environment,
            name=name,
            permissions=permissions,
        )
        out.print(f"client_id      {client.id}\nclient_secret  {secret.text}", markup=False)

    _with_database(make)


@app.command(name="list")
def list_(
    *,
    partner: Annotated[str, Parameter(help="A partner's id, par_…")],
    environment: Where = "production",
) -> None:
    """List the clients of a partner with their credentials, without what is secret of them."""

    async def show(stored: Stored) -> None:
        scope = Scope(partner, Environment(environment.upper()))
        async with stored.database.tenant(scope) as transaction:
            clients = await stored.api_clients.of_partner(transaction)
            ids = [client.id for client in clients]
            secrets = await stored.api_clients.secrets_of(transaction, ids)
            keys = await stored.api_clients.keys_of(transaction, ids)
        for client in clients:
            out.print(f"{client.id}  {client.name}{_ended(client.revoked_at)}", markup=False)
            for secret in secrets[client.id]:
                used = _used(secret.last_used_at)
                out.print(f"  {secret.id}  {secret.hint}{used}{_ended(secret.revoked_at)}", markup=False)
            for key in keys[client.id]:
                used = _used(key.last_used_at)
                out.print(f"  {key.id}  key {key.kid}{used}{_ended(key.revoked_at)}", markup=False)

    _with_database(show)


@app.command
def add_secret(client: str) -> None:
    """Make a second secret for a CLIENT, to replace the first by: both work until one is revoked."""
    from datasources.postgres.api_clients import TooManySecrets
    from resolvers.client_credentials import add_secret as add

    async def make(stored: Stored) -> None:
        found = await _client(stored, client)
        try:
            secret = await add(stored, _acting(found.environment), found)
        except (TooManySecrets, Conflict):
            raise Refusal("It has two live secrets: revoke one of them first.") from None
        out.print(f"client_secret  {secret.text}", markup=False)

    _with_database(make)


@app.command
def add_key(client: str, jwk: Path) -> None:
    """Register a public key for a CLIENT's assertions (private_key_jwt): a file with a JWK."""
    from datasources.identity.signatures import InvalidKey
    from resolvers.client_credentials import add_key as add

    try:
        described = json.loads(jwk.read_text())
    except (ValueError, OSError) as fault:
        raise Refusal(f"{jwk} is no file with a JWK: {fault}") from None

    async def make(stored: Stored) -> None:
        found = await _client(stored, client)
        try:
            key = await add(stored, _acting(found.environment), found, described)
        except (InvalidKey, AttributeError, TypeError) as wrong:
            raise Refusal(f"This is no public key: {wrong}") from None
        except Conflict:
            raise Refusal("The client has a live key of this kid: revoke it first.") from None
        out.print(f"{key.id}  kid {key.kid}", markup=False)

    _with_database(make)


@app.command
def revoke(credential: str, *, client: Annotated[str | None, Parameter(help="Whose it is.")] = None) -> None:
    """Revoke a client (cli_…), or a CREDENTIAL of one (sec_…, key_…). Its tokens end within ten seconds."""
    from resolvers.client_credentials import revoke as end

    kind = prefix_of(credential)
    if kind is not Prefix.CLIENT and (
        client is None or kind not in {Prefix.CLIENT_SECRET, Prefix.CLIENT_KEY}
    ):
        raise Refusal("Name a client, or a secret or key with its --client.")

    async def stop(stored: Stored) -> None:
        found = await _client(stored, client or credential)
        scope = Scope(found.partner_id, found.environment)
        if not await end(stored, _acting(found.environment), scope, credential):
            raise Refusal("There is no such thing that is live.")
        out.print(f"{credential} is revoked", markup=False)

    _with_database(stop)


async def _client(stored: Stored, client_id: str) -> ApiClient:
    found = names(Prefix.CLIENT, client_id) and await stored.api_clients.registration(client_id)
    if not found:
        raise Refusal(f"There is no client {client_id}.")
    return found.client


def _permissions(scope: str | None) -> tuple[Permission, ...]:
    try:
        return tuple(map(Permission, scope.split())) if scope else tuple(Permission)
    except ValueError as unknown:
        raise Refusal(f"{unknown}. Scopes are: {' '.join(Permission)}") from None


def _acting(environment: str) -> Acting:
    return Acting(Actor.SYSTEM, "portico client", Environment(environment.upper()), datetime.now(UTC))


def _used(at: datetime | None) -> str:
    return f", last used {at:%Y-%m-%d %H:%M}" if at else ", never used"


def _ended(at: datetime | None) -> str:
    return f", revoked {at:%Y-%m-%d %H:%M}" if at else ""


def _with_database(work: Callable[[Stored], Awaitable[T]]) -> T:
    async def run(settings: Settings) -> T:
        async with open_database(settings.application_dsn, smallest=1) as opened:
            return await work(Stored(opened, ApiClients(opened), Partners(opened)))

    with database(load_settings()) as settings:
        upgrade(settings)
        return asyncio.run(run(settings))
