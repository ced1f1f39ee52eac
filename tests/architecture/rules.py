"""The rules of the house as functions that list what breaks them; the tests plant a fault in each."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from types import ModuleType

import datasources.postgres
from datasources.postgres.statements import ScopedStatement, Statement
from datasources.postgres.tables import metadata
from execution.views import plain_fields

TENANT_TABLES = frozenset(
    name for name, table in metadata.tables.items() if {"partner_id", "environment"} <= set(table.c.keys())
)

FORBIDDEN_NAMES = re.compile(r"^(get_|handle_)|(Manager|Helper)s?$")
FORBIDDEN_MODULES = frozenset({"utils", "helpers", "common", "misc"})

THEIR_NAMES = {
    "get_context": "the hook by which Strawberry asks for a request's context",
    "handle_connection_init": "Strawberry's hook for the first message of a WebSocket",
    "handle_message": "Strawberry's hook for every message of a WebSocket",
    "handle_subscribe": "Strawberry's hook for a subscribe message of a WebSocket",
}
"""Names that a library asks for, each with its reason."""

WORKER_STATEMENTS = {
    "datasources.postgres.orders.LOCK": "the worker holds one order of any partner while it moves it",
    "datasources.postgres.orders.LINES_TO_WRITE": "the lines of the order that LOCK holds",
    "datasources.postgres.orders.RENAME": "an order that LOCK holds, found to be the viewer's",
    "datasources.postgres.subscriptions.RELEASE": "what an order that LOCK holds had claimed",
    "datasources.postgres.subscriptions.LOCK": "the subscription of a line of the order that LOCK holds",
    "datasources.postgres.subscriptions.CHANGE": "the subscription that LOCK holds",
    "datasources.postgres.subscriptions.DUE_FOR_RENEWAL": "the worker renews for every partner",
    "datasources.postgres.subscriptions.EXPIRE": "the worker ends terms of every partner",
    "datasources.postgres.licenses.LOCK": "a licence that was found to be within the viewer's reach",
    "datasources.postgres.licenses.LOCK_CURRENT": "licences of a subscription that LOCK holds",
    "datasources.postgres.licenses.CHANGE": "a licence that LOCK or LOCK_CURRENT holds",
    "datasources.postgres.licenses.RETRIEVED": "a licence that LOCK holds",
    "datasources.postgres.licenses.ALL_OF": "licences of a subscription that LOCK holds",
    "datasources.postgres.bridges.NEWEST_RENEWAL": "the renewal of a subscription that LOCK holds",
    "datasources.postgres.bridges.DENIED": "the worker ends bridges of every partner",
    "datasources.postgres.bridges.BEGINNING": "the worker turns licences of every partner",
    "datasources.postgres.bridges.ENDED": "the worker turns licences of every partner",
    "datasources.postgres.licenses.WITHDRAWN": "the revocation list is of all, and names ids alone",
    "datasources.postgres.activation_codes.TAKE": "the code of a subscription that LOCK holds",
    "datasources.postgres.activation_codes.SEALED": "the code of a licence that is being sent",
    "datasources.postgres.activation_codes.REPLACE": "the code of a subscription that LOCK holds",
    "datasources.postgres.activation_codes.BY_DIGEST": "the code is the credential: it says whose it is",
    "datasources.postgres.activations.HELD": "activations of a subscription that LOCK holds",
    "datasources.postgres.activations.RENEW": "an activation that HELD gave",
    "datasources.postgres.activations.END": "activations that HELD gave",
    "datasources.postgres.deliveries.TO_SEND": "the worker sends for every partner",
    "datasources.postgres.deliveries.SETTLE": "the worker hears of bounces for every partner",
    "datasources.postgres.screening_cases.PASSING_CASES": "the worker screens again for every partner",
    "datasources.postgres.usual_durations.LEARN": "an aggregate over everybody that names nobody",
    "datasources.postgres.events.HEADS": "numbers alone, to wake those who follow their own feeds",
    "datasources.postgres.webhook_endpoints.CLAIM": "the worker sends for every partner",
    "datasources.postgres.webhook_deliveries.FORGET": "old deliveries go, whoever's they were",
    "datasources.postgres.api_clients.REGISTRATION": "who signs in has no scope: the id is all there is",
    "datasources.postgres.api_clients.LIVE_SECRETS": "of the client that REGISTRATION found",
    "datasources.postgres.api_clients.LIVE_KEYS": "of the client that REGISTRATION found",
    "datasources.postgres.api_clients.SECRET_USED": "of the client that proved itself by it",
    "datasources.postgres.api_clients.KEY_USED": "of the client that proved itself by it",
    "datasources.postgres.api_clients.REVOKED_LATELY": "ids alone, for the server to refuse their tokens",
    "datasources.postgres.list_rescreenings.CUSTOMERS_AFTER": "a changed list is looked up among everybody",
    "datasources.postgres.list_rescreenings.CONTACTS_OF_ANY": "of customers that CUSTOMERS_AFTER gave",
    "datasources.postgres.list_rescreenings.FACTS_OF_ANY": "of parties that CUSTOMERS_AFTER gave",
    "datasources.postgres.list_rescreenings.STANDING_OF_CUSTOMERS": "ids, each then read within its scope",
    "datasources.postgres.list_rescreenings.NEWEST_OF_CUSTOMERS": "as STANDING_OF_CUSTOMERS",
    "datasources.postgres.list_rescreenings.STANDING_OF_PARTNERS": "as STANDING_OF_CUSTOMERS",
    "datasources.postgres.list_rescreenings.NEWEST_OF_PARTNERS": "as STANDING_OF_CUSTOMERS",
    "datasources.postgres.list_rescreenings.STANDING_MATCHED": "as STANDING_OF_CUSTOMERS",
    "datasources.postgres.outbox.CLAIM": "the outbox serves every partner",
    "datasources.postgres.outbox.CLAIM_ALONE": "the outbox serves every partner",
    "datasources.postgres.outbox.LEASE": "rows that CLAIM gave",
    "datasources.postgres.outbox.DONE": "rows that CLAIM gave",
    "datasources.postgres.outbox.RETRY": "rows that CLAIM gave",
    "datasources.postgres.outbox.BURY": "rows that CLAIM gave",
}
"""Statements that reach tenant tables without a scope, each with its reason. None serves who is signed in."""


def unmatched_fields(view: type, record: type) -> list[str]:
    """Plain fields of a view that are no attribute of its record."""
    known = set(dir(record)) | ({field.name for field in fields(record)} if is_dataclass(record) else set())
    return [f"{view.__name__}.{name}" for name in plain_fields(view) if name not in known]


def unscoped(name: str, statement: Statement | ScopedStatement) -> list[str]:
    """Tenant tables that a statement reaches without keeping to one partner."""
    if isinstance(statement, ScopedStatement):
        read = re.sub(
            r"^INSERT INTO \w+ ", "", statement.one_partner.sql
        )  # rows that come from rows in scope
        return [f"{name}: {table}" for table in _without_partner(read)]
    if name in WORKER_STATEMENTS or statement.sql.startswith("INSERT"):
        return []
    return [f"{name}: {table}" for table in _without_partner(statement.sql)]


def _without_partner(sql: str) -> Iterator[str]:
    for table in sorted(TENANT_TABLES):
        named = len(re.findall(rf"\b(?:FROM|JOIN|UPDATE|INTO) {table}\b(?! AS)", sql))
        kept = len(re.findall(rf"\b{table}\.partner_id = ", sql))
        if named > kept:
            yield table


def statements() -> Iterator[tuple[str, Statement | ScopedStatement]]:
    """Every statement that a module of datasources.postgres keeps, by its dotted name."""
    for module in _modules(datasources.postgres):
        for name, value in vars(module).items():
            if isinstance(value, Statement | ScopedStatement):
                yield f"{module.__name__}.{name}", value


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if not found.ispkg:
            yield importlib.import_module(found.name)


def misnamed(path: str, source: str) -> list[str]:
    """Functions, classes and modules with names the house does not use."""
    stem = path.rpartition("/")[2].removesuffix(".py")
    found = [path] if stem in FORBIDDEN_MODULES else []
    for node in ast.walk(ast.parse(source)):
        name = getattr(node, "name", None) if isinstance(node, ast.stmt) else None
        if name and FORBIDDEN_NAMES.search(name) and name not in THEIR_NAMES:
            found.append(f"{path}:{node.lineno} {name}")
    return found


def too_long(path: str, source: str, *, most_lines: int = 400, most_in_function: int = 40) -> list[str]:
    """Files and functions that should be split. A function is counted without its docstring."""
    found = [path] if source.count("\n") > most_lines else []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            start = node.body[1 if ast.get_docstring(node) and len(node.body) > 1 else 0].lineno
            if (node.end_lineno or start) - start >= most_in_function:
                found.append(f"{path}:{node.lineno} {node.name}")
    return found


def without_description(sdl_types: dict[str, object]) -> list[str]:
    """Types, fields and arguments of a schema that nobody has described."""
    found = []
    for name, named in sdl_types.items():
        if name.startswith("__") or name in {"String", "Int", "Float", "Boolean", "ID"}:
            continue
        if not getattr(named, "description", None):
            found.append(name)
        for field_name, field in getattr(named, "fields", {}).items():
            if not field.description:
                found.append(f"{name}.{field_name}")
            for argument_name, argument in getattr(field, "args", {}).items():
                if not argument.description:
                    found.append(f"{name}.{field_name}({argument_name}:)")
    return found


def confusable_tests(paths: list[str], packages: set[str]) -> list[str]:
    """Test files outside packages that share a name: pytest imports one of them and stops at the other."""
    names: dict[str, list[str]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        if name.startswith("test_") and folder not in packages:
            names.setdefault(name, []).append(path)
    return [path for same in names.values() if len(same) > 1 for path in same]
