"""Partners, and who is asking."""

from datetime import datetime
from typing import Annotated

import strawberry

from commerce import access, certification, partners
from commerce.access import Environment, Role
from commerce.certification import Scenario
from commerce.partners import PartnerKind, PartnerState, Relationship
from execution.batches import Scope
from execution.fields import batched
from execution.views import view
from resolvers import partners as resolvers
from schema.nodes import Node


@view(of=certification.ScenarioResult, description="Whether one scenario of a certification is passed.")
class ScenarioResult:
    scenario: Scenario = strawberry.field(description="What is asked for.")
    passed: bool = strawberry.field(description="Whether it was shown.")
    passed_at: datetime | None = strawberry.field(description="When it was first shown, UTC.")
    reason: str | None = strawberry.field(description="What is missing; null where it is passed.")


@view(
    of=certification.Certification,
    description="What a partner's integration has shown in its sandbox. Passed, it may go live.",
)
class Certification:
    since: datetime = strawberry.field(description="What was done before does not count, UTC.")
    passed: bool = strawberry.field(description="Whether every scenario is passed.")
    results: list[ScenarioResult] = strawberry.field(description="Each scenario.")


@view(of=partners.Partner, description="A distributor, reseller or marketplace that sells to customers.")
class Partner(Node):
    kind: PartnerKind = strawberry.field(description="How it sells.")
    name: str = strawberry.field(description="Its legal name.")
    country: str = strawberry.field(description="ISO 3166-1 alpha-2 code.")
    state: PartnerState = strawberry.field(description="Where it stands between onboarding and the end.")
    created_at: datetime = strawberry.field(description="When it was created, UTC.")
    relationship_to_parent: Relationship | None = strawberry.field(
        name="relationship",
        description="How it stands to the distributor above it; null where there is none.",
    )
    territories: list[str] | None = strawberry.field(
        description="The countries in which it may sell, ISO 3166-1 alpha-2; null for all."
    )
    sku_codes: list[str] | None = strawberry.field(description="The SKUs it may sell; null for all.")
    certification: Certification | None = batched(
        resolvers.certifications_of,
        scope=Scope.VIEWER,
        description="What it has shown in its sandbox; null until that is open, and for others' resellers.",
        cost=5,
    )
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
