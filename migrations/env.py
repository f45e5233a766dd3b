"""Alembic's environment. Migrations run under a lock, so that two starting processes do not both migrate."""

from alembic import context
from sqlalchemy import text

from vng_alv import db, models  # noqa: F401

LOCK = 7_201_341

engine = context.config.attributes.get("engine") or db.engine()
with engine.connect().execution_options(**{db.WRITE: True}) as connection:
    context.configure(
        connection=connection,
        target_metadata=db.Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    embedded = connection.connection.driver_connection if connection.dialect.name == "sqlite" else None
    if embedded:  # a table is changed there by making it anew; what refers to it is checked at the end
        embedded.execute("PRAGMA foreign_keys=OFF")
    try:
        with context.begin_transaction():
            if not embedded:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            context.run_migrations()
            if embedded and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                raise RuntimeError(f"a row of {lost[0]} refers to nothing after the migration")
    finally:
        if embedded:
            embedded.execute("PRAGMA foreign_keys=ON")
