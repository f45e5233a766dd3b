"""Questions with options of their own, ballots of more than one line, and lots."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

PLAIN = "for,against,abstain"
KINDS = ("amendment", "section", "whole")
VERDICTS = ("adopted", "rejected", "tied", "no_quorum", "no_verdict")
#: What a round is about since this migration; it stands once the round was opened.
FROZEN = ("options", "choices", "picks", "divides", "run_off_of")
_SIDES = "weight_for + weight_against + weight_abstain"
_MEMBERS = "members_for + members_against + members_abstain"


def _differs(column: str) -> str:
    """As text, which all of them have, and with a word for NULL: nothing is unequal to NULL."""
    return f"COALESCE(CAST(NEW.{column} AS TEXT), '') <> COALESCE(CAST(OLD.{column} AS TEXT), '')"


def _named() -> str:
    """Whether the ballot names an option of its round and gives it all votes, or says more where that may be."""
    all_, one = "',' || r.choices || ','", "',' || NEW.choice || ','"
    several = "(r.picks > 1 AND NEW.choice LIKE '%+%' AND NEW.choice NOT LIKE '%:%')"
    divided = "(r.divides AND NEW.choice LIKE '%:%')"
    named = f"(NEW.choice NOT LIKE '%,%' AND replace({all_}, {one}, '') <> {all_})"
    return f"({named} OR {several} OR {divided})"


def _ballot(more: str) -> tuple[str, str, str, str, str]:
    there = f"EXISTS (SELECT 1 FROM round r WHERE r.id = NEW.round_id AND r.state = 'open'{more})"
    return "ballot_while_open", "ballot", "INSERT", f"NOT {there}", "ballot_only_while_open"


def guards() -> Iterator[tuple[str, str, str, str, str]]:
    """(name, table, event, when it is refused, the name of the rule); conditions that both databases understand."""
    changed = " OR ".join(map(_differs, FROZEN))
    until = "'draft', 'scheduled'"
    yield "round_options_frozen", "round", "UPDATE", f"OLD.state NOT IN ({until}) AND ({changed})", "round_frozen"
    for event in ("UPDATE", "DELETE"):
        yield f"lot_no_{event.lower()}", "lot", event, "1 = 1", "lot_append_only"
    there = (
        "EXISTS (SELECT 1 FROM round r JOIN result t ON t.round_id = r.id WHERE r.id = NEW.round_id"
        " AND r.state = 'published' AND t.verdict = 'lots')"
    )
    yield "lot_while_published", "lot", "INSERT", f"NOT {there}", "lot_only_while_published"


def _put(those: Iterator[tuple[str, str, str, str, str]]) -> None:
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


def _set_aside() -> Sequence[str]:
    """Take away, on SQLite, every guard, and tell how each is made: those on a table that is made anew would be lost,
    and those that look into it would stop the renaming."""
    if op.get_bind().dialect.name != "sqlite":
        return []
    rows = op.get_bind().exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    for name, _ in rows:
        op.execute(f"DROP TRIGGER {name}")
    return [sql for _, sql in rows]


def _one_of(column: str, values: Sequence[str]) -> str:
    return f"{column} IN (" + ", ".join(f"'{value}'" for value in values) + ")"


def _within(divided: str) -> dict[str, str]:
    members = f"{_MEMBERS}{divided}"
    return {
        "members_within_electorate": "members_for >= 0 AND members_against >= 0 AND members_abstain >= 0"
        f" AND {members} <= electorate_members",
        "present_within_electorate": "(present_weight IS NULL) = (present_members IS NULL)"
        f" AND (present_weight IS NULL OR (present_weight BETWEEN {_SIDES}"
        f" AND electorate_weight AND present_members BETWEEN {members} AND electorate_members))",
    }


def upgrade() -> None:
    with op.batch_alter_table("association") as batch:
        batch.add_column(sa.Column("divides_votes", sa.Boolean(), nullable=False, server_default=sa.false()))
    aside = _set_aside()
    with op.batch_alter_table("round") as batch:
        batch.add_column(sa.Column("options", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("choices", sa.String(200), nullable=False, server_default=PLAIN))
        batch.add_column(sa.Column("picks", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(sa.Column("divides", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("run_off_of", sa.Uuid(), nullable=True))
        batch.create_foreign_key(batch.f("fk_round_run_off_of_round"), "round", ["run_off_of"], ["id"])
        batch.drop_constraint(batch.f("ck_round_round_kind"), type_="check")
        for name, condition in {
            "round_kind": _one_of("kind", (*KINDS, "texts", "candidates")),
            "options_have_choices": f"(kind IN ('texts', 'candidates')) = (choices <> '{PLAIN}')",
            "picks_from_one": "picks >= 1 AND (picks = 1 OR NOT divides)",
            "run_off_has_options": "run_off_of IS NULL OR kind IN ('texts', 'candidates')",
        }.items():
            batch.create_check_constraint(batch.f(f"ck_round_{name}"), condition)
    with op.batch_alter_table("ballot") as batch:
        batch.drop_constraint(batch.f("ck_ballot_choice"), type_="check")
        batch.alter_column("choice", existing_type=sa.String(32), type_=sa.String(400), existing_nullable=False)
    with op.batch_alter_table("result") as batch:
        batch.add_column(sa.Column("members_divided", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("options", sa.JSON(), nullable=True))
        batch.drop_constraint(batch.f("ck_result_verdict"), type_="check")
        batch.create_check_constraint(
            batch.f("ck_result_verdict"), _one_of("verdict", (*VERDICTS, "chosen", "run_off", "lots"))
        )
        for name, condition in _within(" + members_divided").items():
            batch.drop_constraint(batch.f(f"ck_result_{name}"), type_="check")
            batch.create_check_constraint(batch.f(f"ck_result_{name}"), condition)
    op.create_table(
        "lot",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("drawn", sa.JSON(), nullable=False),
        sa.Column("by_site", sa.Boolean(), nullable=False),
        sa.Column("drawn_by", sa.Uuid(), nullable=True),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["drawn_by"], ["person.id"], name=op.f("fk_lot_drawn_by_person")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_lot_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_lot")),
    )
    for sql in aside:
        op.execute(sql)
    _put(iter([_ballot(f" AND {_named()}")]))
    _put(guards())
    if op.get_bind().dialect.name != "sqlite":
        op.execute("CREATE TRIGGER lot_no_truncate BEFORE TRUNCATE ON lot EXECUTE FUNCTION alv_no_truncate()")


def downgrade() -> None:
    """Raises ``RuntimeError`` where what was voted on could not be kept."""
    more = "SELECT (SELECT count(*) FROM round WHERE kind IN ('texts', 'candidates')) + (SELECT count(*) FROM round WHERE divides)"
    if op.get_bind().execute(sa.text(more)).scalar_one():
        raise RuntimeError("there are votes with options; the version before this one cannot keep them")
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, _, _, _ in guards():
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP FUNCTION alv_{name}() CASCADE")
    aside = _set_aside()
    op.drop_table("lot")
    with op.batch_alter_table("result") as batch:
        for name, condition in _within("").items():
            batch.drop_constraint(batch.f(f"ck_result_{name}"), type_="check")
            batch.create_check_constraint(batch.f(f"ck_result_{name}"), condition)
        batch.drop_constraint(batch.f("ck_result_verdict"), type_="check")
        batch.create_check_constraint(batch.f("ck_result_verdict"), _one_of("verdict", VERDICTS))
        batch.drop_column("options")
        batch.drop_column("members_divided")
    with op.batch_alter_table("ballot") as batch:
        batch.alter_column("choice", existing_type=sa.String(400), type_=sa.String(32), existing_nullable=False)
        batch.create_check_constraint(batch.f("ck_ballot_choice"), _one_of("choice", PLAIN.split(",")))
    with op.batch_alter_table("round") as batch:
        for name in ("round_kind", "options_have_choices", "picks_from_one", "run_off_has_options"):
            batch.drop_constraint(batch.f(f"ck_round_{name}"), type_="check")
        batch.create_check_constraint(batch.f("ck_round_round_kind"), _one_of("kind", KINDS))
        batch.drop_constraint(batch.f("fk_round_run_off_of_round"), type_="foreignkey")
        for column in FROZEN:
            batch.drop_column(column)
    for sql in aside:
        op.execute(sql)
    _put(iter([_ballot("")]))
    with op.batch_alter_table("association") as batch:
        batch.drop_column("divides_votes")
