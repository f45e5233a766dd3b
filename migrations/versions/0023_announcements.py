"""Messages to every screen of a meeting."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "announcement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(160), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("said_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 160", name=op.f("ck_announcement_text_is_short")),
        sa.CheckConstraint("until > said_at", name=op.f("ck_announcement_until_after_saying")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_announcement_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["said_by"], ["person.id"], name=op.f("fk_announcement_said_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    stands = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_announcement_stands", "announcement", ["meeting_id"], unique=True, postgresql_where=stands,
        sqlite_where=stands,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("announcement")
