"""`portico token`: a signed bearer token for a partner or a member of staff."""

from typing import Annotated, Literal

from cyclopts import Parameter

from cli.terminal import Refusal, load_settings, out


def token(
    *,
    partner: Annotated[str | None, Parameter(help="A partner's id, par_…")] = None,
    role: Annotated[str | None, Parameter(help="rep, compliance, partner_ops, operator or dashboard")] = None,
    environment: Literal["production", "sandbox"] = "production",
) -> None:
    """Print a bearer token for a partner, or for a staff role."""
    from datasources.tokens import mint

    if (partner is None) == (role is None):
        raise Refusal(
            "Name either --partner par_… or --role rep. `./portico serve` prints the partners it knows."
        )
    settings = load_settings()
    out.print(mint(settings, partner=partner, role=role, environment=environment), markup=False)
