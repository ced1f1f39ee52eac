"""What a query selects, as the data sources want to know it: the names on the records themselves."""

from collections.abc import Iterable

_NODES = ("nodes.", "edges.node.")


def own(selection: Iterable[str] | None) -> frozenset[str] | None:
    """The names selected on the records of a list; what lies below a name is left out."""
    return None if selection is None else frozenset(name.partition(".")[0] for name in selection)


def nodes_of(selection: Iterable[str] | None) -> frozenset[str] | None:
    """The names selected on the records of a connection, whether by nodes or by edges."""
    if selection is None:
        return None
    below = (name.removeprefix(prefix) for name in selection for prefix in _NODES if name.startswith(prefix))
    return own(below)
