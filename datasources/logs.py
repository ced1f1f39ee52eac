"""How Portico logs: one event a line, with names and ids, never the values of local variables."""

import logging

import structlog

from datasources.settings import Settings


def configure_logs(settings: Settings) -> None:
    """Set the level and form of all logs. Tracebacks carry no locals: those hold people's data."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    logging.basicConfig(level=level, format="%(levelname)s %(name)s %(message)s")
    as_json = settings.log_format == "json"
    rendering = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if as_json
        else [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *rendering,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
