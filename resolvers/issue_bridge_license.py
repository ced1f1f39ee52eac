"""A bridge licence: the seats already held, while a renewal is on hold or late."""

from commerce.access import Scope
from commerce.bridges import Bridging, bridge_of, refusal
from commerce.deliveries import DeliveryReason
from commerce.ids import Prefix, names
from commerce.license_policy import LicenseAction
from commerce.licenses import LicenseState
from commerce.partners import Partner
from commerce.problems import Problem, ProblemCode
from commerce.request_problems import key_problems
from commerce.subscriptions import Subscription
from datasources.identifiers import new_id
from datasources.postgres import audit
from datasources.postgres.bridges import newest_renewal
from datasources.postgres.database import Transaction
from resolvers.context import Context
from resolvers.held_licenses import Keyed, LicenseChange, answering_races, claim, reused
from resolvers.issuing_licenses import Issue, issue_next, tell

MUTATION = "issueBridgeLicense"
_PATH = ("input", "subscriptionId")
_NOT_FOUND = Problem(ProblemCode.SUBSCRIPTION_NOT_FOUND, "There is no such subscription.", _PATH)


@answering_races
async def issue_bridge_license(
    context: Context, *, subscription_id: str, idempotency_key: str
) -> LicenseChange:
    """Issue a bridge, or find the one this key issued. Raises Refused for the anonymous."""
    if problems := tuple(key_problems(idempotency_key)):
        return LicenseChange(None, problems)
    keyed = Keyed(MUTATION, idempotency_key, {"subscription": subscription_id})
    viewer, sources = context.signed_in(), context.sources
    known = names(Prefix.SUBSCRIPTION, subscription_id)
    found = await sources.subscriptions.by_id(viewer.scope, [subscription_id]) if known else {}
    if subscription_id not in found:
        return LicenseChange(None, (_NOT_FOUND,))
    seen = found[subscription_id]
    scope = Scope(seen.partner_id, seen.environment)
    partners = await sources.partners.by_id(scope, [seen.partner_id])
    async with sources.database.tenant(scope) as transaction:
        held = await sources.subscriptions.locked(transaction, subscription_id)
        assert held is not None  # noqa: S101  subscriptions are never deleted
        if earlier := await _earlier(context, transaction, keyed):
            return earlier
        answer = await _bridged(context, transaction, held, partners[seen.partner_id], keyed)
    sources.work.set()
    return answer


async def _earlier(context: Context, transaction: Transaction, keyed: Keyed) -> LicenseChange | None:
    used = await context.sources.idempotency.used_in(transaction, keyed.mutation, keyed.key)
    if used is None:
        return None
    license_id = f"{Prefix.LICENSE}_{used.resource_id}"
    if used.fingerprint != keyed.fingerprint():
        return LicenseChange(None, (reused(license_id),))
    return LicenseChange(await context.sources.licenses.locked(transaction, license_id), replayed=True)


async def _bridged(
    context: Context, transaction: Transaction, held: Subscription, partner: Partner, keyed: Keyed
) -> LicenseChange:
    sources, now = context.sources, context.now
    licenses = await sources.licenses.all_of(transaction, held.id)
    bridging = Bridging(held, tuple(licenses), await newest_renewal(transaction, held.id))
    if sentence := refusal(bridging, now.date()):
        return LicenseChange(None, (Problem(ProblemCode.BRIDGE_NOT_ALLOWED, sentence, _PATH),))
    fresh = bridge_of(bridging, new_id=new_id, now=now)
    await claim(context, transaction, keyed, fresh.id)
    begins = fresh.state is LicenseState.ACTIVE
    older = await sources.licenses.current_of(transaction, held.id) if begins else []
    issue = Issue(DeliveryReason.ISSUED, context.signed_in().subject, now)
    issued = await issue_next(sources, transaction, fresh, partner, issue, older=older)
    await audit.record(
        transaction,
        context.acting,
        LicenseAction.ISSUE_BRIDGE,
        subject_id=issued.license.id,
        partner_id=held.partner_id,
        details={"expiresOn": fresh.expires_on},
    )
    await tell(transaction, now, issued.told)
    return LicenseChange(issued.license)
