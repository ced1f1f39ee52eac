"""Whether a subscription renews by itself at the end of its term."""

from dataclasses import dataclass

from commerce.events import EventType, subscription_snapshot
from commerce.ids import Prefix, names
from commerce.problems import Problem, ProblemCode
from commerce.subscriptions import Subscription
from datasources.postgres import audit, events
from resolvers.context import Context


@dataclass(frozen=True, slots=True)
class SubscriptionChange:
    """The subscription as it now stands, or what kept it from changing."""

    subscription: Subscription | None
    problems: tuple[Problem, ...] = ()


_NOT_FOUND = Problem(
    ProblemCode.SUBSCRIPTION_NOT_FOUND, "There is no such subscription.", ("input", "subscriptionId")
)


async def set_auto_renew(context: Context, *, subscription_id: str, auto_renew: bool) -> SubscriptionChange:
    """Switch automatic renewal on or off. Raises Refused."""
    scope = context.scope
    if not names(Prefix.SUBSCRIPTION, subscription_id):
        return SubscriptionChange(None, (_NOT_FOUND,))
    source, details = context.sources.subscriptions, {"autoRenew": auto_renew}
    async with context.sources.database.tenant(scope) as transaction:
        changed = await source.set_auto_renew(transaction, subscription_id, auto_renew=auto_renew)
        if changed:
            action = "subscription.auto_renew_set"
            await audit.record(
                transaction, context.acting, action, subject_id=subscription_id, details=details
            )
            await events.record(
                transaction,
                partner_id=changed.partner_id,
                environment=changed.environment,
                at=context.now,
                happened={EventType.SUBSCRIPTION_AUTO_RENEW_CHANGED: subscription_snapshot(changed)},
            )
            return SubscriptionChange(changed)
    found = (await source.by_id(scope, [subscription_id])).get(subscription_id)
    return SubscriptionChange(found, () if found else (_NOT_FOUND,))
