"""What is sent to do something to a licence."""

import strawberry

from commerce.deliveries import Recipient

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
