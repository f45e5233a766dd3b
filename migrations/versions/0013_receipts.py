"""Keys that receipts are signed with, and on each ballot the member that cast it for another one."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def guards() -> Iterator[tuple[str, str]]:
    """(name, event) of what keeps a key that was published as it is."""
    for event in ("UPDATE", "DELETE"):
        yield f"signing_key_no_{event.lower()}", event


def upgrade() -> None:
    op.create_table(
        "signing_key",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("public_key", sa.String(length=43), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_signing_key_number_from_one")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("id", name=op.f("uq_signing_key_id")),
        sa.UniqueConstraint("public_key", name=op.f("uq_signing_key_public_key")),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    # Written out, since making the table anew would lose the guards of ballots on SQLite.
    op.execute(
        f"ALTER TABLE ballot ADD COLUMN via_id {'CHAR(32)' if sqlite else 'UUID'} "
        "CONSTRAINT fk_ballot_via_id_member REFERENCES member (id)"
    )
    rule = "signing_key_append_only"
    for name, event in guards():
        if sqlite:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON signing_key "
                f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {rule}'); END"
            )
        else:
            op.execute(
                f"CREATE FUNCTION alv_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"RAISE EXCEPTION '{rule}' USING ERRCODE = 'check_violation', CONSTRAINT = '{rule}', "
                "TABLE = 'signing_key'; END $$"
            )
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON signing_key FOR EACH ROW EXECUTE FUNCTION alv_{name}()"
            )
    if not sqlite:
        op.execute(
            "CREATE TRIGGER signing_key_no_truncate BEFORE TRUNCATE ON signing_key EXECUTE FUNCTION alv_no_truncate()"
        )


def downgrade() -> None:
    op.drop_table("signing_key")
    if op.get_bind().dialect.name == "postgresql":
        for name, _event in guards():
            op.execute(f"DROP FUNCTION alv_{name}()")
        op.drop_column("ballot", "via_id")
        return
    # The table is made anew, and its guards with it; those of others that look into it would stop the renaming.
    rows = op.get_bind().exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    for name, _sql in rows:
        op.execute(f"DROP TRIGGER {name}")
    with op.batch_alter_table("ballot") as batch:
        batch.drop_column("via_id")
    for _name, sql in rows:
        op.execute(sql)
