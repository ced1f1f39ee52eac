"""The licence that the tests of signing and of the verifiers issue, and the moment of its issue."""

from datetime import UTC, date, datetime

from commerce.access import Environment
from commerce.licenses import License, LicenseState
from datasources.sealing import Seal

SEAL = Seal(bytes(32))
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
LICENSE = License(
    id="lic_0193f2d0c0de7000800000000000000a",
    subscription_id="sub_0193f2d0c0de7000800000000000000b",
    order_id="ord_0193f2d0c0de7000800000000000000c",
    partner_id="par_0193f2d0c0de7000800000000000000d",
    customer_id="cus_0193f2d0c0de7000800000000000000e",
    environment=Environment.PRODUCTION,
    state=LicenseState.ACTIVE,
    sku_code="ULT-12",
    product="Portico Suite",
    plan="Ultimate",
    seats=25,
    features=("audit_events", "sso"),
    licensee_name="Zoë Ånström",
    licensee_company="Ångström 株式会社",
    licensee_email="zoe@angstrom.example",
    issued_at=NOW,
    starts_on=date(2026, 11, 22),
    expires_on=date(2027, 11, 22),
    grace_days=14,
)
