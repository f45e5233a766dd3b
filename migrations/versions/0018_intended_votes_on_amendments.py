"""Intended votes on amendments."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLE = "intended_vote"


def _index(name: str, columns: Sequence[str], condition: str) -> None:
    only = sa.text(condition)
    op.create_index(name, TABLE, columns, unique=True, postgresql_where=only, sqlite_where=only)


def upgrade() -> None:
    op.drop_index("uq_intended_vote_whole", TABLE)
    with op.batch_alter_table(TABLE) as table:
        table.add_column(sa.Column("amendment_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            op.f("fk_intended_vote_amendment_id_amendment"), "amendment", ["amendment_id"], ["submission_id"]
        )
        table.create_check_constraint(
            op.f("ck_intended_vote_section_or_amendment"), "section_id IS NULL OR amendment_id IS NULL"
        )
    here = ["meeting_id", "member_id"]
    _index("uq_intended_vote_whole", [*here, "proposal_id"], "section_id IS NULL AND amendment_id IS NULL")
    _index("uq_intended_vote_amendment", [*here, "amendment_id"], "amendment_id IS NOT NULL")


def downgrade() -> None:
    """Raises ``RuntimeError`` where somebody prepared a vote on an amendment: what people wrote is not thrown away."""
    written = f"SELECT count(*) FROM {TABLE} WHERE amendment_id IS NOT NULL"
    if op.get_bind().execute(sa.text(written)).scalar_one():
        raise RuntimeError("there are intended votes on amendments; the version before this one cannot keep them")
    op.drop_index("uq_intended_vote_amendment", TABLE)
    op.drop_index("uq_intended_vote_whole", TABLE)
    with op.batch_alter_table(TABLE) as table:
        table.drop_constraint(op.f("ck_intended_vote_section_or_amendment"), type_="check")
        table.drop_constraint(op.f("fk_intended_vote_amendment_id_amendment"), type_="foreignkey")
        table.drop_column("amendment_id")
    _index("uq_intended_vote_whole", ["meeting_id", "member_id", "proposal_id"], "section_id IS NULL")
