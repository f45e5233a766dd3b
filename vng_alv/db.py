"""The database: one base for all tables, one session for each thread, one place that commits.

Services use :data:`session` and end with a flush. The doors (web, worker, terminal) open a :func:`transaction`, and
what was asked for :func:`after_commit` happens only when it has been committed.
"""

import enum
import os
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    UniqueConstraint,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import DisconnectionError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, scoped_session, sessionmaker
from sqlalchemy.types import TypeDecorator

log = structlog.get_logger()

#: How long a statement, a wait for a lock and a forgotten transaction may last on PostgreSQL, in milliseconds.
STATEMENT_MS, LOCK_MS, IDLE_MS = 30_000, 5_000, 60_000
POSTGRESQL_OPTIONS = (
    f"-c statement_timeout={STATEMENT_MS} -c lock_timeout={LOCK_MS} "
    f"-c idle_in_transaction_session_timeout={IDLE_MS} -c timezone=UTC"
)
WRITE = "alv_write"


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC on both databases; SQLite keeps it as text, without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """A moment without a zone is a mistake, and is refused."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Always aware, always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables. Constraint names are fixed, so that a message can be found by name."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Moment(), dict[str, Any]: JSON(), list[Any]: JSON()}  # noqa: RUF012


def enum_of(kind: type[enum.StrEnum], name: str = "") -> Enum:
    """A column type that holds the values of ``kind`` as text, with a CHECK of this name or of that of ``kind``."""
    name = name or "".join("_" + c.lower() if c.isupper() else c for c in kind.__name__).strip("_")
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [m.value for m in members],
    )


def uuid_key() -> Any:
    """A primary key that says nothing: random, so that it may stand in an address."""
    return mapped_column(primary_key=True, default=uuid.uuid4)


session: scoped_session[Session] = scoped_session(sessionmaker(expire_on_commit=False))
_engine: Engine | None = None


class Embedded(sqlite3.Connection):
    """A connection to the embedded database, which knows the file that it opened."""

    def __init__(self, path: str) -> None:
        # Not "rwc": a file that is missing is an outage, and an empty one in its place would hide it.
        super().__init__(f"{Path(path).absolute().as_uri()}?mode=rw", uri=True, check_same_thread=False)
        self.isolation_level = None  # we say BEGIN ourselves
        # Without recursive triggers REPLACE deletes a row that a trigger guards.
        for pragma in (
            "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON", "busy_timeout=15000",
            "secure_delete=ON",  # what is deleted is overwritten: sealed ballots are
        ):  # fmt: skip
            self.execute("PRAGMA " + pragma).close()
        self.path, self.file = path, os.stat(path)

    def is_there(self) -> bool:
        """Whether it still is the database: what is written to a file that was moved away or removed is lost."""
        try:
            return os.path.samestat(self.file, os.stat(self.path))
        except OSError:
            return False


def _check_sqlite(connection: Embedded, _record: object, _proxy: object) -> None:
    if not connection.is_there():
        raise DisconnectionError("the file of the database is gone")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that will write takes the lock at once: one that upgrades later fails under load.
    write = connection.get_execution_options().get(WRITE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def make_engine(url: str, pool_size: int = 5) -> Engine:
    """An engine for ``url`` with the guards that this application relies on."""
    if url.startswith("sqlite"):
        path = make_url(url).database or ""
        engine = create_engine(
            url, creator=lambda: Embedded(path), pool_size=pool_size, max_overflow=2, hide_parameters=True
        )
        event.listen(engine, "checkout", _check_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=2,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"options": POSTGRESQL_OPTIONS, "application_name": "alv", "connect_timeout": 5},
    )


def connect(url: str, pool_size: int = 5) -> Engine:
    """Use the database at ``url`` from now on, in all threads of this process."""
    global _engine  # noqa: PLW0603
    session.remove()
    if _engine is not None:
        _engine.dispose()
    _engine = make_engine(url, pool_size)
    session.configure(bind=_engine)
    return _engine


def engine() -> Engine:
    """The engine in use. Raises ``RuntimeError`` before :func:`connect`."""
    if _engine is None:
        raise RuntimeError("no database: call db.connect first")
    return _engine


def is_sqlite() -> bool:
    """Whether the database in use is the embedded one."""
    return engine().dialect.name == "sqlite"


def unsafe_durability() -> str | None:
    """Why an acknowledged vote might be lost on this database, or None. PostgreSQL only; SQLite is set by us."""
    with engine().connect() as connection:
        if is_sqlite():
            return None
        value = connection.execute(text("SHOW synchronous_commit")).scalar_one()
    return None if value != "off" else "PostgreSQL has synchronous_commit off: an acknowledged vote could be lost."


def check() -> None:
    """Raises when the database is away, or is not ours."""
    session.execute(text("SELECT version_num FROM alembic_version"))


def now() -> datetime:
    """The database's clock; the embedded database has this machine's."""
    if is_sqlite():
        return datetime.now(UTC)
    moment: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return moment.astimezone(UTC)


def sqlite_moment(moment: datetime) -> str:
    """A moment as the embedded database keeps it, for statements of our own."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def as_uuid(value: Any) -> uuid.UUID:
    """A key from a statement of our own, on either database."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)


def as_moment(value: Any) -> datetime:
    """A moment from a statement of our own, on either database."""
    return value.astimezone(UTC) if isinstance(value, datetime) else datetime.fromisoformat(value).replace(tzinfo=UTC)


def begin_writing() -> None:
    """Start the transaction of this thread as one that will write."""
    session.connection(execution_options={WRITE: True})


def after_commit(action: Callable[[], object], key: object) -> None:
    """Run ``action`` once this transaction is committed, never if it is not; the same ``key`` runs once."""
    session.info.setdefault("after_commit", {})[key] = action


def wipe(*tables: str) -> None:
    """Have rows that were deleted from these tables overwritten on disk, and left out of the log of the embedded
    database; outside any transaction. What other copies there are (the log of PostgreSQL, backups) stays."""
    if is_sqlite():
        line = Embedded(engine().url.database or "")
        line.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        line.close()
        return
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"VACUUM {', '.join(tables)}"))


def in_use() -> bool:
    """Whether this thread has used its session since it was last removed."""
    return session.registry.has()


def commit() -> None:
    """Commit, then do what was asked for afterwards. Those are nudges: one that fails is logged; a sweep repairs."""
    actions = session.info.pop("after_commit", {})
    try:
        session.commit()
    except BaseException:
        session.rollback()
        raise
    for action in actions.values():
        try:
            action()
        except Exception as error:
            log.warning("after_commit_failed", error=repr(error))


def rollback() -> None:
    """Undo, and forget what was to happen afterwards."""
    session.info.pop("after_commit", None)
    session.rollback()


@contextmanager
def transaction(*, write: bool = True) -> Iterator[None]:
    """One unit of work: committed at the end, undone by an exception, and the connection given back.

    What was read stays readable afterwards; without ``write`` nothing that was changed is kept.
    """
    try:
        if write:
            begin_writing()
        yield
        if write:
            commit()
    except BaseException:
        rollback()
        raise
    finally:
        session.remove()


def violated(error: IntegrityError) -> str | None:
    """The name of the constraint that was broken, on either database; None when it cannot be known."""
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return str(diagnosis.constraint_name) if diagnosis.constraint_name else None
    told = str(error.orig)
    kind, _, what = told.partition(" constraint failed: ")
    if kind == "CHECK":
        return what
    columns = {part.strip().partition(".")[2] for part in what.split(",")}
    table = Base.metadata.tables.get(what.partition(".")[0])
    for constraint in table.constraints if table is not None else ():
        if isinstance(constraint, UniqueConstraint) and set(constraint.columns.keys()) == columns:
            return str(constraint.name)
    return what or None
