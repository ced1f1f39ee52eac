"""Who did what, from where."""

from datetime import datetime

import strawberry

from commerce import audit
from commerce.access import Environment, Role
from commerce.moments import in_utc
from commerce.orders import Actor
from execution.batches import Scope
from execution.fields import batched
from execution.views import view
from resolvers import audit as resolvers
from schema.partners import Partner


@view(of=audit.AuditDetail, description="A fact about what was done.")
class AuditDetail:
    name: str = strawberry.field(description="What it is about.")
    value: str = strawberry.field(description="The fact, as text.")


@view(of=audit.AuditEntry, description="One thing that was done. Entries are never changed or deleted.")
class AuditEntry:
    id: strawberry.ID = strawberry.field(description="Opaque and stable.")
    at: datetime = strawberry.field(description="When, UTC.")
    environment: Environment = strawberry.field(description="Where it was done.")
    actor: Actor = strawberry.field(description="Who did it: a partner, staff, or the system by itself.")
    client: str | None = strawberry.field(
        description="The client or member of staff that did it; partners are not told which member of staff."
    )
    role: Role | None = strawberry.field(description="The role in which a member of staff did it.")
    address: str | None = strawberry.field(description="The network address it came from, where known.")
    request_id: str | None = strawberry.field(description="The request, as in the X-Request-Id header.")
    action: str = strawberry.field(description='What was done, such as "order.canceled".')
    subject_id: strawberry.ID | None = strawberry.field(description="The id of what it was done to.")
    details: list[AuditDetail] = strawberry.field(description="What else is known of it, by name.")
    partner: Partner | None = batched(
        resolvers.partners_of, scope=Scope.VIEWER, description="Whose data it touched, where one partner's."
    )


@strawberry.input(description="Which entries to list: every part that is given must hold.")
class AuditFilter:
    action: str | None = strawberry.field(default=None, description="Only this action.")
    subject_id: strawberry.ID | None = strawberry.field(default=None, description="Only what touched this.")
    partner_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only what touched this partner's data."
    )
    actor: Actor | None = strawberry.field(default=None, description="Only what this kind of actor did.")
    since: datetime | None = strawberry.field(default=None, description="Done at or after this time.")
    before: datetime | None = strawberry.field(default=None, description="Done before this time.")

    def to_filter(self) -> audit.AuditFilter:
        return audit.AuditFilter(
            action=self.action,
            subject_id=self.subject_id,
            partner_id=self.partner_id,
            actor=self.actor,
            since=self.since and in_utc(self.since),
            before=self.before and in_utc(self.before),
        )
