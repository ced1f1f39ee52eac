"""What a server must hear of while it runs: credentials that were revoked, and the staff issuer's keys."""

import asyncio
from contextlib import suppress

import structlog

from datasources.errors import SourceUnavailable
from datasources.identity.staff import CompanyIssuer
from datasources.postgres.api_clients import ApiClients
from datasources.tokens import Tokens

REVOCATIONS_SECONDS = 5.0
"""How often revocations are asked for: a token ends at most this long, and a query, after its client."""

_log = structlog.get_logger(__name__)


async def keep_identity_fresh(tokens: Tokens, clients: ApiClients, stop: asyncio.Event) -> None:
    """Look again every few seconds, until told to stop."""
    while not stop.is_set():
        try:
            tokens.revoked = await clients.revoked_lately()
        except SourceUnavailable:
            _log.warning("revocations could not be read; those known stay")
        if isinstance(tokens.staff, CompanyIssuer) and tokens.staff.keys.is_due:
            await tokens.staff.keys.refresh()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), REVOCATIONS_SECONDS)
