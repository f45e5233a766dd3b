"""The short way to the database, for the two things that hundreds do in the same minute: being recognised and casting.

A connection outside the session: no unit of work, no pool, no BEGIN and COMMIT of their own. On PostgreSQL every
statement is a transaction by itself, durable when it returns, and prepared the first time. On SQLite
:meth:`Line.writing` makes several statements one.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import Engine

from vng_alv import db


class AtTheSameTime(Exception):
    """Another statement took the same place first; nothing of this one was kept."""


class Line:
    """One connection, for work of which one thread at a time does its share (``group.Group`` sees to that)."""

    def __init__(self) -> None:
        self._connection: Any = None
        self._engine: Engine | None = None

    def __del__(self) -> None:
        self._hang_up()

    def _connected(self) -> Any:
        engine = db.engine()
        if self._connection is None or self._engine is not engine or self._is_lost():
            self._hang_up()
            self._connection, self._engine = _connect(engine), engine
        return self._connection

    def _is_lost(self) -> bool:
        here = self._connection
        return isinstance(here, db.Embedded) and not here.in_transaction and not here.is_there()

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def run(self, statement: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """The rows of one statement with named values, in the spelling of the engine in use.

        A broken connection is made anew and the statement sent again, so it must bear being run twice. Raises
        ``AtTheSameTime`` when a unique constraint refused it.
        """
        try:
            return self._rows(statement, values)
        except psycopg.OperationalError:
            if self._connection is not None and not self._connection.closed:
                raise  # it waited too long: to send it again would hold up the others as long again
            self._hang_up()
            return self._rows(statement, values)

    def _rows(self, statement: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        try:
            found: Sequence[Sequence[Any]] = self._connected().execute(statement, values).fetchall()
        except psycopg.errors.UniqueViolation as error:
            raise AtTheSameTime from error
        return found

    @contextmanager
    def writing(self) -> Iterator[None]:
        """On SQLite: the statements inside are one durable transaction. On PostgreSQL each already is."""
        if not db.is_sqlite():
            yield
            return
        connection = self._connected()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def _connect(engine: Engine) -> Any:
    if db.is_sqlite():
        return db.Embedded(engine.url.database or "")
    return psycopg.connect(
        engine.url.set(drivername="postgresql").render_as_string(hide_password=False),
        autocommit=True,
        prepare_threshold=0,
        options=db.POSTGRESQL_OPTIONS,
        application_name="alv",
        connect_timeout=5,
        tcp_user_timeout=10_000,
    )
