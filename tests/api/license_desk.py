"""What tests of licences ask, as a partner's client or a member of staff."""

import secrets
from typing import Any

from tests.api.world import Portal

CHANGE = """
mutation Change($input: %s!) {
  %s(input: $input) {
    license { id state seats licensee { name email } activationCode withdrawal supersededBy }
    problems { code path resourceId }
    replayed
    delivery { recipient email reason status }
  }
}
"""
INPUTS = {
    "suspendLicense": "LicenseReasonInput",
    "reinstateLicense": "LicenseReasonInput",
}
RETRIEVE = """
mutation Retrieve($input: RetrieveActivationCodeInput!) {
  retrieveActivationCode(input: $input) {
    code license { activationCode firstRetrievedAt firstRetrievedBy } problems { code }
  }
}
"""
HELD = """
query Held($id: ID!) {
  node(id: $id) {
    ... on Subscription {
      licenses {
        id state kind seats withdrawal supersededBy activationCode file licensee { name email }
        startsOn expiresOn graceDays
        deliveries { recipient email reason status failure }
      }
    }
  }
}
"""


def key() -> str:
    return f"key-of-a-test-{secrets.token_hex(6)}"


async def change(portal: Portal, mutation: str, **given: Any) -> dict[str, Any]:
    """The payload of a mutation over a licence."""
    kind = INPUTS.get(mutation, f"{mutation[0].upper()}{mutation[1:]}Input")
    return (await portal.ask(CHANGE % (kind, mutation), input=given))[mutation]


async def codes_of(portal: Portal, mutation: str, **given: Any) -> list[str]:
    """The codes of its problems."""
    return [problem["code"] for problem in (await change(portal, mutation, **given))["problems"]]


async def retrieve(portal: Portal, license_id: str) -> dict[str, Any]:
    return (await portal.ask(RETRIEVE, input={"licenseId": license_id}))["retrieveActivationCode"]


async def licenses_of(portal: Portal, subscription_id: str) -> list[dict[str, Any]]:
    """The licences of a subscription, the newest first."""
    return (await portal.ask(HELD, id=subscription_id))["node"]["licenses"]
