"""Rounds that are decided by acclamation, with members that are noted to be against, and rounds on the board's advice."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

Guard = tuple[str, str, str, str, str]

UNDER_WAY = "('open', 'closed', 'counted')"
STEPS = (
    ("draft", "submitted"),
    ("submitted", "withdrawn"),
    ("submitted", "taken_over"),
    ("submitted", "adopted"),
    ("submitted", "rejected"),
    ("submitted", "held_over"),
    ("submitted", "lapsed"),
    ("held_over", "withdrawn"),
    ("held_over", "taken_over"),
    ("held_over", "adopted"),
    ("held_over", "rejected"),
    ("held_over", "lapsed"),
    ("taken_over", "merged"),
    ("taken_over", "submitted"),
    ("adopted", "merged"),
    ("adopted", "submitted"),
    ("rejected", "submitted"),
    ("lapsed", "submitted"),
)


def _differs(column: str) -> str:
    """As text, which all of them have, and with a word for NULL: nothing is unequal to NULL."""
    return f"COALESCE(CAST(NEW.{column} AS TEXT), '') <> COALESCE(CAST(OLD.{column} AS TEXT), '')"


def _submission(steps: tuple[tuple[str, str], ...], asked: str) -> Iterator[Guard]:
    allowed = " OR ".join(f"(OLD.state = '{now}' AND NEW.state = '{then}')" for now, then in steps)
    condition = f"NEW.state <> OLD.state AND NOT ({allowed})"
    yield "submission_forward", "submission", "UPDATE", condition, "submission_state"
    rounds = (
        "EXISTS (SELECT 1 FROM motion m JOIN round r ON r.proposal_id = m.proposal_id"
        f" WHERE m.submission_id = NEW.id AND ({asked}))"
    )
    ends = "NEW.state <> OLD.state AND NEW.state IN ('withdrawn', 'taken_over', 'held_over', 'lapsed')"
    yield "submission_while_asked", "submission", "UPDATE", f"{ends} AND {rounds}", "submission_asked"


def _named() -> str:
    """Whether the ballot names an option of its round and gives it all votes, or says more where that may be."""
    all_, one = "',' || r.choices || ','", "',' || NEW.choice || ','"
    named = f"(NEW.choice NOT LIKE '%,%' AND replace({all_}, {one}, '') <> {all_})"
    several = "(r.picks > 1 AND NEW.choice LIKE '%+%' AND NEW.choice NOT LIKE '%:%')"
    divided = "(r.divides AND NEW.choice LIKE '%:%')"
    return f"({named} OR {several} OR {divided})"


def _ballots(way: str) -> Guard:
    there = f"EXISTS (SELECT 1 FROM round r WHERE r.id = NEW.round_id AND r.state = 'open' AND {_named()}{way})"
    return "ballot_while_open", "ballot", "INSERT", f"NOT {there}", "ballot_only_while_open"


def guards() -> Iterator[Guard]:
    """(name, table, event, when it is refused, the name of the rule), in the place of those of the same name."""
    # A vote on the advice that was pronounced makes the motion what it says, or leaves it as it was.
    asked = f"r.state IN {UNDER_WAY} OR (r.state = 'published' AND r.kind <> 'advice')"
    yield from _submission((*STEPS, ("held_over", "submitted")), asked)
    yield _ballots(" AND r.way = 'ballots'")


def former() -> Iterator[Guard]:
    """The guards that these replace."""
    yield from _submission(STEPS, "r.state IN ('open', 'closed', 'counted', 'published')")
    yield _ballots("")


def new_guards() -> Iterator[Guard]:
    """What is guarded since this migration."""
    changed = f"{_differs('way')} OR {_differs('advice_id')}"
    frozen = f"OLD.state NOT IN ('draft', 'scheduled') AND ({changed})"
    yield "round_way_frozen", "round", "UPDATE", frozen, "round_frozen"
    written = "EXISTS (SELECT 1 FROM meeting m WHERE m.id = NEW.meeting_id AND m.kind = 'ledenraadpleging')"
    for event in ("INSERT", "UPDATE"):
        condition = f"NEW.way = 'acclamation' AND {written}"
        yield f"round_gathers_{event.lower()}", "round", event, condition, "acclamation_gathers"
    other = (
        f"EXISTS (SELECT 1 FROM round r WHERE r.proposal_id = NEW.proposal_id AND r.id <> NEW.id"
        f" AND r.state IN {UNDER_WAY} AND r.kind <> 'amendment' AND (r.kind = 'advice') <> (NEW.kind = 'advice'))"
    )
    opens = "NEW.state = 'open' AND OLD.state <> 'open' AND NEW.kind <> 'amendment'"
    yield "round_advice_apart", "round", "UPDATE", f"{opens} AND {other}", "round_advice_apart"
    for event in ("UPDATE", "DELETE"):
        yield f"noted_against_no_{event.lower()}", "noted_against", event, "TRUE", "noted_against_append_only"
    there = (
        "EXISTS (SELECT 1 FROM round r JOIN roll_entry e ON e.round_id = r.id AND e.member_id = NEW.member_id"
        " WHERE r.id = NEW.round_id AND r.state = 'open' AND r.way = 'acclamation' AND NOT e.advisory)"
    )
    yield "noted_against_while_open", "noted_against", "INSERT", f"NOT {there}", "noted_against_only_while_open"


def _put(those: Iterator[Guard]) -> None:
    """Make these guards, in the place of those of the same name."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, event, condition, rule in those:
        if sqlite:
            op.execute(f"DROP TRIGGER IF EXISTS {name}")
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {rule}'); END"
            )
            continue
        back = "OLD" if event == "DELETE" else "NEW"
        op.execute(
            f"CREATE OR REPLACE FUNCTION alv_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {condition} THEN RAISE EXCEPTION '{rule}' USING ERRCODE = 'check_violation', "
            f"CONSTRAINT = '{rule}', TABLE = '{table}'; END IF; RETURN {back}; END $$"
        )
        op.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION alv_{name}()")


