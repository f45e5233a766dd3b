"""Rules of the association's own, attendance, who was present at closing, and two more verdicts."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

VERDICTS = ("adopted", "rejected", "no_verdict")
NEW_VERDICTS = ("tied", "no_quorum")


@contextmanager
def _keeping_triggers(table: str) -> Iterator[None]:
    """SQLite changes a table by making it anew, and its triggers go with the old one."""
    connection = op.get_bind()
    kept = []
    if connection.dialect.name == "sqlite":
        found = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name")
        kept = list(connection.execute(found, {"name": table}).scalars())
    yield
    for statement in kept:
        op.execute(statement)


def _verdicts(verdicts: tuple[str, ...]) -> str:
    return "verdict IN (" + ", ".join(f"'{verdict}'" for verdict in verdicts) + ")"


def upgrade() -> None:
    op.create_table(
        "decision_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_rule")),
        sa.UniqueConstraint("name", name=op.f("uq_decision_rule_name")),
    )
    op.create_table(
        "attendance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_attendance_until_after_since")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_attendance_ended_by_person")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_attendance_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_attendance_member_id_member")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_attendance_recorded_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
    )
    now = sa.text("until IS NULL")
    op.create_index(
        "uq_attendance_now", "attendance", ["meeting_id", "member_id"], unique=True, postgresql_where=now,
        sqlite_where=now,
    )  # fmt: skip
    with op.batch_alter_table("association") as batch:
        batch.alter_column("rule", existing_type=sa.String(length=32), type_=sa.String(length=40))
        batch.add_column(sa.Column("statute_rule", sa.String(length=40), nullable=False, server_default="two_thirds"))
    with _keeping_triggers("result"), op.batch_alter_table("result") as batch:
        batch.add_column(sa.Column("present_weight", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("present_members", sa.Integer(), nullable=True))
        batch.drop_constraint(op.f("ck_result_verdict"), type_="check")
        batch.create_check_constraint(op.f("ck_result_verdict"), _verdicts(VERDICTS + NEW_VERDICTS))
        batch.create_check_constraint(
            op.f("ck_result_present_within_electorate"),
            "(present_weight IS NULL) = (present_members IS NULL)"
            " AND (present_weight IS NULL OR (present_weight BETWEEN weight_for + weight_against + weight_abstain"
            " AND electorate_weight AND present_members BETWEEN members_for + members_against + members_abstain"
            " AND electorate_members))",
        )


def downgrade() -> None:
    with _keeping_triggers("result"), op.batch_alter_table("result") as batch:
        batch.drop_constraint(op.f("ck_result_present_within_electorate"), type_="check")
        batch.drop_constraint(op.f("ck_result_verdict"), type_="check")
        batch.create_check_constraint(op.f("ck_result_verdict"), _verdicts(VERDICTS))
        batch.drop_column("present_members")
        batch.drop_column("present_weight")
    with op.batch_alter_table("association") as batch:
        batch.drop_column("statute_rule")
        batch.alter_column("rule", existing_type=sa.String(length=40), type_=sa.String(length=32))
    op.drop_table("attendance")
    op.drop_table("decision_rule")
