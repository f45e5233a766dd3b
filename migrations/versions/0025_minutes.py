"""The minutes of meetings that were published."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

EVENTS = ("UPDATE", "DELETE")
RULE = "minutes_append_only"


def upgrade() -> None:
    op.create_table(
        "minutes",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('pdf', 'docx')", name=op.f("ck_minutes_file_kind")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_minutes_number_from_one")),
        sa.CheckConstraint("size BETWEEN 1 AND 10000000", name=op.f("ck_minutes_size")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_minutes_meeting_id_meeting")),
        sa.PrimaryKeyConstraint("meeting_id", "number", name=op.f("pk_minutes")),
        sa.UniqueConstraint("meeting_id", "sha256", name=op.f("uq_minutes_meeting_id_sha256")),
    )
    for event in EVENTS:
        name = f"minutes_no_{event.lower()}"
        if op.get_bind().dialect.name == "sqlite":
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON minutes "
                f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {RULE}'); END"
            )
            continue
        op.execute(
            f"CREATE FUNCTION alv_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{RULE}' USING ERRCODE = 'check_violation', CONSTRAINT = '{RULE}', TABLE = 'minutes'; "
            f"END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON minutes FOR EACH ROW EXECUTE FUNCTION alv_{name}()")


def downgrade() -> None:
    op.drop_table("minutes")
    if op.get_bind().dialect.name != "sqlite":
        for event in EVENTS:
            op.execute(f"DROP FUNCTION alv_minutes_no_{event.lower()}()")
