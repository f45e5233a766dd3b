"""Votes that somebody wants to be declared void, waiting for a second person."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dispute",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("annulled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("NOT annulled OR ended_by <> asked_by", name=op.f("ck_dispute_two_people")),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_dispute_ended_by_somebody")),
        sa.CheckConstraint("NOT annulled OR ended_at IS NOT NULL", name=op.f("ck_dispute_annulled_has_ended")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_dispute_asked_by_person")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_dispute_ended_by_person")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_dispute_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
    )
    waits = sa.text("ended_at IS NULL")
    op.create_index("uq_dispute_now", "dispute", ["round_id"], unique=True, postgresql_where=waits, sqlite_where=waits)


def downgrade() -> None:
    op.drop_table("dispute")
