"""The agenda as it is prepared and run: standing items, durations, the current item, and rounds that open together."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

#: What every assembly had until now.
STANDING = '[["Opening", null, false], ["Mededelingen", null, false], ["Sluiting", null, true]]'
#: Working days before a meeting, as shipped.
LIMITS = {"papers_days": "10"}
#: What a person ticks on the checklist.
ITEMS = ("hall", "committee", "papers_sent", "devices", "minutes")
CURRENT = "fk_meeting_id_current_item_id_agenda_item"


def _set_aside() -> Sequence[str]:
    """Take away, on SQLite, every guard, and tell how each is made: a table that is made anew would lose its own."""
    if op.get_bind().dialect.name != "sqlite":
        return []
    rows = op.get_bind().exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    for name, _ in rows:
        op.execute(f"DROP TRIGGER {name}")
    return [sql for _, sql in rows]


def upgrade() -> None:
    aside = _set_aside()
    with op.batch_alter_table("association") as batch:
        batch.add_column(sa.Column("standing_agenda", sa.JSON(), nullable=False, server_default=STANDING))
        for name, days in LIMITS.items():
            batch.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default=days))
            batch.create_check_constraint(batch.f(f"ck_association_{name}"), f"{name} >= 0 AND {name} <= 120")
    with op.batch_alter_table("association") as batch:  # they stand in the rows there are; a new one brings its own
        for name in LIMITS:
            batch.alter_column(name, existing_type=sa.Integer(), existing_nullable=False, server_default=None)
        batch.alter_column("standing_agenda", existing_type=sa.JSON(), existing_nullable=False, server_default=None)
    with op.batch_alter_table("agenda_item") as batch:
        batch.add_column(sa.Column("minutes", sa.Integer(), nullable=True))
        batch.create_unique_constraint(batch.f("uq_agenda_item_meeting_id_id"), ["meeting_id", "id"])
        batch.create_check_constraint(batch.f("ck_agenda_item_minutes"), "minutes >= 1 AND minutes <= 600")
    with op.batch_alter_table("meeting") as batch:
        batch.add_column(sa.Column("agenda_version", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("current_item_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("current_since", sa.DateTime(timezone=True), nullable=True))
        batch.create_check_constraint(
            batch.f("ck_meeting_current_has_moment"), "(current_item_id IS NULL) = (current_since IS NULL)"
        )
        batch.create_foreign_key(batch.f(CURRENT), "agenda_item", ["id", "current_item_id"], ["meeting_id", "id"])
    op.create_index("uq_round_id_meeting_id", "round", ["id", "meeting_id"], unique=True)
    op.create_table(
        "round_block",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.CheckConstraint("block >= 1", name=op.f("ck_round_block_block_from_one")),
        sa.ForeignKeyConstraint(
            ["round_id", "meeting_id"],
            ["round.id", "round.meeting_id"],
            name=op.f("fk_round_block_round_id_meeting_id_round"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_round_block")),
    )
    op.create_index("ix_round_block_meeting_id_block", "round_block", ["meeting_id", "block"])
    op.create_table(
        "checklist_tick",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(32), nullable=False),
        sa.Column("ticked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "item IN (" + ", ".join(f"'{item}'" for item in ITEMS) + ")", name=op.f("ck_checklist_tick_hand_item")
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_checklist_tick_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_checklist_tick_person_id_person")),
        sa.PrimaryKeyConstraint("meeting_id", "item", name=op.f("pk_checklist_tick")),
    )
    for sql in aside:
        op.execute(sql)


def downgrade() -> None:
    aside = _set_aside()
    op.drop_table("checklist_tick")
    op.drop_table("round_block")
    op.drop_index("uq_round_id_meeting_id", table_name="round")
    with op.batch_alter_table("meeting") as batch:
        batch.drop_constraint(batch.f(CURRENT), type_="foreignkey")
        batch.drop_constraint(batch.f("ck_meeting_current_has_moment"), type_="check")
        for column in ("agenda_version", "current_item_id", "current_since"):
            batch.drop_column(column)
    with op.batch_alter_table("agenda_item") as batch:
        batch.drop_constraint(batch.f("ck_agenda_item_minutes"), type_="check")
        batch.drop_constraint(batch.f("uq_agenda_item_meeting_id_id"), type_="unique")
        batch.drop_column("minutes")
    with op.batch_alter_table("association") as batch:
        for name in LIMITS:
            batch.drop_constraint(batch.f(f"ck_association_{name}"), type_="check")
            batch.drop_column(name)
        batch.drop_column("standing_agenda")
    for sql in aside:
        op.execute(sql)
