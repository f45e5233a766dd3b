"""Logs: one JSON object a line, with tracebacks but without the values in them, which may be personal or secret."""

import structlog


def configure() -> None:
    """Use this form in this process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        cache_logger_on_first_use=True,
    )
