"""Another person receives the licence: it is issued again in that name, with a new activation code."""

from dataclasses import dataclass, replace

from commerce.access import Scope, Viewer
from commerce.customers import Contact
from commerce.deliveries import DeliveryReason, may_receive
from commerce.events import EventType
from commerce.ids import Prefix, names
from commerce.license_policy import LicenseAction
from commerce.licenses import License
from commerce.parties import Subject
from commerce.problems import Problem, ProblemCode
from commerce.request_problems import key_problems, person_problems
from commerce.screening import Decision, Outcome
from commerce.subjects import subjects_of
from datasources.identifiers import new_id
from datasources.postgres.screenings import ScreenedFor
from resolvers.context import Context
from resolvers.held_licenses import (
    NO_LICENSE,
    USABLE,
    HeldLicense,
    Keyed,
    LicenseChange,
    answering_races,
    claim,
    held,
    not_current,
    replayed,
    write_down,
)
from resolvers.issuing_licenses import Issue, issue_next, tell
from resolvers.rotate_license import renamed
from resolvers.screening_parties import Screened, screened

MUTATION = "changeLicenseContact"

_NOT_ACCEPTED = Problem(
    ProblemCode.CONTACT_NOT_ACCEPTED,
    "Licences cannot be sent to this contact before our compliance team has looked.",
    ("input", "contact", "name"),
)
_IS_PARTNER = Problem(
    ProblemCode.RECIPIENT_NOT_ALLOWED,
    "Licences go to the customer: give an address that is not yours.",
    ("input", "contact", "email"),
)


@dataclass(frozen=True, slots=True)
class NewContact:
    """Who is to receive the licence. `withdraw_previous`: the file that went out before stops to count."""

    name: str
    email: str
    withdraw_previous: bool = False


@answering_races
async def change_license_contact(
    context: Context, *, license_id: str, idempotency_key: str, given: NewContact
) -> LicenseChange:
    """Issue a licence to another contact, or find what this key issued. Raises Refused."""
    viewer = context.signed_in()
    asked = {"license": license_id, "name": given.name, "email": given.email}
    keyed = Keyed(MUTATION, idempotency_key, asked | {"withdraw": given.withdraw_previous})
    problems = (
        *key_problems(idempotency_key),
        *person_problems(given.name, given.email, ("input", "contact")),
    )
    looked_at = None if problems else await _screened(context, viewer, license_id, given)
    async with held(context, license_id, LicenseAction.CHANGE_CONTACT) as found:
        if found is None:
            return LicenseChange(None, (NO_LICENSE, *problems))
        if looked_at is None:
            return LicenseChange(found.license, problems)
        if earlier := await replayed(context, found, keyed, Prefix.LICENSE):
            return earlier
        if problem := _problem(context, found, given, looked_at.outcome):
            await write_down(context, found, refused=problem.code)
            return LicenseChange(found.license, (problem,))
        issued = await _issued(context, found, given, looked_at, keyed)
    context.sources.work.set()
    return LicenseChange(issued)


@dataclass(frozen=True, slots=True)
class _Screened:
    """The new contact as it would be written, and what screening says of it and its customer."""

    contact: Contact
    subjects: list[Subject]
    screened: Screened

    @property
    def outcome(self) -> Outcome:
        return self.screened.outcome


async def _screened(context: Context, viewer: Viewer, license_id: str, given: NewContact) -> _Screened | None:
    """Screen the customer and the contact before anything is held. None where there is no licence."""
    sources = context.sources
    known = names(Prefix.LICENSE, license_id)
    found = await sources.licenses.by_id(viewer.scope, [license_id]) if known else {}
    license_ = found.get(license_id)
    if license_ is None:
        return None
    scope = Scope(license_.partner_id, license_.environment)
    customer = (await sources.customers.by_id(scope, [license_.customer_id]))[license_.customer_id]
    partner = (await sources.partners.by_id(scope, [license_.partner_id]))[license_.partner_id]
    contact = Contact(
        id=new_id(Prefix.CONTACT),
        partner_id=license_.partner_id,
        environment=license_.environment,
        customer_id=customer.id,
        name=given.name,
        email=given.email,
        receives_licenses=True,
    )
    subjects = subjects_of(customer, [contact], [partner])
    found_out = await screened(sources, scope, subjects, partner.screening_policy, context.now)
    return _Screened(contact, subjects, found_out)


def _problem(context: Context, found: HeldLicense, given: NewContact, outcome: Outcome) -> Problem | None:
    if (state := found.state_at(context)) not in USABLE:
        return not_current(found.license, state)
    if not may_receive(found.partner, given.email):
        return _IS_PARTNER
    return _NOT_ACCEPTED if outcome.decision is not Decision.CLEAR else None


async def _issued(
    context: Context, found: HeldLicense, given: NewContact, looked_at: _Screened, keyed: Keyed
) -> License:
    sources, transaction, now = context.sources, found.transaction, context.now
    fresh = replace(renamed(found.license, now), licensee_name=given.name, licensee_email=given.email)
    await claim(context, transaction, keyed, fresh.id)
    await sources.customers.name_license_contact(transaction, looked_at.contact)
    screened_for = ScreenedFor(fresh.order_id, fresh.partner_id, fresh.environment)
    await sources.screenings.add(
        transaction,
        screened_for,
        looked_at.subjects,
        looked_at.outcome,
        now,
        cleared=looked_at.screened.cleared,
    )
    older = await sources.licenses.current_of(transaction, fresh.subscription_id)
    issue = Issue(DeliveryReason.CONTACT_CHANGED, found.viewer.subject, now, rotated=given.withdraw_previous)
    issued = await issue_next(sources, transaction, fresh, found.partner, issue, older=older, new_code=True)
    await write_down(context, found, issued=issued.license.id, withdraw_previous=given.withdraw_previous)
    changed = (EventType.LICENSE_CONTACT_CHANGED, issued.license)
    await tell(transaction, now, [*issued.told, changed])
    return issued.license
