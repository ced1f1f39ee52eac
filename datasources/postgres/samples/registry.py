"""Writes what sample customers hold as it stands on the day of the seed, every licence signed."""

from datetime import datetime, timedelta
from random import Random

from commerce.access import Environment
from commerce.license_changes import revoked, superseded
from commerce.license_files import payload
from commerce.licenses import DEFAULT_GRACE_DAYS, License, LicenseState, state_on
from commerce.subscriptions import SubscriptionState
from datasources.license_keys import LicenseKeys
from datasources.postgres.samples.customers import Buyer
from datasources.postgres.samples.holdings import Holding, Issue
from datasources.postgres.samples.identifiers import happens
from datasources.postgres.samples.rows import LicenseRow, Rows, SubscriptionRow


class Registry:
    """Subscriptions with their chains of licences, as rows."""

    def __init__(self, rows: Rows, keys: LicenseKeys, now: datetime) -> None:
        self._rows = rows
        self._keys = keys
        self._key_id = keys.active.kid
        self._today = now.date()

    def add(self, buyer: Buyer, holding: Holding, random: Random) -> None:
        self._rows.add(
            SubscriptionRow(
                holding.id,
                buyer.partner.id,
                buyer.environment,
                customer_id=buyer.id,
                order_id=holding.order_id,
                order_line_id=holding.order_line_id,
                sku_id=holding.offer.id,
                seats=holding.seats,
                starts_on=holding.starts_on,
                ends_on=holding.ends_on,
                auto_renew=holding.auto_renew,
                state=self._subscription_state(holding),
                currency=buyer.currency,
                term_starts_on=holding.term_on(self._today),
                pending_order_id=holding.pending_order_id,
                created_at=holding.created_at,
            )
        )
        successors = [*holding.issues[1:], None]
        for issue, successor in zip(holding.issues, successors, strict=True):
            self._add_license(buyer, holding, issue, successor, random)

    def _subscription_state(self, holding: Holding) -> SubscriptionState:
        if holding.canceled_at:
            return SubscriptionState.CANCELED
        return SubscriptionState.ACTIVE if self._today < holding.ends_on else SubscriptionState.EXPIRED

    def _add_license(
        self, buyer: Buyer, holding: Holding, issue: Issue, successor: Issue | None, random: Random
    ) -> None:
        license_ = self._license(buyer, holding, issue, successor)
        if license_.state is LicenseState.REVOKED and holding.canceled_at:
            license_ = revoked(license_, holding.canceled_at)
        elif successor:
            license_ = superseded(license_, self._license(buyer, holding, successor, None))
        retrieved = issue.issued_at + timedelta(hours=1 + 40 * random.random())
        is_retrieved = retrieved.date() < self._today and happens(0.9, random)
        self._rows.add(
            LicenseRow(
                issue.id,
                buyer.partner.id,
                buyer.environment,
                buyer.id,
                issue.order_id,
                holding.id,
                license_.state,
                license_.sku_code,
                license_.product,
                license_.plan,
                license_.seats,
                license_.features,
                license_.issued_at,
                license_.starts_on,
                license_.expires_on,
                license_.grace_days,
                license_.licensee_name,
                license_.licensee_company,
                license_.licensee_email,
                key_id=self._key_id,
                file=self._keys.sign(payload(license_, self._key_id)),
                superseded_by=successor.id if successor else None,
                first_retrieved_at=retrieved if is_retrieved else None,
                revoked_at=license_.revoked_at,
                withdrawn_at=license_.withdrawn_at,
                withdrawal=license_.withdrawal,
            )
        )

    def _state(self, holding: Holding, issue: Issue, successor: Issue | None) -> LicenseState:
        """As the newest licence of a subscription counts, and only that."""
        if successor:
            return LicenseState.SUPERSEDED
        return state_on(
            LicenseState.REVOKED if holding.canceled_at else LicenseState.ACTIVE,
            starts_on=issue.starts_on,
            expires_on=issue.expires_on,
            grace_days=DEFAULT_GRACE_DAYS,
            today=self._today,
        )

    def _license(self, buyer: Buyer, holding: Holding, issue: Issue, successor: Issue | None) -> License:
        _, licensee = buyer.contacts[0]
        return License(
            id=f"lic_{issue.id}",
            partner_id=f"par_{buyer.partner.id}",
            environment=Environment(buyer.environment),
            customer_id=f"cus_{buyer.id}",
            order_id=f"ord_{issue.order_id}",
            subscription_id=f"sub_{holding.id}",
            state=self._state(holding, issue, successor),
            sku_code=issue.offer.code,
            product=issue.offer.product,
            plan=issue.offer.plan,
            seats=issue.seats,
            features=issue.offer.features,
            issued_at=issue.issued_at,
            starts_on=issue.starts_on,
            expires_on=issue.expires_on,
            grace_days=DEFAULT_GRACE_DAYS,
            licensee_name=licensee.name,
            licensee_company=buyer.legal_name,
            licensee_email=licensee.email,
        )
