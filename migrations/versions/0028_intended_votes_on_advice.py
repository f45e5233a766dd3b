"""Intended votes on the board's advice on a motion, which are never those on the motion itself."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TABLE = "intended_vote"
HERE = ["meeting_id", "member_id", "proposal_id"]
KINDS = ("take_over", "advise_against", "hold_over", "leave_to_assembly")


def _index(name: str, columns: Sequence[str], condition: str) -> None:
    only = sa.text(condition)
    op.create_index(name, TABLE, columns, unique=True, postgresql_where=only, sqlite_where=only)


def upgrade() -> None:
    op.drop_index("uq_intended_vote_whole", TABLE)
    with op.batch_alter_table(TABLE) as table:
        table.add_column(sa.Column("advice_kind", sa.String(32), nullable=True))
        for name, condition in (
            ("advice_kind", "advice_kind IN (" + ", ".join(f"'{kind}'" for kind in KINDS) + ")"),
            ("advice_on_the_whole", "advice_kind IS NULL OR (section_id IS NULL AND amendment_id IS NULL)"),
            ("advice_has_direction", "advice_kind IS NULL OR advice_kind <> 'leave_to_assembly'"),
        ):
            table.create_check_constraint(op.f(f"ck_intended_vote_{name}"), condition)
    _index("uq_intended_vote_whole", HERE, "section_id IS NULL AND amendment_id IS NULL AND advice_kind IS NULL")
    _index("uq_intended_vote_advice", [*HERE, "advice_kind"], "advice_kind IS NOT NULL")


def downgrade() -> None:
    """Raises ``RuntimeError`` where somebody prepared a vote on an advice: what people wrote is not thrown away."""
    written = f"SELECT count(*) FROM {TABLE} WHERE advice_kind IS NOT NULL"
    if op.get_bind().execute(sa.text(written)).scalar_one():
        raise RuntimeError("there are intended votes on advice; the version before this one cannot keep them")
    op.drop_index("uq_intended_vote_advice", TABLE)
    op.drop_index("uq_intended_vote_whole", TABLE)
    with op.batch_alter_table(TABLE) as table:
        for name in ("advice_kind", "advice_on_the_whole", "advice_has_direction"):
            table.drop_constraint(op.f(f"ck_intended_vote_{name}"), type_="check")
        table.drop_column("advice_kind")
    _index("uq_intended_vote_whole", HERE, "section_id IS NULL AND amendment_id IS NULL")
