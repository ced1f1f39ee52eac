"""Answers in parts: event streams, and multipart for what `@defer` holds back."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager, suppress
from typing import Any

from graphql import ExecutionResult, GraphQLError
from graphql.execution import ExperimentalIncrementalExecutionResults
from starlette.types import Message, Send
from strawberry.http.streaming import MultipartTransport, SSETransport

from edge.errors import Code, RequestRefused

HEARTBEAT = 15.0  # seconds; proxies close what has been silent for a minute

SLOWEST = 30.0
"""Seconds a client may leave what was sent to it unread; then it is dropped, to take its stream up again."""

Formatted = Callable[[GraphQLError], dict[str, Any]]


class EventStream(SSETransport):
    """graphql-sse's distinct connections, framed by line feeds: some clients split events by nothing else."""

    def encode_event(self, event: str, data: str | None = None) -> str:
        return f"event: {event}\ndata: {data or ''}\n\n"

    def encode_comment(self, comment: str) -> str:
        return f": {comment}\n\n"

    async def text(
        self, answers: AsyncGenerator[dict[str, Any], None], encode: Callable[[object], str]
    ) -> AsyncGenerator[str, None]:
        """Each answer as an event, pings where nothing happens, then the event that says there are no more.

        The answers are closed with it, at once: what they hold must not wait for a garbage collection.
        """
        async with aclosing(answers):
            coming = asyncio.ensure_future(anext(answers))
            try:
                while True:
                    await asyncio.wait([coming], timeout=HEARTBEAT)
                    if not coming.done():
                        yield self.encode_comment("ping")
                        continue
                    try:
                        answer = coming.result()
                    except StopAsyncIteration:
                        break
                    coming = asyncio.ensure_future(anext(answers))
                    yield self.encode_event("next", encode(answer))
                yield self.encode_event("complete")
            finally:
                coming.cancel()
                with suppress(asyncio.CancelledError, StopAsyncIteration):
                    await coming


class OpenStreams:
    """The streams that are open in this process: each client may have so many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    @contextmanager
    def one_of(self, client: str) -> Iterator[None]:
        """A stream for as long as the block lasts. Raises RequestRefused where the client has too many."""
        if self._open[client] >= self._most:
            message = f"A client has at most {self._most} subscriptions open at once."
            raise RequestRefused(Code.TOO_MANY_OPERATIONS, message, also={"limit": self._most})
        self._open[client] += 1
        try:
            yield
        finally:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]


def hasty(send: Send) -> Send:
    """Sending that raises TimeoutError where a client does not read."""

    async def sent(message: Message) -> None:
        async with asyncio.timeout(SLOWEST):
            await send(message)

    return sent


def in_parts(
    answers: AsyncIterator[dict[str, Any]], encode: Callable[[object], str]
) -> tuple[AsyncIterator[str], dict[str, str]]:
    """The parts of a multipart/mixed response, and its headers."""
    transport = MultipartTransport()
    stream = transport.stream(lambda: answers, encode)  # type: ignore[arg-type,return-value]
    return stream(), dict(transport.headers)


async def increments(
    result: ExperimentalIncrementalExecutionResults,
    answer: Callable[[ExecutionResult], dict[str, Any]],
    formatted: Formatted,
) -> AsyncIterator[dict[str, Any]]:
    """The first answer and everything that follows it, errors formatted wherever they stand.

    Each increment also carries the path and label of what it belongs to: Apollo Client's older handlers
    read them there.
    """
    first = result.initial_result
    places = {pending.id: pending for pending in first.pending}
    yield answer(ExecutionResult(first.data, first.errors)) | {
        "hasNext": first.has_next,
        "pending": [pending.formatted for pending in first.pending],
    }
    async for following in result.subsequent_results:
        part: dict[str, Any] = {"hasNext": following.has_next}
        if following.pending:
            places |= {pending.id: pending for pending in following.pending}
            part["pending"] = [pending.formatted for pending in following.pending]
        if following.incremental:
            part["incremental"] = [
                _told(each, formatted) | {"path": places[each.id].path, "label": places[each.id].label}
                for each in following.incremental
            ]
        if following.completed:
            part["completed"] = [_told(each, formatted) for each in following.completed]
        yield part


def _told(part: Any, formatted: Formatted) -> dict[str, Any]:
    """A part of an increment with its own errors formatted as everywhere."""
    told: dict[str, Any] = dict(part.formatted)
    errors: Sequence[GraphQLError] | None = part.errors
    return told | {"errors": [formatted(error) for error in errors]} if errors else told
