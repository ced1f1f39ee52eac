"""The schema, and its printed form."""

from functools import cache

import strawberry
from strawberry.schema.config import StrawberryConfig

from execution.executor import PlannedExecutor
from schema.customers import Customer
from schema.licenses import License, Subscription
from schema.mutation import Mutation
from schema.orders import Order
from schema.partners import Partner
from schema.query import Query

NODES = [Order, Customer, License, Subscription, Partner]
"""Types that are reached through the Node interface alone in some documents."""


@cache
def schema() -> strawberry.Schema:
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        types=NODES,
        execution_context_class=PlannedExecutor,
        config=StrawberryConfig(disable_field_suggestions=True),
    )


def printed() -> str:
    """The contract as SDL, sorted; what `schema/schema.graphql` must equal."""
    return schema().as_str() + "\n"
