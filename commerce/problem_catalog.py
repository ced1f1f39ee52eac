"""The published catalogue of problems: what each code means, what to do, and where it may point."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from commerce.problems import ProblemCode


@dataclass(frozen=True, slots=True)
class Explanation:
    """A code in the published catalogue: what it means, what to do, and where it may point."""

    meaning: str
    remedy: str
    example_path: str
    retryable: bool = False


_NEW = "input.details.new"
_LINE = "input.details.addSeats.lines.0"

CATALOG: Mapping[ProblemCode, Explanation] = MappingProxyType(
    {
        ProblemCode.INVALID_IDEMPOTENCY_KEY: Explanation(
            "The key is too short, too long or not printable ASCII.",
            "Send 16 to 255 printable characters, new for each order.",
            "input.idempotencyKey",
        ),
        ProblemCode.IDEMPOTENCY_KEY_REUSED: Explanation(
            "The key made another order from another input; `resourceId` is that order.",
            "Send a new key for a new order, or the first input to see the first order again.",
            "input.idempotencyKey",
        ),
        ProblemCode.DUPLICATE_ORDER_REFERENCE: Explanation(
            "An order of yours has this reference; `resourceId` is that order.",
            "Look that order up, or choose another reference.",
            "input.externalOrderReference",
        ),
        ProblemCode.DUPLICATE_PURCHASE_ORDER: Explanation(
            "An order of yours has this purchase order number; `resourceId` is that order.",
            "Set `allowDuplicatePurchaseOrder` if one purchase order covers several orders.",
            "input.purchaseOrderNumber",
        ),
        ProblemCode.REQUIRED: Explanation("A value is missing.", "Give it.", f"{_NEW}.lines"),
        ProblemCode.TOO_LONG: Explanation(
            "A text is too long.", "Shorten it.", f"{_NEW}.customer.new.legalName"
        ),
        ProblemCode.NOT_PRINTABLE: Explanation(
            "A text has control characters.", "Remove them.", f"{_NEW}.customer.new.street"
        ),
        ProblemCode.INVALID_COUNTRY: Explanation(
            "This is no ISO 3166-1 alpha-2 code.", "Send two capital letters.", f"{_NEW}.customer.new.country"
        ),
        ProblemCode.INVALID_CURRENCY: Explanation(
            "Portico does not sell in this currency.", "See `catalog` for yours.", f"{_NEW}.currency"
        ),
        ProblemCode.INVALID_EMAIL: Explanation(
            "This is no e-mail address.", "Correct it.", f"{_NEW}.customer.new.contacts.0.email"
        ),
        ProblemCode.INVALID_QUANTITY: Explanation(
            "A quantity is not between 1 and 1,000,000.", "Correct it.", f"{_NEW}.lines.0.quantity"
        ),
        ProblemCode.INVALID_START: Explanation(
            "The start lies in the past, more than a year ahead, or after the end of `coTermWith`.",
            "Choose a day from today to a year ahead.",
            f"{_NEW}.startsOn",
        ),
        ProblemCode.TOO_MANY_LINES: Explanation(
            "More than 100 lines.", "Place several orders.", f"{_NEW}.lines"
        ),
        ProblemCode.TOO_MANY_CONTACTS: Explanation(
            "More than 20 contacts.", "Send those who matter.", f"{_NEW}.customer.new.contacts"
        ),
        ProblemCode.TOO_MANY_ORDERS: Explanation(
            "More than 100 orders in one call.", "Send several calls.", "inputs"
        ),
        ProblemCode.REPEATED_LINE: Explanation(
            "Two lines name the same subscription or order line.", "Join them.", f"{_LINE}.subscriptionId"
        ),
        ProblemCode.CUSTOMER_NOT_FOUND: Explanation(
            "No customer of yours is named by this.", "Check it, or send `new`.", f"{_NEW}.customer.id"
        ),
        ProblemCode.CUSTOMER_REFERENCE_TAKEN: Explanation(
            "The customer of yours with this reference has other details than those sent.",
            "Order for it by `externalReference` alone, or choose another reference.",
            f"{_NEW}.customer.new.externalReference",
        ),
        ProblemCode.LICENSE_CONTACT_MISSING: Explanation(
            "Nobody at the customer receives the licences.",
            "Set `receivesLicenses` on one contact.",
            f"{_NEW}.customer.new.contacts",
        ),
        ProblemCode.PARTNER_NOT_ACTIVE: Explanation(
            "You may not order in this environment now.", "Talk to partner operations.", ""
        ),
        ProblemCode.TRADING_PARTNER_NOT_FOUND: Explanation(
            "There is no such reseller of yours.", "Check the id.", "input.tradingPartnerId"
        ),
        ProblemCode.TRADING_PARTNER_NOT_ACTIVE: Explanation(
            "The reseller, or what binds it to you, is not active.",
            "Talk to partner operations.",
            "input.tradingPartnerId",
        ),
        ProblemCode.TERRITORY_NOT_ALLOWED: Explanation(
            "The customer is in a country in which you do not sell.",
            "Talk to partner operations.",
            f"{_NEW}.customer",
        ),
        ProblemCode.SKU_NOT_ALLOWED: Explanation(
            "The SKU is not among those that you may sell.", "See `catalog`.", f"{_NEW}.lines.0.sku"
        ),
        ProblemCode.SKU_NOT_FOUND: Explanation(
            "There is no such SKU.", "See `catalog`.", f"{_NEW}.lines.0.sku"
        ),
        ProblemCode.SKU_NOT_PRICED: Explanation(
            "Your price book has no price for the SKU in the currency.",
            "See `catalog`.",
            f"{_NEW}.lines.0.sku",
        ),
        ProblemCode.DEAD_LETTER_NOT_FOUND: Explanation("No dead letter.", "Read deadLetters.", "input.ids"),
        ProblemCode.SUBSCRIPTION_NOT_FOUND: Explanation(
            "No subscription of yours has this id.", "Check it.", f"{_LINE}.subscriptionId"
        ),
        ProblemCode.SUBSCRIPTION_NOT_ACTIVE: Explanation(
            "The subscription has ended, or has not begun.", "Place a NEW order.", f"{_LINE}.subscriptionId"
        ),
        ProblemCode.SUBSCRIPTION_BUSY: Explanation(
            "Another order is changing the subscription; `resourceId` is that order.",
            "Send the same request again when that order is done.",
            f"{_LINE}.subscriptionId",
            retryable=True,
        ),
        ProblemCode.SUBSCRIPTIONS_DIFFER: Explanation(
            "The lines concern several customers or currencies.",
            "Place an order for each.",
            "input.details.renewal.lines.1.subscriptionId",
        ),
        ProblemCode.SAME_SKU: Explanation(
            "The subscription has this SKU already.", "Use addSeats.", "input.details.switch.lines.0.sku"
        ),
        ProblemCode.RENEWAL_TOO_LATE: Explanation(
            "The subscription ended more than 30 days ago.",
            "Place a NEW order.",
            "input.details.renewal.lines.0.subscriptionId",
        ),
        ProblemCode.ORDER_NOT_FOUND: Explanation(
            "No order of yours has this id.", "Check it.", "input.orderId"
        ),
        ProblemCode.ORDER_LINE_NOT_FOUND: Explanation(
            "No order line of yours has this id.", "Check it.", "input.details.return.lines.0.orderLineId"
        ),
        ProblemCode.NOT_RETURNABLE: Explanation(
            "The line is not a fulfilled one of a NEW or RENEWAL order, was switched or renewed since, or "
            "is part of a renewal whose term has not begun.",
            "Cancel an order that is not fulfilled yet; return a renewal first, and whole before its term.",
            "input.details.return.lines.0.orderLineId",
        ),
        ProblemCode.RETURN_WINDOW_CLOSED: Explanation(
            "The order was fulfilled more than 14 days ago.",
            "It cannot be returned.",
            "input.details.return.lines.0.orderLineId",
        ),
        ProblemCode.RETURN_EXCEEDS_REMAINING: Explanation(
            "Fewer units of the line remain than are returned.",
            "See the line's `remainingQuantity`.",
            "input.details.return.lines.0.quantity",
        ),
        ProblemCode.NOT_CANCELABLE: Explanation(
            "The order has gone too far to be canceled.",
            "A fulfilled order can be returned; see its `allowedActions`.",
            "input.orderId",
        ),
        ProblemCode.NOT_RETRYABLE: Explanation(
            "The order has not failed, or would fail again.", "See its `blockers`.", "input.orderId"
        ),
        ProblemCode.LICENSE_NOT_FOUND: Explanation(
            "No licence of yours has this id.", "Check it.", "input.licenseId"
        ),
        ProblemCode.LICENSE_NOT_CURRENT: Explanation(
            "The licence was superseded, revoked or suspended, or is over; `resourceId` is the licence that "
            "stands in its place, where there is one.",
            "Use that licence; ask us about one that is suspended.",
            "input.licenseId",
        ),
        ProblemCode.LICENSE_NOT_SUSPENDED: Explanation(
            "Only a suspended licence can be reinstated.", "See its state.", "input.licenseId"
        ),
        ProblemCode.RECIPIENT_NOT_ALLOWED: Explanation(
            "Licences go to the customer: your policy does not let them go to you.",
            "Name a contact with an address of the customer's, or talk to partner operations.",
            "input.to",
        ),
        ProblemCode.CONTACT_NOT_ACCEPTED: Explanation(
            "Licences cannot be sent to this contact before our compliance team has looked.",
            "Name another contact, or talk to us.",
            "input.contact.name",
        ),
        ProblemCode.ACTIVATION_CODE_RETRIEVED: Explanation(
            "The activation code was handed out before; it is kept as a hash and cannot be shown again.",
            "Use the code that was handed out, or `rotateLicense` for a new one.",
            "input.licenseId",
        ),
        ProblemCode.TOO_MANY_OWNERS: Explanation(
            "More than 20 owners.", "Name those who own most.", f"{_NEW}.customer.new.owners"
        ),
        ProblemCode.NO_OPEN_QUESTION: Explanation(
            "The order does not wait for an answer of yours to this.",
            "See the order's `questions`.",
            "input.orderId",
        ),
        ProblemCode.ANSWER_MISSING: Explanation(
            "The answer is not to the question that was asked.",
            "Give the part of `answer` that the question's `field` names.",
            "input.answer",
        ),
        ProblemCode.CASE_NOT_FOUND: Explanation(
            "For compliance officers: there is no such case.", "Check the id.", "input.caseId"
        ),
        ProblemCode.CASE_CLAIMED: Explanation(
            "For compliance officers: another officer works on the case.",
            "Talk to them, or wait until their claim ends.",
            "input.caseId",
            retryable=True,
        ),
        ProblemCode.CASE_CLOSED: Explanation(
            "For compliance officers: the case is closed, or does not stand where this could be done.",
            "Look at the case again.",
            "input.caseId",
        ),
        ProblemCode.CASE_NOT_ASKABLE: Explanation(
            "For compliance officers: no order waits for the case where a partner could be asked.",
            "A denied order takes two officers to go on.",
            "input.caseId",
        ),
        ProblemCode.TOO_MANY_CASES: Explanation(
            "For compliance officers: more than 500 cases in one call.",
            "Send several calls.",
            "input.caseIds",
        ),
        ProblemCode.SECOND_OFFICER_NEEDED: Explanation(
            "For compliance officers: the same officer has said so already; it takes two.",
            "Ask another officer.",
            "input.caseId",
        ),
        ProblemCode.BATCH_NOT_FOUND: Explanation(
            "For compliance officers: there is no such batch.", "Check the id.", "input.batchId"
        ),
        ProblemCode.TOO_MANY_PARTIES: Explanation(
            "For compliance officers: 1 to 2,000 parties fit in a call, and 10,000 in a batch.",
            "Send several calls.",
            "input.parties",
        ),
        ProblemCode.CLEARANCE_NOT_FOUND: Explanation(
            "For compliance officers: there is no such entry on the cleared list that this could be done to.",
            "Check the id, and who proposed it.",
            "input.clearanceId",
        ),
        ProblemCode.INVALID_URL: Explanation(
            "Webhooks cannot be sent to this URL.",
            "Give an https URL on port 443 or 8443 of a public host.",
            "input.url",
        ),
        ProblemCode.UNKNOWN_EVENT_TYPE: Explanation(
            "There are no events of this type.", "See `eventTypes`.", "input.eventTypes.0"
        ),
        ProblemCode.TOO_MANY_ENDPOINTS: Explanation(
            "You have 20 webhook endpoints in this environment.", "Delete one that you no longer need.", ""
        ),
        ProblemCode.INVALID_OVERLAP: Explanation(
            "The overlap is not between 0 and 168 hours.", "Correct it.", "input.overlapHours"
        ),
        ProblemCode.SEQUENCE_NOT_KEPT: Explanation(
            "The event log does not have this sequence: it is too old, or not there yet.",
            "Start from one between `oldestSequence` and `newestSequence` of `events`.",
            "input.fromSequence",
        ),
        ProblemCode.WEBHOOK_ENDPOINT_NOT_FOUND: Explanation(
            "No webhook endpoint of yours has this id.", "Check it.", "input.endpointId"
        ),
        ProblemCode.WEBHOOK_ENDPOINT_DISABLED: Explanation(
            "Nothing is sent to this endpoint while it is switched off.",
            "Switch it on by `updateWebhookEndpoint` first.",
            "input.endpointId",
        ),
        ProblemCode.WEBHOOK_DELIVERY_NOT_FOUND: Explanation(
            "No webhook delivery of yours has this id.", "Check it.", "input.deliveryId"
        ),
        ProblemCode.ACTIVATION_CODE_NOT_FOUND: Explanation(
            "This is no activation code, or it was replaced, or what it was for has ended.",
            "Check it for typing mistakes; ask for the licence to be sent again.",
            "input.activationCode",
        ),
        ProblemCode.ACTIVATION_NOT_FOUND: Explanation(
            "No installation of that name is activated.",
            "See the licence's `activations`.",
            "input.instanceName",
        ),
        ProblemCode.NO_SEATS_AVAILABLE: Explanation(
            "Fewer seats are available than the installation asks for.",
            "Ask for fewer, deactivate another installation, or add seats.",
            "input.seats",
        ),
        ProblemCode.BRIDGE_NOT_ALLOWED: Explanation(
            "A bridge stands in for a renewal that is on hold or late, once a term, and for nothing else.",
            "Place the renewal; a bridge can follow where it is held or late.",
            "input.subscriptionId",
        ),
        ProblemCode.PARTNER_NOT_FOUND: Explanation("No partner has this id.", "Check it.", "input.partnerId"),
        ProblemCode.NOT_A_DISTRIBUTOR: Explanation(
            "What is to stand above a reseller is no distributor, or what is to stand below one no reseller.",
            "Name a distributor for a reseller.",
            "input.distributorId",
        ),
        ProblemCode.NOT_A_DISTRIBUTOR: Explanation(
            "What is to stand above a reseller is no distributor, or what is to stand below one no reseller.",
            "Name a distributor for a reseller.",
            "input.distributorId",
        ),
        ProblemCode.PARTNER_STATE_NOT_REACHABLE: Explanation(
            "A partner does not go from its present state to this one.",
            "ONBOARDING, SANDBOX, ACTIVE and back from SUSPENDED; TERMINATED from any.",
            "input.state",
        ),
        ProblemCode.CERTIFICATION_INCOMPLETE: Explanation(
            "A partner goes live once it has passed every scenario of the certification in its sandbox.",
            "See `Partner.certification` for what is missing.",
            "input.state",
        ),
        ProblemCode.PRICE_BOOK_NOT_FOUND: Explanation(
            "There is no price book of this name.", "Check it.", "input.priceBook"
        ),
        ProblemCode.INVALID_DISCOUNT: Explanation(
            "A discount is 0 to 100 percent with at most two decimals.",
            "Correct it.",
            "input.discountPercent",
        ),
        ProblemCode.CONFLICT: Explanation(
            "Other requests changed the same records at the same moment.",
            "Send the same request again.",
            "",
            retryable=True,
        ),
    }
)
"""Every code, as `docs/problems.md` prints it."""
