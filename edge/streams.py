"""Answers in parts: event streams, and multipart for what `@defer` holds back."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from typing import Any

from graphql import ExecutionResult, GraphQLError
from graphql.execution import ExperimentalIncrementalExecutionResults
from strawberry.http.streaming import MultipartTransport, SSETransport, merge_stream_with_heartbeat

HEARTBEAT = 15.0  # seconds; proxies close what has been silent for a minute

Formatted = Callable[[GraphQLError], dict[str, Any]]


class EventStream(SSETransport):
    """graphql-sse's distinct connections, framed by line feeds: some clients split events by nothing else."""

    def encode_event(self, event: str, data: str | None = None) -> str:
        return f"event: {event}\ndata: {data or ''}\n\n"

    def encode_comment(self, comment: str) -> str:
        return f": {comment}\n\n"

    def text(
        self, answers: AsyncIterator[dict[str, Any]], encode: Callable[[object], str]
    ) -> AsyncIterator[str]:
        """Each answer as an event, then the event that says there are no more."""

        async def events() -> AsyncGenerator[str, None]:
            async for answer in answers:
                yield self.encode_event("next", encode(answer))
            yield self.encode_event("complete")

        stream = merge_stream_with_heartbeat(
            events,
            lambda: self.encode_comment("ping"),
            interval=HEARTBEAT,
            send_initial_heartbeat=False,
        )
        return stream()


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
