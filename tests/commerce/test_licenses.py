"""The states of a licence over time, and which one counts."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from commerce.access import Environment
from commerce.licenses import License, LicenseState, current, state_on

TODAY = date(2026, 11, 22)


def a_license(**changes):
    license_ = License(
        id="lic_01",
        subscription_id="sub_01",
        order_id="ord_01",
        partner_id="par_01",
        customer_id="cus_01",
        environment=Environment.PRODUCTION,
        state=LicenseState.ACTIVE,
        sku_code="ULT-12",
        product="Portico Suite",
        plan="Ultimate",
        seats=25,
        features=("audit_events", "sso"),
        licensee_name="Zoë Ånström",
        licensee_company="Ångström Δοκιμή 株式会社",
        licensee_email="zoe@angstrom.example",
        issued_at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
        starts_on=TODAY,
        expires_on=date(2027, 11, 22),
        grace_days=14,
    )
    return replace(license_, **changes)


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2026, 11, 21), LicenseState.SCHEDULED),
        (date(2026, 11, 22), LicenseState.ACTIVE),
        (date(2027, 11, 22), LicenseState.ACTIVE),
        (date(2027, 12, 5), LicenseState.ACTIVE),
        (date(2027, 12, 6), LicenseState.EXPIRED),
    ],
)
def test_the_calendar_moves_a_licence_from_scheduled_through_grace_to_expired(day, state):
    license_ = a_license()

    found = state_on(
        license_.state,
        starts_on=license_.starts_on,
        expires_on=license_.expires_on,
        grace_days=license_.grace_days,
        today=day,
    )

    assert found is state


@pytest.mark.parametrize("state", [LicenseState.SUSPENDED, LicenseState.REVOKED, LicenseState.SUPERSEDED])
def test_no_date_brings_a_licence_back_that_someone_ended(state):
    days = [TODAY + timedelta(days=offset) for offset in (-1, 0, 400)]

    found = {state_on(state, starts_on=TODAY, expires_on=TODAY, grace_days=0, today=day) for day in days}

    assert found == {state}


def test_the_active_licence_counts_and_else_the_next_one():
    old = a_license(id="lic_01", state=LicenseState.SUPERSEDED)
    today_s = a_license(id="lic_02")
    next_year_s = a_license(id="lic_03", starts_on=date(2027, 11, 22), expires_on=date(2028, 11, 22))

    assert current([next_year_s, today_s, old], TODAY) == today_s
    assert current([old, next_year_s], TODAY) == next_year_s
    assert current([old], TODAY) is None
