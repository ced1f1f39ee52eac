"""The enums of the contract. They are open: clients must bear values they do not know."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from commerce.access import Environment, Role
from commerce.certification import Scenario
from commerce.deliveries import DeliveryReason, DeliveryStatus, Recipient
from commerce.licenses import LicenseKind, LicenseState, Withdrawal
from commerce.order_progress import OrderAction, WaitingOn
from commerce.orders import Actor, OrderKind, OrderSort, OrderStatus
from commerce.parties import PartyKind
from commerce.partners import PartnerKind, PartnerState, Relationship
from commerce.problem_catalog import CATALOG
from commerce.problems import ProblemCode
from commerce.reconciliation import DifferenceKind
from commerce.screening import Decision
from commerce.screening_cases import CaseState
from commerce.screening_policies import Workflow
from commerce.screening_questions import QuestionField
from commerce.subscriptions import SubscriptionState
from commerce.webhooks import DeliveryState, DisabledReason, EndpointState
from commerce.webhooks import Outcome as WebhookOutcome

DESCRIPTIONS: dict[type[StrEnum], str] = {
    Environment: "Production, or the sandbox.",
    Role: "What a member of staff is here for. May grow.",
    PartnerKind: "How a partner sells. May grow.",
    PartnerState: "Where a partner stands. May grow.",
    Relationship: "How a reseller stands to its distributor. May grow.",
    Scenario: "What a certification asks for. May grow.",
    OrderKind: "What an order asks for. May grow.",
    OrderStatus: "Where an order or a line stands. May grow.",
    OrderSort: "The order of a list of orders.",
    WaitingOn: "Who must act next. May grow.",
    DifferenceKind: "How what you believe differs from what is so. May grow.",
    OrderAction: "What may be done with an order. May grow.",
    Actor: "Who moved an order. May grow.",
    LicenseState: "Whether a licence counts. May grow.",
    LicenseKind: "What a licence stands for. May grow.",
    Withdrawal: "Why a licence's file stopped to count before its term was over. May grow.",
    Recipient: "To whom a licence is sent.",
    DeliveryReason: "What a licence was sent for. May grow.",
    DeliveryStatus: "What became of an e-mail. May grow.",
    SubscriptionState: "Whether what is held can be used. May grow.",
    Decision: "What screening decided. May grow.",
    PartyKind: "What a screened or listed party is. May grow.",
    CaseState: "Where a case of compliance review stands. May grow.",
    QuestionField: "A fact that a partner can be asked for. May grow.",
    Workflow: "How what screening holds is worked. May grow.",
    EndpointState: "Whether anything is sent to a webhook endpoint.",
    DisabledReason: "Why nothing is sent to a webhook endpoint. May grow.",
    DeliveryState: "Whether a webhook message arrived. May grow.",
    WebhookOutcome: "How a try of a webhook message ended. May grow.",
    ProblemCode: "Why a request was refused. Grows: treat an unknown code as a refusal.",
}

VALUES: dict[type[StrEnum], Mapping[StrEnum, str]] = {
    Environment: {
        Environment.PRODUCTION: "Real customers, real licences, real invoices.",
        Environment.SANDBOX: "For trying things; never mixed with production.",
    },
    Role: {
        Role.REP: "An account rep, who looks after customers.",
        Role.COMPLIANCE: "A compliance officer, who clears and denies what screening held.",
        Role.PARTNER_OPS: "Partner operations: partners, price books and credentials.",
        Role.OPERATOR: "The team that runs the system.",
        Role.DASHBOARD: "An internal dashboard, which only reads.",
    },
    PartnerKind: {
        PartnerKind.DISTRIBUTOR: "Orders for itself and for resellers of its own.",
        PartnerKind.RESELLER: "Sells to end customers.",
        PartnerKind.MARKETPLACE: "Sells to end customers on a platform of its own.",
    },
    PartnerState: {
        PartnerState.ONBOARDING: "Being set up; cannot order yet.",
        PartnerState.SANDBOX: "May order in the sandbox only.",
        PartnerState.ACTIVE: "May order in both environments.",
        PartnerState.SUSPENDED: "Cannot order until it is active again.",
        PartnerState.TERMINATED: "The relationship has ended.",
    },
    Relationship: {
        Relationship.ACTIVE: "The distributor orders for the reseller.",
        Relationship.SUSPENDED: "It is seen, and cannot be ordered for.",
        Relationship.ENDED: "The distributor no longer sees it.",
    },
    Scenario: {
        Scenario.ORDER_FULFILLED: "A NEW order was placed and fulfilled.",
        Scenario.HOLD_ANSWERED: "A question on a held order was answered.",
        Scenario.ORDER_RETURNED: "A RETURN order was placed and fulfilled.",
        Scenario.WEBHOOK_ANSWERED: "A webhook was answered with a 2xx status.",
        Scenario.LICENSE_RETRIEVED: "A licence file was fetched.",
        Scenario.RETRY_REPLAYED: "placeOrder was sent again with the same key, and answered `replayed`.",
    },
    OrderKind: {
        OrderKind.NEW: "New subscriptions, for a new or a known customer.",
        OrderKind.ADD_SEATS: "More seats of subscriptions, for the rest of their term.",
        OrderKind.RENEWAL: "Another term of subscriptions, with as many seats or others.",
        OrderKind.SWITCH: "Another SKU in place of the one held.",
        OrderKind.RETURN: "Units of an order given back for credit.",
    },
    OrderStatus: {
        OrderStatus.RECEIVED: "Accepted; about to be screened.",
        OrderStatus.SCREENING: "Being compared with the denied-party lists.",
        OrderStatus.ON_HOLD: "A compliance officer must review it.",
        OrderStatus.DENIED: "Refused by compliance; will not be fulfilled.",
        OrderStatus.AWAITING_PARTNER: "A question to the partner is open.",
        OrderStatus.SCHEDULED: "Cleared; waits for the day on which it starts.",
        OrderStatus.PROVISIONING: "Cleared; licences are being issued.",
        OrderStatus.FULFILLED: "Done.",
        OrderStatus.PARTIALLY_FULFILLED: "Some lines are done, others are not yet.",
        OrderStatus.FAILED: "Could not be fulfilled; `blockers` say why and whether to retry.",
        OrderStatus.CANCELED: "Called off before it was fulfilled.",
    },
    OrderSort: {
        OrderSort.PLACED_AT_DESC: "The latest placed first.",
        OrderSort.PLACED_AT_ASC: "The earliest placed first.",
        OrderSort.UPDATED_AT_DESC: "The latest changed first.",
        OrderSort.UPDATED_AT_ASC: "The one unchanged for longest first.",
    },
    WaitingOn: {
        WaitingOn.PARTNER: "The partner that placed the order.",
        WaitingOn.CUSTOMER: "The end customer.",
        WaitingOn.COMPLIANCE: "Screening, or a compliance officer.",
        WaitingOn.VENDOR: "Us.",
        WaitingOn.DOWNSTREAM: "A system behind us.",
    },
    DifferenceKind: {
        DifferenceKind.MISSING_HERE: "You list it, and there is no such thing of yours.",
        DifferenceKind.MISSING_THERE: "It is yours, and you do not list it.",
        DifferenceKind.STATUS_DIFFERS: "It has another status.",
        DifferenceKind.SEATS_DIFFER: "It has more seats, or fewer.",
        DifferenceKind.LISTED_TWICE: "More than one of your entries names it.",
    },
    OrderAction: {
        OrderAction.CANCEL: "Call the order off, by `cancelOrder`.",
        OrderAction.RETURN: "Give units back, by an order of kind RETURN.",
        OrderAction.RETRY: "Try a failed order again, by `retryOrder`.",
        OrderAction.UPDATE_REFERENCES: "Change the purchase order numbers, by `updateOrderReferences`.",
    },
    Actor: {
        Actor.PARTNER: "The partner's client.",
        Actor.STAFF: "A member of our staff.",
        Actor.SYSTEM: "The system by itself.",
    },
    LicenseState: {
        LicenseState.ACTIVE: "Counts today.",
        LicenseState.SCHEDULED: "Counts from the day it starts.",
        LicenseState.SUSPENDED: "Set aside for now.",
        LicenseState.EXPIRED: "Its term is over.",
        LicenseState.REVOKED: "Withdrawn for good.",
        LicenseState.SUPERSEDED: "A newer licence stands in its place.",
    },
    LicenseKind: {
        LicenseKind.FULL: "A subscription as it was bought.",
        LicenseKind.BRIDGE: "The seats already held, for a short time, while a renewal waits.",
    },
    Withdrawal: {
        Withdrawal.REVOKED: "It was revoked.",
        Withdrawal.ROTATED: "It was replaced because it had got into the wrong hands.",
        Withdrawal.REDUCED: "The licence in its place proves less: seats or days were given back.",
        Withdrawal.SUSPENDED: "It is suspended, and leaves the list when it is reinstated.",
    },
    Recipient: {
        Recipient.CONTACT: "The contact at the customer who receives licences.",
        Recipient.PARTNER: "The partner, where its policy allows that.",
    },
    DeliveryReason: {
        DeliveryReason.ISSUED: "It was issued.",
        DeliveryReason.RESENT: "Somebody asked for it again.",
        DeliveryReason.ROTATED: "It took the place of one that had got into the wrong hands.",
        DeliveryReason.CONTACT_CHANGED: "Another contact receives it.",
    },
    DeliveryStatus: {
        DeliveryStatus.QUEUED: "About to be sent.",
        DeliveryStatus.SENT: "A mail server has taken it.",
        DeliveryStatus.BOUNCED: "It came back: the address does not take it.",
        DeliveryStatus.FAILED: "No mail server took it; it is tried no more.",
        DeliveryStatus.WITHHELD: "Not sent: the contact's address is the partner's own.",
    },
    SubscriptionState: {
        SubscriptionState.ACTIVE: "Within its term.",
        SubscriptionState.SCHEDULED: "Its term is still to begin.",
        SubscriptionState.EXPIRED: "Its term is over; it can be renewed for a while.",
        SubscriptionState.CANCELED: "No seat is left of it.",
    },
    Decision: {
        Decision.CLEAR: "Nobody listed was found; the order goes on.",
        Decision.HOLD: "Somebody must look before the order goes on.",
        Decision.DENY: "The order must not be fulfilled.",
    },
    PartyKind: {
        PartyKind.PERSON: "A person.",
        PartyKind.ORGANISATION: "A company or another organisation.",
        PartyKind.VESSEL: "A ship.",
        PartyKind.AIRCRAFT: "An aircraft.",
        PartyKind.UNKNOWN: "The list does not say.",
    },
    CaseState: {
        CaseState.OPEN: "Waits for an officer.",
        CaseState.AWAITING_PARTNER: "Waits for the partner's answer.",
        CaseState.AWAITING_SECOND: "One officer has cleared it; a denial takes another.",
        CaseState.CLEARED: "The party is somebody else.",
        CaseState.DENIED: "The party is who is listed.",
    },
    QuestionField: {
        QuestionField.LEGAL_NAME: "The full legal name; answered by `text`.",
        QuestionField.COUNTRY: "The country, ISO 3166-1 alpha-2; answered by `text`.",
        QuestionField.ADDRESS: "The full address; answered by `address`.",
        QuestionField.TAX_ID: "The tax id; answered by `text`.",
        QuestionField.REGISTRATION_NUMBER: "The number in the company register; answered by `text`.",
        QuestionField.DATE_OF_BIRTH: "The date of birth; answered by `bornOn`.",
        QuestionField.OWNERS: "Who owns the customer; answered by `owners`.",
        QuestionField.END_USE: "Who uses the software, where and for what; answered by `text`.",
    },
    Workflow: {
        Workflow.PARTNER_SELF_SERVICE: "What is held goes to the queue; the partner hears neutral words.",
        Workflow.SALES_ASSISTED: "The owner of the Salesforce account hears of the case as well.",
        Workflow.ECOMMERCE: "The buyer is asked at once for the fact that is missing.",
    },
    EndpointState: {
        EndpointState.ENABLED: "Messages are sent.",
        EndpointState.DISABLED: "Nothing is sent; events wait in the feed.",
    },
    DisabledReason: {
        DisabledReason.PARTNER: "You switched it off.",
        DisabledReason.GONE: "It answered 410 Gone.",
        DisabledReason.FAILING: "Nothing arrived for five days.",
    },
    DeliveryState: {
        DeliveryState.WAITING: "It will be tried.",
        DeliveryState.DELIVERED: "It was answered with a status from 200 to 299.",
        DeliveryState.DEAD: "It is tried no more; `redeliverWebhook` or `replayWebhooks` sends it again.",
    },
    WebhookOutcome: {
        WebhookOutcome.DELIVERED: "Answered with a status from 200 to 299.",
        WebhookOutcome.REJECTED: "Answered with another status.",
        WebhookOutcome.REDIRECTED: "Answered with a redirect; none is followed.",
        WebhookOutcome.GONE: "Answered with 410: the endpoint was switched off.",
        WebhookOutcome.TIMED_OUT: "Not answered in time.",
        WebhookOutcome.UNRESOLVED: "The host's name has no address.",
        WebhookOutcome.UNREACHABLE: "No connection, or one that broke.",
        WebhookOutcome.TLS_FAILED: "The certificate was not accepted.",
        WebhookOutcome.MALFORMED: "The answer was no HTTP.",
        WebhookOutcome.FORBIDDEN_ADDRESS: "The URL leads to an address that is not public.",
        WebhookOutcome.EVENT_EXPIRED: "The event is kept no longer.",
    },
    ProblemCode: {code: explained.meaning for code, explained in CATALOG.items()},
}
"""Every value of every enum. A value without an entry here fails when the schema is built."""

NAMES: dict[type[StrEnum], str] = {
    Decision: "ScreeningDecision",
    Withdrawal: "LicenseWithdrawal",
    Recipient: "LicenseRecipient",
    DeliveryReason: "LicenseDeliveryReason",
    DeliveryStatus: "LicenseDeliveryStatus",
    EndpointState: "WebhookEndpointState",
    DisabledReason: "WebhookDisabledReason",
    DeliveryState: "WebhookDeliveryState",
    WebhookOutcome: "WebhookOutcome",
}
"""Names in the contract where they differ from those of the rules."""

for kind, description in DESCRIPTIONS.items():
    name = NAMES.get(kind, kind.__name__)
    declared = strawberry.enum(kind, name=name, description=description)
    definition: StrawberryEnumDefinition = declared.__strawberry_definition__  # type: ignore[attr-defined]
    definition.values = [
        replace(value, description=VALUES[kind][kind(value.value)]) for value in definition.values
    ]
