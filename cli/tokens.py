"""`portico token`: a signed bearer token for a partner or a member of staff."""

from typing import Annotated, Literal

from cyclopts import Parameter

from cli.terminal import Refusal, load_settings, out
from commerce.ids import Prefix, names

StaffRole = Literal["rep", "compliance", "partner_ops", "operator", "dashboard"]


def token(
    *,
    partner: Annotated[str | None, Parameter(help="A partner's id, par_…")] = None,
    role: Annotated[StaffRole | None, Parameter(help="A staff role.")] = None,
    environment: Literal["production", "sandbox"] = "production",
) -> None:
    """Print a bearer token for a partner, or for a staff role."""
    from datasources.tokens import mint

    if (partner is None) == (role is None):
        raise Refusal(
            "Name either --partner par_… or --role rep. `./portico serve` prints the partners it knows."
        )
    if partner is not None and not names(Prefix.PARTNER, partner):
        raise Refusal(f"{partner!r} is no partner's id: par_ and 32 hex digits, as ./portico serve prints.")
    settings = load_settings()
    out.print(mint(settings, partner=partner, role=role, environment=environment), markup=False)
