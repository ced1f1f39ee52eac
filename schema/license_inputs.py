"""What is sent to do something to a licence."""

import strawberry

from commerce.deliveries import Recipient
from resolvers import activate_license, licenses

_KEY = (
    "16 to 255 printable characters of your choice. The same key with the same input does it once, for ever."
)


@strawberry.input(description="A licence whose activation code is to be handed out.")
class RetrieveActivationCodeInput:
    license_id: strawberry.ID = strawberry.field(description="The licence.")


@strawberry.input(description="A licence to send again.")
class ResendLicenseInput:
    license_id: strawberry.ID = strawberry.field(description="The licence.")
    idempotency_key: str = strawberry.field(description=_KEY)
    to: Recipient = strawberry.field(
        default=Recipient.CONTACT, description="The contact, or the partner where its policy allows that."
    )
    new_activation_code: bool = strawberry.field(
        default=False,
        description="Make a new activation code, as one that was handed out cannot be sent again. The "
        "old one opens nothing any more; what it activated goes on.",
    )


@strawberry.input(description="A licence to replace because its file or code got into the wrong hands.")
class RotateLicenseInput:
    license_id: strawberry.ID = strawberry.field(description="The licence.")
    idempotency_key: str = strawberry.field(description=_KEY)


@strawberry.input(description="A licence to revoke for good.")
class RevokeLicenseInput:
    license_id: strawberry.ID = strawberry.field(description="The licence.")
    reason: str = strawberry.field(description="Why, for the audit log; 1 to 200 characters.")


@strawberry.input(description="A licence to suspend, or to reinstate.")
class LicenseReasonInput:
    license_id: strawberry.ID = strawberry.field(description="The licence.")
    reason: str = strawberry.field(description="Why, for the audit log; 1 to 200 characters.")


@strawberry.input(description="Who is to receive a licence.")
class LicenseContactInput:
    name: str = strawberry.field(description="Full name.")
    email: str = strawberry.field(description="E-mail address, at the customer.")


@strawberry.input(description="Another contact for a licence, and for the customer's licences from now on.")
class ChangeLicenseContactInput:
    license_id: strawberry.ID = strawberry.field(description="The licence.")
    idempotency_key: str = strawberry.field(description=_KEY)
    contact: LicenseContactInput = strawberry.field(description="The person who receives it.")
    withdraw_previous: bool = strawberry.field(
        default=False,
        description="Put the file that went out before on the revocation list: it went to a stranger.",
    )


@strawberry.input(description="An installation that wants a file for an activation code.")
class ActivateLicenseInput:
    idempotency_key: str = strawberry.field(description=_KEY)
    activation_code: str = strawberry.field(description="The code, however it is spaced or cased.")
    instance_name: str = strawberry.field(
        description="The installation's name, 1 to 100 characters. The same name again renews its file."
    )
    seats: int | None = strawberry.field(
        default=None, description="How many seats it will use; all that are available when left out."
    )

    def to_request(self) -> activate_license.ActivationRequest:
        return activate_license.ActivationRequest(
            self.idempotency_key, self.activation_code, self.instance_name, self.seats
        )


@strawberry.input(description="An installation that gives its seats back.")
class DeactivateLicenseInput:
    license_id: strawberry.ID = strawberry.field(description="The licence.")
    instance_name: str = strawberry.field(description="The installation's name.")


@strawberry.input(description="A subscription whose renewal is on hold or late.")
class IssueBridgeLicenseInput:
    subscription_id: strawberry.ID = strawberry.field(description="The subscription.")
    idempotency_key: str = strawberry.field(description=_KEY)


@strawberry.input(description="Which licences to list: every part that is given must hold.")
class LicenseFilter:
    customer_id: strawberry.ID | None = strawberry.field(default=None, description="Held by this customer.")
    order_id: strawberry.ID | None = strawberry.field(default=None, description="Issued for this order.")
    subscription_id: strawberry.ID | None = strawberry.field(
        default=None, description="Proving this subscription."
    )
    activation_code: str | None = strawberry.field(
        default=None,
        description="Of this activation code: a whole one, present or replaced, or its last five symbols.",
    )
    email_domain: str | None = strawberry.field(
        default=None, description="Issued to a contact with an e-mail address in this domain."
    )

    def to_search(self) -> licenses.LicenseSearch:
        return licenses.LicenseSearch(
            self.customer_id, self.order_id, self.subscription_id, self.activation_code, self.email_domain
        )
