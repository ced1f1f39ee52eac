"""What events say: their types, and the snapshot that each carries."""

from typing import Any

from commerce.licenses import License
from commerce.money import Money
from commerce.orders import Order, OrderStatus
from commerce.subscriptions import Subscription


def order_event(status: OrderStatus) -> str:
    """The type of the event that an order has come to a status: `order.fulfilled`."""
    return f"order.{status.value.lower()}"


def order_snapshot(order: Order, status: OrderStatus | None = None) -> dict[str, Any]:
    """An order as its partner sees it at that moment."""
    return {
        "id": order.id,
        "kind": order.kind,
        "status": status or order.status,
        "customerId": order.customer_id,
        "externalOrderReference": order.external_order_reference,
        "purchaseOrderNumber": order.purchase_order_number,
        "total": _money(order.total),
        "placedAt": order.placed_at,
    }


def subscription_snapshot(subscription: Subscription) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "orderId": subscription.order_id,
        "customerId": subscription.customer_id,
        "seats": subscription.seats,
        "startsOn": subscription.starts_on,
        "endsOn": subscription.ends_on,
        "state": subscription.state,
    }


def license_snapshot(license_: License) -> dict[str, Any]:
    """A licence without its file: the file is fetched by who may have it."""
    return {
        "id": license_.id,
        "orderId": license_.order_id,
        "subscriptionId": license_.subscription_id,
        "customerId": license_.customer_id,
        "seats": license_.seats,
        "startsOn": license_.starts_on,
        "expiresOn": license_.expires_on,
        "state": license_.state,
    }


def _money(money: Money) -> dict[str, str]:
    return {"amount": str(money.amount), "currency": money.currency}
