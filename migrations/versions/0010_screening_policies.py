"""Screening policies as rows, with the first version of each; a change is a row under the next number."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from json import dumps
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

REVIEWED = (
    "A routine compliance review is in progress. No action is needed from you; we will update the order."
)
BLOCKING = ("OFAC_SDN", "UN_SC", "EU_FSF", "UK_OFSI", "BIS_DPL")
SECTORAL = ("OFAC_SSI", "OFAC_CMIC", "OFAC_CAPTA", "OFAC_MBS", "OFAC_PLC", "OFAC_CONSOLIDATED")
RULES: dict[str, Any] = {
    "version": 1,
    "review_person_at": 0.55,
    "review_organisation_at": 0.60,
    "deny_at": 0.92,
    "keep_at": 0.50,
    "keep_matches": 20,
    "consequences": {
        **dict.fromkeys(BLOCKING, "BLOCK"),
        **dict.fromkeys(("BIS_ENTITY", "BIS_MILITARY_END_USER"), "LICENSE_REQUIRED"),
        "BIS_UNVERIFIED": "RED_FLAG",
        **dict.fromkeys(("STATE_ISN", "STATE_DEBARRED", "OFAC_FSE"), "REVIEW"),
        **dict.fromkeys(SECTORAL, "SECTORAL"),
    },
    "required_lists": ["OFAC_SDN"],
    "embargoed": ["CU", "IR", "KP", "UA-09", "UA-14", "UA-40", "UA-43"],
    "country_required_of": ["CUSTOMER", "END_USER", "SHIP_TO"],
    "max_list_age": 36 * 3600.0,
    "hold_blocks": ["ADD_SEATS", "NEW", "SWITCH"],
    "review_within": 4 * 3600.0,
    "cleared_for": 365 * 86400.0,
    "asks": {},
    "partner_words": {
        "LISTED_PARTY": "We are unable to process this order.",
        "LISTED_IDENTIFIER": "We are unable to process this order.",
        "EMBARGOED_TERRITORY": "We are unable to supply this destination.",
        "POSSIBLE_MATCH": REVIEWED,
        "LICENSE_REQUIRED": REVIEWED,
        "RED_FLAG": REVIEWED,
        "SECTORAL_REVIEW": REVIEWED,
        "EMBARGOED_LOCALITY": "Please confirm the full address, including region and postal code.",
        "COUNTRY_MISSING": "Please give the country of the address.",
        "COUNTRY_UNREADABLE": "Please give the country of the address as a two-letter ISO code.",
        "NAME_UNSCREENABLE": "Please give the full legal name.",
        "LISTS_STALE": REVIEWED,
        "LIST_MISSING": REVIEWED,
        "SCREENING_UNAVAILABLE": REVIEWED,
    },
}
ASKS = {
    "COUNTRY_MISSING": "COUNTRY",
    "COUNTRY_UNREADABLE": "COUNTRY",
    "EMBARGOED_LOCALITY": "ADDRESS",
    "NAME_UNSCREENABLE": "LEGAL_NAME",
    "POSSIBLE_MATCH": "TAX_ID",
}
POLICIES: tuple[dict[str, Any], ...] = (
    {"workflow": "PARTNER_SELF_SERVICE", **RULES},
    {"workflow": "SALES_ASSISTED", **RULES},
    {"workflow": "ECOMMERCE", **RULES, "review_within": 3600.0, "asks": ASKS},
)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
SPANS = ("max_list_age", "review_within", "cleared_for")


def upgrade() -> None:
    op.create_table(
        "screening_policies",
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("review_person_at", sa.Float(), nullable=False),
        sa.Column("review_organisation_at", sa.Float(), nullable=False),
        sa.Column("deny_at", sa.Float(), nullable=False),
        sa.Column("keep_at", sa.Float(), nullable=False),
        sa.Column("keep_matches", sa.Integer(), nullable=False),
        sa.Column("consequences", JSONB(), nullable=False),
        sa.Column("required_lists", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("embargoed", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("country_required_of", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("max_list_age", sa.Interval(), nullable=False),
        sa.Column("hold_blocks", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("review_within", sa.Interval(), nullable=False),
        sa.Column("cleared_for", sa.Interval(), nullable=False),
        sa.Column("asks", JSONB(), nullable=False),
        sa.Column("partner_words", JSONB(), nullable=False),
        sa.Column("in_force_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workflow", "version", name=op.f("screening_policies_pkey")),
    )
    policies = sa.table(
        "screening_policies",
        sa.column("consequences", JSONB()),
        sa.column("asks", JSONB()),
        sa.column("partner_words", JSONB()),
        sa.column("required_lists", sa.ARRAY(sa.Text())),
        sa.column("embargoed", sa.ARRAY(sa.Text())),
        sa.column("country_required_of", sa.ARRAY(sa.Text())),
        sa.column("hold_blocks", sa.ARRAY(sa.Text())),
        *(sa.column(name, sa.Interval()) for name in SPANS),
        sa.column("in_force_from", sa.DateTime(timezone=True)),
        *(sa.column(name) for name in ("workflow", "version", "fingerprint", "note", "keep_matches")),
        *(sa.column(name) for name in ("review_person_at", "review_organisation_at", "deny_at", "keep_at")),
    )
    op.bulk_insert(policies, [_row(rules) for rules in POLICIES])


def _row(rules: dict[str, Any]) -> dict[str, Any]:
    return {
        **rules,
        **{name: timedelta(seconds=rules[name]) for name in SPANS},
        "fingerprint": sha256(dumps(rules, sort_keys=True).encode()).hexdigest(),
        "in_force_from": EPOCH,
        "note": "The first version.",
    }


def downgrade() -> None:
    op.drop_table("screening_policies")
