"""The revocation list that is published: signed, fresh, and no more on it than must be."""

from datetime import UTC, datetime, timedelta
from typing import Any

from datasources.license_revocations import judged, verified_list
from tests.api.holder import Customer
from tests.api.license_desk import change, key, licenses_of
from tests.api.world import World, bare


async def published(world: World, minutes: int = 0) -> dict[str, str]:
    """The list that would be served so many minutes from now."""
    return await world.sources.revocations.published(datetime.now(UTC) + timedelta(minutes=minutes))


async def test_the_list_is_served_and_signed_by_a_key_of_the_published_set(world: World) -> None:
    answer = await world.http.get("/.well-known/license-revocations.json")
    keys = (await world.http.get("/.well-known/license-keys.json")).json()

    assert answer.status_code == 200
    assert verified_list(answer.json(), keys, datetime.now(UTC)) is not None


async def test_a_licence_is_on_the_list_while_its_file_must_not_count(
    customer: Customer, subscription: dict[str, Any], world: World
) -> None:
    seller, officer = customer.seller, world.staff("OPERATOR")
    (license_,) = await licenses_of(seller, subscription["id"])
    keys = world.sources.license_keys.public_key_set()
    asked = {"licenseId": license_["id"], "reason": "Test"}

    codes = []
    for number, mutation in enumerate(["", "suspendLicense", "reinstateLicense", "revokeLicense"]):
        if mutation:
            await change(officer, mutation, **asked)
        listed = await published(world, minutes=2 * number)
        codes.append(
            judged(license_["file"], keys, listed, now=datetime.now(UTC) + timedelta(minutes=10)).code
        )

    assert codes == ["VALID", "REVOKED", "VALID", "REVOKED"]


async def test_a_rotated_licence_is_listed_until_its_term_and_grace_are_over(
    customer: Customer, subscription: dict[str, Any], world: World
) -> None:
    seller = customer.seller
    (license_,) = await licenses_of(seller, subscription["id"])
    await change(seller, "rotateLicense", licenseId=license_["id"], idempotencyKey=key())
    expired = """
        UPDATE licenses SET starts_on = current_date - 400, expires_on = current_date - $2::int WHERE id = $1
    """

    on_the_list = []
    for days in (0, 13, 14):
        await world.connection.execute(expired, bare(license_["id"]), days)
        withdrawn = await world.sources.licenses.withdrawn(datetime.now(UTC))
        on_the_list.append(license_["id"] in {one.license_id for one in withdrawn})

    assert on_the_list == [True, True, False]


async def test_a_list_is_made_once_a_minute(world: World) -> None:
    first, again, later = [await published(world, minutes=minutes) for minutes in (100, 100, 101)]

    assert first == again
    assert first != later
