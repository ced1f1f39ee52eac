"""The interface of everything that has an id of its own."""

import strawberry


@strawberry.interface(description="Anything that can be fetched again by its id.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque, prefixed and stable for ever.")
