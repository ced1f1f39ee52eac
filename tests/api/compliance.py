"""Officers at their desks, and the listed parties of the sample lists."""

from dataclasses import dataclass
from typing import Any

from tests.api.world import Portal, World, bare, customer_input

QUEUE = """
query Queue($filter: ScreeningCaseFilter, $first: Int) {
  screeningCases(filter: $filter, first: $first) {
    totalCount
    nodes {
      id state decision workflow partyName partyRole reasons lists hits topScore dueAt isOverdue
      claimedBy firstOfficer note askedFor question closedBy
      party { kind name country address identifiers }
      partner { id }
      orders { id status }
      screening { decision policyVersion listVersions { source sha256 entries } }
      matches { list entryId matchedName score programmes scoreParts { words { screened listed evidence } } }
      clearedHits { id list entryId proposedBy confirmedBy }
      history { kind actor note }
    }
  }
}
"""
CLEAR = """
mutation($input: ClearCasesInput!) {
  clearScreeningCases(input: $input) {
    problems { code path }
    changes { case { id state firstOfficer closedBy } problems { code path } }
  }
}
"""
DENY = """
mutation($input: DenyCaseInput!) {
  denyScreeningCase(input: $input) { case { id state } problems { code path } }
}
"""
ASK = """
mutation($input: AskPartnerInput!) {
  askPartner(input: $input) { case { id state askedFor question } problems { code path } }
}
"""
ONE_CASE = """
mutation($input: CaseInput!) {
  done: %s(input: $input) { case { id state claimedBy dueAt } problems { code path } }
}
"""
CONFIRM = """
mutation($input: ClearanceInput!) {
  done: %s(input: $input) { clearance { id confirmedBy revokedBy } problems { code } }
}
"""
ANSWER = """
mutation($input: AnswerQuestionInput!) {
  answerQuestion(input: $input) {
    order { id status screening { decision } questions { field } }
    problems { code path }
  }
}
"""
FOLLOW = """
query($id: ID!) {
  order(by: {id: $id}) {
    id status statusReason
    screening { decision messages decidedBy }
    questions { field about message askedAt }
    timeline { fromStatus toStatus actor }
    licenses { id }
  }
}
"""

DENIED_NAME = "Zarkova Trading House LLC"
HELD_NAME = "Zarkov Trade House"


@dataclass(frozen=True, slots=True)
class Officer:
    """A compliance officer by name."""

    name: str
    portal: Portal

    async def queue(self, *, first: int = 50, **wanted: Any) -> list[dict[str, Any]]:
        page = (await self.portal.ask(QUEUE, filter=wanted, first=first))["screeningCases"]
        return page["nodes"]

    async def case_of(self, seller: Portal, **wanted: Any) -> dict[str, Any]:
        """The one case of a partner."""
        (case,) = await self.queue(partnerId=seller.id, **wanted)
        return case

    async def clear(self, *case_ids: str, note: str = "Another company.", **more: Any) -> dict[str, Any]:
        given = {"caseIds": list(case_ids), "note": note, **more}
        return (await self.portal.ask(CLEAR, input=given))["clearScreeningCases"]

    async def deny(self, case_id: str, note: str = "The very party.") -> dict[str, Any]:
        return (await self.portal.ask(DENY, input={"caseId": case_id, "note": note}))["denyScreeningCase"]

    async def ask(self, case_id: str, field: str, message: str | None = None) -> dict[str, Any]:
        given = {"caseId": case_id, "field": field, "message": message}
        return (await self.portal.ask(ASK, input=given))["askPartner"]

    async def do(self, what: str, case_id: str) -> dict[str, Any]:
        return (await self.portal.ask(ONE_CASE % what, input={"caseId": case_id}))["done"]

    async def confirm(self, clearance_id: str) -> dict[str, Any]:
        return await self._decide("confirmClearance", clearance_id)

    async def revoke(self, clearance_id: str) -> dict[str, Any]:
        return await self._decide("revokeClearance", clearance_id)

    async def _decide(self, what: str, clearance_id: str) -> dict[str, Any]:
        given = {"clearanceId": clearance_id}
        return (await self.portal.ask(CONFIRM % what, input=given))["done"]


def officer(world: World, name: str) -> Officer:
    return Officer(name, Portal("", name, world.token(role="COMPLIANCE", subject=name), world.http))


async def place_for(seller: Portal, name: str, mark: str, **changes: Any) -> dict[str, Any]:
    """The order placed for a customer of this name."""
    customer = customer_input(f"{mark}-{seller.id[-8:]}", legalName=name, **changes)
    payload = await seller.place(customer={"new": customer})
    assert payload["problems"] == [], payload["problems"]
    return payload["order"]


async def follow(seller: Portal, order: dict[str, Any]) -> dict[str, Any]:
    return (await seller.ask(FOLLOW, id=order["id"]))["order"]


async def answer(seller: Portal, order: dict[str, Any], field: str, **given: Any) -> dict[str, Any]:
    asked = {"orderId": order["id"], "field": field, "answer": given}
    return (await seller.ask(ANSWER, input=asked))["answerQuestion"]


async def use_policy(world: World, seller: Portal, workflow: str) -> None:
    await world.connection.execute(
        "UPDATE partners SET screening_policy = $2 WHERE id = $1", bare(seller.id), workflow
    )
