"""What the mutations over licences answer."""

import strawberry

from execution.views import view
from resolvers import activate_license, held_licenses, retrieve_activation_code
from schema.licenses import Activation, Delivery, License, SeatCounts
from schema.order_payloads import Problem


@view(of=held_licenses.LicenseChange, description="The licence as it now stands.")
class LicensePayload:
    license: License | None = strawberry.field(
        description="The licence that is current now; null where there is none in scope."
    )
    delivery: Delivery | None = strawberry.field(description="The e-mail that was queued, if one was.")
    problems: list[Problem] = strawberry.field(description="Everything wrong with the request.")
    replayed: bool = strawberry.field(description="True where an earlier call with this key did it.")


@view(of=retrieve_activation_code.RetrievedCode, description="An activation code, handed out once.")
class ActivationCodePayload:
    license: License | None = strawberry.field(description="The licence; null where there is none in scope.")
    code: str | None = strawberry.field(description="The code in full. Keep it: it is not shown again.")
    problems: list[Problem] = strawberry.field(description="Everything wrong with the request.")


@view(of=activate_license.Activated, description="An installation with its file, or what stood against it.")
class ActivationPayload:
    activation: Activation | None = strawberry.field(description="The installation; null when refused.")
    file: str | None = strawberry.field(description="The signed licence file, bound to the installation.")
    seat_counts: SeatCounts | None = strawberry.field(
        description="Seats of the licence afterwards; null where the code is not known."
    )
    problems: list[Problem] = strawberry.field(description="Everything wrong with the request.")
    replayed: bool = strawberry.field(description="True where an earlier call with this key did it.")
