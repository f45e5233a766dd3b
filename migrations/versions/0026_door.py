"""Who comes to a meeting, whether a member is in the hall or elsewhere, and votes that two people enter from paper."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def _attendance() -> None:
    with op.batch_alter_table("attendance") as batch:
        batch.add_column(sa.Column("how", sa.String(32), nullable=False, server_default="hall"))
        batch.add_column(sa.Column("mistaken", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.create_check_constraint(batch.f("ck_attendance_how"), "how IN ('hall', 'remote')")
        batch.create_check_constraint(batch.f("ck_attendance_mistaken_has_end"), "NOT mistaken OR until IS NOT NULL")
    op.create_table(
        "registration",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column(
            "coming",
            sa.Enum("hall", "remote", "absent", name="coming", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("guests", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "guests >= 0 AND guests <= 50 AND (guests = 0 OR coming = 'hall')",
            name=op.f("ck_registration_guests_to_hall"),
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_registration_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_registration_member_id_member")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_registration_person_id_person")),
        sa.PrimaryKeyConstraint("meeting_id", "member_id", name=op.f("pk_registration")),
    )


def _paper() -> None:
    op.create_table(
        "paper_vote",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column(
            "medium",
            sa.Enum("paper", "hands", name="medium", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("chosen_by", sa.Uuid(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["chosen_by"], ["person.id"], name=op.f("fk_paper_vote_chosen_by_person")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_paper_vote_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_paper_vote")),
    )
    op.create_table(
        "paper_ballot",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("over_version", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("first_choice", sa.String(12), nullable=False),
        sa.Column("first_by", sa.Uuid(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_choice", sa.String(12), nullable=True),
        sa.Column("second_by", sa.Uuid(), nullable=True),
        sa.Column("second_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ballot_version", sa.Integer(), nullable=True),
        sa.CheckConstraint("number >= 1 AND over_version >= 0", name=op.f("ck_paper_ballot_number_from_one")),
        sa.CheckConstraint("second_by IS NULL OR second_by <> first_by", name=op.f("ck_paper_ballot_two_people")),
        sa.CheckConstraint(
            "(second_by IS NULL) = (second_choice IS NULL) AND (second_by IS NULL) = (second_at IS NULL)",
            name=op.f("ck_paper_ballot_second_is_whole"),
        ),
        sa.CheckConstraint(
            "ballot_version IS NULL OR (second_choice IS NOT NULL AND second_choice = first_choice"
            " AND ballot_version = over_version + 1)",
            name=op.f("ck_paper_ballot_settled_agrees"),
        ),
        sa.ForeignKeyConstraint(["first_by"], ["person.id"], name=op.f("fk_paper_ballot_first_by_person")),
        sa.ForeignKeyConstraint(["second_by"], ["person.id"], name=op.f("fk_paper_ballot_second_by_person")),
        sa.ForeignKeyConstraint(
            ["round_id", "member_id"], ["roll_entry.round_id", "roll_entry.member_id"], name="fk_paper_ballot_roll"
        ),
        sa.ForeignKeyConstraint(
            ["round_id", "member_id", "ballot_version"],
            ["ballot.round_id", "ballot.member_id", "ballot.version"],
            name="fk_paper_ballot_ballot",
        ),
        sa.PrimaryKeyConstraint("round_id", "member_id", "number", name=op.f("pk_paper_ballot")),
    )


def guards() -> Iterator[tuple[str, str, str, str, str]]:
    """(name, table, event, when it is refused, the name of the rule); conditions that both databases understand."""
    asked = (
        "EXISTS (SELECT 1 FROM round r JOIN meeting m ON m.id = r.meeting_id WHERE r.id = NEW.round_id"
        " AND r.state = 'open' AND r.way = 'ballots' AND NOT r.secret AND NOT r.rehearsal AND r.picks = 1"
        " AND m.kind <> 'ledenraadpleging')"
    )
    yield "paper_vote_while_open", "paper_vote", "INSERT", f"NOT {asked}", "paper_only_while_open"
    for event in ("UPDATE", "DELETE"):
        yield f"paper_vote_no_{event.lower()}", "paper_vote", event, "1 = 1", "paper_stands"
    chosen = "EXISTS (SELECT 1 FROM paper_vote p WHERE p.round_id = NEW.round_id)"
    alone = "NEW.second_by IS NULL AND NEW.ballot_version IS NULL"
    waits = (
        "EXISTS (SELECT 1 FROM paper_ballot p WHERE p.round_id = NEW.round_id AND p.member_id = NEW.member_id"
        " AND p.ballot_version IS NULL)"
    )
    first = f"NOT ({asked} AND {chosen} AND {alone}) OR {waits}"
    yield "paper_ballot_first", "paper_ballot", "INSERT", first, "paper_read_by_one_first"
    same = " AND ".join(
        f"NEW.{name} = OLD.{name}" for name in ("round_id", "member_id", "number", "over_version", "key", "first_by")
    )
    kept = f"{same} AND (OLD.second_by IS NULL OR NEW.second_by = OLD.second_by) AND OLD.ballot_version IS NULL"
    cast = (
        "EXISTS (SELECT 1 FROM ballot b WHERE b.round_id = NEW.round_id AND b.member_id = NEW.member_id"
        " AND b.version = NEW.ballot_version AND b.key = NEW.key AND b.choice = NEW.first_choice)"
    )
    right = f"{asked} AND {kept} AND (NEW.ballot_version IS NULL OR {cast})"
    # What is not known is refused too: a person that was left out makes the condition neither true nor false.
    refused = f"(CASE WHEN {right} THEN 0 ELSE 1 END = 1)"
    yield "paper_ballot_settled", "paper_ballot", "UPDATE", refused, "paper_stands"
    settled = "OLD.ballot_version IS NOT NULL"
    yield "paper_ballot_kept", "paper_ballot", "DELETE", settled, "paper_stands"
    left = "EXISTS (SELECT 1 FROM paper_ballot p WHERE p.round_id = NEW.id AND p.ballot_version IS NULL)"
    closes = "NEW.state = 'closed' AND OLD.state <> 'closed'"
    yield "round_paper_waits", "round", "UPDATE", f"{closes} AND {left}", "paper_waits"


def _put() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, event, condition, rule in guards():
        if sqlite:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {rule}'); END"
            )
            continue
        back = "OLD" if event == "DELETE" else "NEW"
        op.execute(
            f"CREATE FUNCTION alv_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {condition} THEN RAISE EXCEPTION '{rule}' USING ERRCODE = 'check_violation', "
            f"CONSTRAINT = '{rule}', TABLE = '{table}'; END IF; RETURN {back}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION alv_{name}()")
    if not sqlite:
        for table in ("paper_vote", "paper_ballot"):
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION alv_no_truncate()"
            )


def upgrade() -> None:
    _attendance()
    _paper()
    _put()


def downgrade() -> None:
    """Raises ``RuntimeError`` where votes were entered from paper: who read them is not thrown away."""
    if op.get_bind().execute(sa.text("SELECT count(*) FROM paper_ballot")).scalar_one():
        raise RuntimeError("there are votes from paper; the version before this one cannot keep who entered them")
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute("DROP TRIGGER round_paper_waits" + ("" if sqlite else " ON round"))
    op.drop_table("paper_ballot")
    op.drop_table("paper_vote")
    if not sqlite:
        for name, *_ in guards():
            op.execute(f"DROP FUNCTION alv_{name}()")
    op.drop_table("registration")
    with op.batch_alter_table("attendance") as batch:
        batch.drop_constraint(batch.f("ck_attendance_mistaken_has_end"), type_="check")
        batch.drop_constraint(batch.f("ck_attendance_how"), type_="check")
        batch.drop_column("mistaken")
        batch.drop_column("how")
