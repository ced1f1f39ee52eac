"""What a partner's integration signs in with: a client, with a secret that is shown once."""

import hashlib
import json
from dataclasses import dataclass

from commerce.access import Environment, Permission, Scope
from commerce.api_clients import ApiClient
from commerce.ids import Prefix, names
from commerce.problems import RACED, Problem, ProblemCode
from commerce.request_problems import LONGEST_NAME, key_problems, text_problems
from datasources.errors import Conflict
from datasources.postgres.database import Transaction
from resolvers.client_credentials import create_client
from resolvers.context import Context
from resolvers.partner_changes import NO_PARTNER

MUTATION = "createPartnerClient"


@dataclass(frozen=True, slots=True)
class NewClient:
    """What is asked for."""

    idempotency_key: str
    partner_id: str
    environment: Environment
    name: str
    permissions: tuple[Permission, ...]

    def fingerprint(self) -> bytes:
        said = json.dumps([self.name, sorted(self.permissions)])
        return hashlib.sha256(said.encode()).digest()


@dataclass(frozen=True, slots=True, repr=False)
class ClientIssue:
    """A client and its secret, None where an earlier call made it. It has no repr, so that no log has it."""

    client_id: str | None
    secret: str | None = None
    problems: tuple[Problem, ...] = ()
    replayed: bool = False


async def create_partner_client(context: Context, wanted: NewClient) -> ClientIssue:
    """Make a client, or find the one that this key made."""
    problems = [
        *key_problems(wanted.idempotency_key),
        *text_problems(wanted.name, ("input", "name"), LONGEST_NAME),
    ]
    if not await _exists(context, wanted.partner_id):
        problems.append(NO_PARTNER)
    if problems:
        return ClientIssue(None, problems=tuple(problems))
    for _attempt in range(2):
        if earlier := await _earlier(context, wanted):
            return earlier
        try:
            return await _create(context, wanted)
        except Conflict:
            continue
    return ClientIssue(None, problems=(RACED,))


async def _exists(context: Context, partner_id: str) -> bool:
    is_id = names(Prefix.PARTNER, partner_id)
    return is_id and bool(await context.sources.partners.by_id(context.scope, [partner_id]))


async def _earlier(context: Context, wanted: NewClient) -> ClientIssue | None:
    scope = Scope(wanted.partner_id, wanted.environment)
    used = await context.sources.idempotency.use_of(scope, MUTATION, wanted.idempotency_key)
    if used is None:
        return None
    client_id = f"{Prefix.CLIENT}_{used.resource_id}"
    if used.fingerprint == wanted.fingerprint():
        return ClientIssue(client_id, replayed=True)
    message, path = "This key made a client from another input.", ("input", "idempotencyKey")
    code = ProblemCode.IDEMPOTENCY_KEY_REUSED
    return ClientIssue(None, problems=(Problem(code, message, path, resource_id=client_id),))


async def _create(context: Context, wanted: NewClient) -> ClientIssue:
    """Write it. Raises Conflict where a rival with the same key was first."""

    async def claim(transaction: Transaction, client: ApiClient) -> None:
        await context.sources.idempotency.claim(
            transaction,
            MUTATION,
            wanted.idempotency_key,
            fingerprint=wanted.fingerprint(),
            resource_id=client.id,
        )

    client, secret = await create_client(
        context.sources,
        context.acting,
        partner_id=wanted.partner_id,
        environment=wanted.environment,
        name=wanted.name,
        permissions=wanted.permissions,
        claim=claim,
    )
    return ClientIssue(client.id, secret.text)
