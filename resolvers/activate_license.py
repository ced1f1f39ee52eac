"""Activating online: an installation shows the activation code and takes a file that is bound to its name.

The code is the credential, whoever sends it; a client that signs in besides reaches its own licences only.
"""

from dataclasses import dataclass, replace

from commerce.access import Scope
from commerce.activation_codes import normalised
from commerce.activations import LONGEST_INSTANCE_NAME, Activation, SeatCounts, seat_counts
from commerce.audit import Acting
from commerce.events import EventType
from commerce.ids import Prefix
from commerce.license_files import Bound
from commerce.license_policy import LicenseAction
from commerce.licenses import License, LicenseState, current, state_of
from commerce.orders import Actor
from commerce.problems import RACED, Problem, ProblemCode
from commerce.request_problems import MOST_SEATS, key_problems, text_problems
from datasources.errors import Conflict
from datasources.identifiers import new_id
from datasources.postgres import audit
from datasources.postgres.activation_codes import Holder
from datasources.postgres.database import Transaction
from resolvers.context import Context
from resolvers.held_licenses import Keyed, claim, reused
from resolvers.issuing_licenses import tell

MUTATION = "activateLicense"
BEARER = "activation code"
"""Who acts, for the audit log, where nobody signed in."""

_NO_CODE = Problem(
    ProblemCode.ACTIVATION_CODE_NOT_FOUND, "This code activates nothing.", ("input", "activationCode")
)


@dataclass(frozen=True, slots=True)
class ActivationRequest:
    """What an installation asks for; without `seats`, all that are available."""

    idempotency_key: str
    activation_code: str
    instance_name: str
    seats: int | None = None

    def keyed(self) -> Keyed:
        asked = {
            "code": normalised(self.activation_code),
            "instance": self.instance_name,
            "seats": self.seats,
        }
        return Keyed(MUTATION, self.idempotency_key, asked)


@dataclass(frozen=True, slots=True)
class Activated:
    """The activation with its file and the counters of seats, or what stood against it."""

    activation: Activation | None = None
    seat_counts: SeatCounts | None = None
    problems: tuple[Problem, ...] = ()
    replayed: bool = False

    @property
    def file(self) -> str | None:
        return self.activation.file if self.activation else None


async def activate_license(context: Context, request: ActivationRequest) -> Activated:
    """Bind a file of the current licence to an installation, or renew the one it has."""
    if problems := _problems(request):
        return Activated(problems=problems)
    code = normalised(request.activation_code) or ""
    async with context.sources.database.system() as transaction:
        holder = await context.sources.activation_codes.holder_of(transaction, code)
    if holder is None or not _reaches(context, holder):
        return Activated(problems=(_NO_CODE,))
    scope = Scope(holder.partner_id, holder.environment)
    try:
        async with context.sources.database.tenant(scope) as transaction:
            await context.sources.subscriptions.locked(transaction, holder.subscription_id)
            if await context.sources.activation_codes.holder_of(transaction, code) != holder:
                return Activated(problems=(_NO_CODE,))  # it was replaced since
            return await _activated(context, transaction, holder, request)
    except Conflict:
        return Activated(problems=(RACED,))


def _problems(request: ActivationRequest) -> tuple[Problem, ...]:
    problems = [
        *key_problems(request.idempotency_key),
        *text_problems(request.instance_name, ("input", "instanceName"), LONGEST_INSTANCE_NAME),
    ]
    if normalised(request.activation_code) is None:
        problems.append(_NO_CODE)
    if request.seats is not None and not 1 <= request.seats <= MOST_SEATS:
        message = f"Seats are between 1 and {MOST_SEATS}."
        problems.append(Problem(ProblemCode.INVALID_QUANTITY, message, ("input", "seats")))
    return tuple(problems)


def _reaches(context: Context, holder: Holder) -> bool:
    """Whether the viewer, if there is one, may know of this code."""
    viewer = context.viewer
    if viewer is None:
        return True
    return viewer.environment is holder.environment and viewer.partner_id in {None, holder.partner_id}


async def _activated(
    context: Context, transaction: Transaction, holder: Holder, request: ActivationRequest
) -> Activated:
    sources, keyed = context.sources, request.keyed()
    held = await sources.activations.held(transaction, holder.subscription_id)
    licenses = await sources.licenses.current_of(transaction, holder.subscription_id)
    used = await sources.idempotency.used_in(transaction, keyed.mutation, keyed.key)
    if used:
        return _replayed(held, licenses, f"{Prefix.ACTIVATION}_{used.resource_id}", used.fingerprint, keyed)
    today = context.now.date()
    license_ = current([one for one in licenses if one.state is not LicenseState.SUSPENDED], today)
    if license_ is None or state_of(license_, today) is not LicenseState.ACTIVE:
        message = "The licence of this code is suspended, or its term has not begun or is over."
        path = ("input", "activationCode")
        return Activated(problems=(Problem(ProblemCode.LICENSE_NOT_CURRENT, message, path),))
    own = next((one for one in held if one.instance_name == request.instance_name), None)
    others = [one for one in held if one is not own]
    available = seat_counts(license_.seats, others).available
    seats = request.seats or available
    if not 1 <= seats <= available:
        message = f"{available} of {license_.seats} seats are available."
        problem = Problem(ProblemCode.NO_SEATS_AVAILABLE, message, ("input", "seats"))
        return Activated(seat_counts=seat_counts(license_.seats, held), problems=(problem,))
    bound = Bound(request.instance_name, seats, context.now)
    made = _activation(license_, own, bound, sources.license_keys.bind(license_, bound))
    await claim(context, transaction, keyed, made.id)
    await sources.activations.keep(transaction, made)
    await _write_down(context, transaction, license_, seats)
    return Activated(made, seat_counts(license_.seats, [*others, made]))


def _activation(license_: License, own: Activation | None, bound: Bound, file: str) -> Activation:
    if own:
        return replace(own, license_id=license_.id, seats=bound.seats, file=file, renewed_at=bound.issued_at)
    return Activation(
        id=new_id(Prefix.ACTIVATION),
        partner_id=license_.partner_id,
        environment=license_.environment,
        subscription_id=license_.subscription_id,
        license_id=license_.id,
        instance_name=bound.instance,
        seats=bound.seats,
        activated_at=bound.issued_at,
        renewed_at=bound.issued_at,
        file=file,
    )


def _replayed(
    held: list[Activation], licenses: list[License], made: str, fingerprint: bytes, keyed: Keyed
) -> Activated:
    """What this key made: the activation as it now is, nothing where it has ended since."""
    if fingerprint != keyed.fingerprint():
        return Activated(problems=(reused(made),))
    purchased = licenses[-1].seats if licenses else 0
    found = next((one for one in held if one.id == made), None)
    return Activated(found, seat_counts(purchased, held), replayed=True)


async def _write_down(context: Context, transaction: Transaction, license_: License, seats: int) -> None:
    sources, now = context.sources, context.now
    acting = context.acting if context.viewer else _bearer(context, license_)
    await sources.licenses.retrieved(transaction, license_.id, by=acting.client, at=now)
    await audit.record(
        transaction,
        acting,
        LicenseAction.ACTIVATE,
        subject_id=license_.id,
        partner_id=license_.partner_id,
        details={"seats": seats},
    )
    await tell(transaction, now, [(EventType.LICENSE_ACTIVATED, license_)])


def _bearer(context: Context, license_: License) -> Acting:
    return Acting(
        actor=Actor.SYSTEM,
        client=BEARER,
        environment=license_.environment,
        at=context.now,
        address=context.address,
        request_id=context.request_id or None,
    )
