"""The archives of meetings that the worker makes."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meeting_archive",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.CheckConstraint("done BETWEEN 0 AND total", name=op.f("ck_meeting_archive_done_of_total")),
        sa.CheckConstraint("(size IS NULL) = (sha256 IS NULL)", name=op.f("ck_meeting_archive_size_with_sha256")),
        sa.CheckConstraint(
            "sha256 IS NULL OR finished_at IS NOT NULL", name=op.f("ck_meeting_archive_made_is_finished")
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_archive_meeting_id_meeting")),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_meeting_archive")),
    )


def downgrade() -> None:
    op.drop_table("meeting_archive")
