"""Partners, and who is asking."""

from datetime import datetime
from typing import Annotated

import strawberry

from commerce import access, partners
from commerce.access import Environment, Role
from commerce.partners import PartnerKind, PartnerState
from execution.batches import Scope
from execution.fields import batched
from execution.views import view
from resolvers import partners as resolvers
from schema.nodes import Node


@view(of=partners.Partner, description="A distributor, reseller or marketplace that sells to customers.")
class Partner(Node):
    kind: PartnerKind = strawberry.field(description="How it sells.")
    name: str = strawberry.field(description="Its legal name.")
    country: str = strawberry.field(description="ISO 3166-1 alpha-2 code.")
    state: PartnerState = strawberry.field(description="Where it stands between onboarding and the end.")
    created_at: datetime = strawberry.field(description="When it was created, UTC.")
    parent: Annotated["Partner", strawberry.lazy("schema.partners")] | None = batched(
        resolvers.parents_of,
        scope=Scope.VIEWER,
        description="The distributor above a reseller; null where there is none in scope.",
    )
    resellers: list[Annotated["Partner", strawberry.lazy("schema.partners")]] = batched(
        resolvers.resellers_of, scope=Scope.VIEWER, description="The resellers under a distributor, by name."
    )


@view(of=access.Viewer, description="Who is asking.")
class Viewer:
    subject: str = strawberry.field(description="The client or member of staff the token was made for.")
    environment: Environment = strawberry.field(description="Whose data this token reaches.")
    role: Role | None = strawberry.field(description="The role of a member of staff; null for a partner.")
    scopes: list[str] = strawberry.field(
        name="permissions", description="The OAuth scopes of a partner's client."
    )
    partner: Partner | None = batched(
        resolvers.partners_of, scope=Scope.VIEWER, description="The partner that is asking; null for staff."
    )
