"""The short way to the database, for the two things that hundreds do in the same minute: being recognised and casting.

One connection for each thread, outside the session: no unit of work, no pool, no BEGIN and COMMIT of their own. On
PostgreSQL every statement is a transaction by itself, durable when it returns, and prepared the first time. On SQLite
:func:`writing` makes several statements one.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Engine

from vng_alv import db


class _Link:
    """A connection that is closed with its thread."""

    def __init__(self, connection: Any, engine: Engine) -> None:
        self.connection = connection
        self.engine = engine

    def __del__(self) -> None:
        self.connection.close()


class _Here(threading.local):
    link: _Link | None = None


_here = _Here()


class AtTheSameTime(Exception):
    """Another statement took the same place first; nothing of this one was kept."""


def _connection() -> Any:
    engine = db.engine()
    if _here.link is None or _here.link.engine is not engine:
        _here.link = None
        if db.is_sqlite():
            connection: Any = sqlite3.connect(engine.url.database or "", isolation_level=None)
            db.prepare_sqlite(connection)
        else:
            connection = psycopg.connect(
                engine.url.set(drivername="postgresql").render_as_string(hide_password=False),
                autocommit=True,
                prepare_threshold=0,
                options=db.POSTGRESQL_OPTIONS,
                application_name="alv",
                connect_timeout=5,
            )
        _here.link = _Link(connection, engine)
    return _here.link.connection


def run(statement: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    """The rows of one statement with named values, in the spelling of the engine in use.

    A broken connection is made anew and the statement sent again, so it must bear being run twice. Raises
    ``AtTheSameTime`` when a unique constraint refused it.
    """
    try:
        return _rows(statement, values)
    except psycopg.OperationalError:
        _here.link = None
        return _rows(statement, values)


def _rows(statement: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    try:
        found: Sequence[Sequence[Any]] = _connection().execute(statement, values).fetchall()
    except psycopg.errors.UniqueViolation as error:
        raise AtTheSameTime from error
    return found


@contextmanager
def writing() -> Iterator[None]:
    """On SQLite: the statements inside are one durable transaction. On PostgreSQL each already is."""
    if not db.is_sqlite():
        yield
        return
    connection = _connection()
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
