"""Logs: one JSON object a line, with tracebacks but without the values in them, which may be personal or secret."""

import logging
from typing import Any

import structlog


def configure() -> None:
    """Use this form in this process, for our own words and for the warnings and errors of libraries."""
    first: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(processors=[*first, *last], cache_logger_on_first_use=True)
    theirs = logging.StreamHandler()
    theirs.setLevel(logging.WARNING)
    theirs.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=first,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[theirs])
