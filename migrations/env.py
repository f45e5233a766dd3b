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
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        context.run_migrations()
