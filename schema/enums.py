"""The enums of the contract. They are open: clients must bear values they do not know."""

from enum import StrEnum

import strawberry

from commerce.access import Environment, Role
from commerce.licenses import LicenseState
from commerce.order_progress import OrderAction, WaitingOn
from commerce.orders import Actor, OrderKind, OrderSort, OrderStatus
from commerce.partners import PartnerKind, PartnerState
from commerce.problems import ProblemCode
from commerce.screening import Decision
from commerce.subscriptions import SubscriptionState

DESCRIPTIONS: dict[type[StrEnum], str] = {
    Environment: "Production, or the sandbox.",
    Role: "What a member of staff is here for. May grow.",
    PartnerKind: "How a partner sells. May grow.",
    PartnerState: "Where a partner stands. May grow.",
    OrderKind: "What an order asks for. May grow.",
    OrderStatus: "Where an order or a line stands. May grow.",
    OrderSort: "The order of a list of orders.",
    WaitingOn: "Who must act next. May grow.",
    OrderAction: "What may be done with an order. May grow.",
    Actor: "Who moved an order. May grow.",
    LicenseState: "Whether a licence counts. May grow.",
    SubscriptionState: "Whether what is held can be used. May grow.",
    Decision: "What screening decided. May grow.",
    ProblemCode: "Why a request was refused. Grows: treat an unknown code as a refusal.",
}

for kind, description in DESCRIPTIONS.items():
    name = "ScreeningDecision" if kind is Decision else kind.__name__
    strawberry.enum(kind, name=name, description=description)