def _set_aside() -> list[str]:
    """Take away, on SQLite, every guard, and tell how each is made: those on a table that is made anew would be lost,
    and those that look into it would stop the renaming."""
    if op.get_bind().dialect.name != "sqlite":
        return []
    rows = op.get_bind().exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    for name, _ in rows:
        op.execute(f"DROP TRIGGER {name}")
    return [sql for _, sql in rows]


def _kinds(*kinds: str) -> str:
    return "kind IN (" + ", ".join(f"'{kind}'" for kind in kinds) + ")"


def upgrade() -> None:
    aside = _set_aside()
    with op.batch_alter_table("round") as batch:
        batch.add_column(sa.Column("advice_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("way", sa.String(32), nullable=False, server_default="ballots"))
        batch.create_foreign_key(batch.f("fk_round_advice_id_advice"), "advice", ["advice_id"], ["id"])
        batch.drop_constraint(batch.f("ck_round_round_kind"), type_="check")
        for name, condition in (
            ("round_kind", _kinds("amendment", "section", "advice", "whole", "texts", "candidates")),
            ("way", "way IN ('ballots', 'acclamation')"),
            ("advice_has_advice", "(kind = 'advice') = (advice_id IS NOT NULL)"),
            (
                "acclamation_has_no_clock",
                "way = 'ballots' OR (NOT rehearsal AND opens_at IS NULL AND closes_at IS NULL)",
            ),
        ):
            batch.create_check_constraint(batch.f(f"ck_round_{name}"), condition)
    op.create_table(
        "noted_against",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("against", sa.Boolean(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_noted_against_version_from_one")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_noted_against_person_id_person")),
        sa.ForeignKeyConstraint(
            ["round_id", "member_id"],
            ["roll_entry.round_id", "roll_entry.member_id"],
            name=op.f("fk_noted_against_round_id_member_id_roll_entry"),
        ),
        sa.PrimaryKeyConstraint("round_id", "member_id", "version", name=op.f("pk_noted_against")),
    )
    for sql in aside:
        op.execute(sql)
    _put(guards())
    _put(new_guards())
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER noted_against_no_truncate BEFORE TRUNCATE ON noted_against "
            "EXECUTE FUNCTION alv_no_truncate()"
        )


def downgrade() -> None:
    """Raises ``RuntimeError`` where such a round was opened: what was decided is not thrown away."""
    asked = "SELECT count(*) FROM round WHERE opened_at IS NOT NULL AND (way = 'acclamation' OR kind = 'advice')"
    if op.get_bind().execute(sa.text(asked)).scalar_one():
        raise RuntimeError("there are votes by acclamation or on the advice; the version before cannot keep them")
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, _, _, _ in new_guards():
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
        if not sqlite:
            op.execute(f"DROP FUNCTION alv_{name}()")
    _put(former())
    aside = _set_aside()
    if not sqlite:
        op.execute("ALTER TABLE round DISABLE TRIGGER round_kept")
    op.execute("DELETE FROM round WHERE kind = 'advice'")
    if not sqlite:
        op.execute("ALTER TABLE round ENABLE TRIGGER round_kept")
    op.drop_table("noted_against")
    with op.batch_alter_table("round") as batch:
        for name in ("acclamation_has_no_clock", "advice_has_advice", "way", "round_kind"):
            batch.drop_constraint(batch.f(f"ck_round_{name}"), type_="check")
        batch.create_check_constraint(
            batch.f("ck_round_round_kind"), _kinds("amendment", "section", "whole", "texts", "candidates")
        )
        batch.drop_constraint(batch.f("fk_round_advice_id_advice"), type_="foreignkey")
        batch.drop_column("way")
        batch.drop_column("advice_id")
    for sql in aside:
        if "noted_against" not in sql:
            op.execute(sql)
