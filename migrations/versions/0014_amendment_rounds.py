"""Rounds on amendments, and the sections that dropped out of a whole before it was voted on."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

UNDER_WAY = "('open', 'closed', 'counted', 'published')"


def _differs(column: str) -> str:
    """As text, which all of them have, and with a word for NULL: nothing is unequal to NULL."""
    return f"COALESCE(CAST(NEW.{column} AS TEXT), '') <> COALESCE(CAST(OLD.{column} AS TEXT), '')"


def guards() -> Iterator[tuple[str, str, str, str, str]]:
    """(name, table, event, when it is refused, the name of the rule); conditions that both databases understand.

    They stand beside those of the migrations before, so that each can be read, and taken away, by itself.
    """
    changed = " OR ".join(map(_differs, ("amendment_id", "dropped")))
    yield "round_amendment_frozen", "round", "UPDATE", f"OLD.state <> 'draft' AND ({changed})", "round_frozen"
    asked = f"EXISTS (SELECT 1 FROM round r WHERE r.amendment_id = NEW.id AND r.state IN {UNDER_WAY})"
    ends = "NEW.state <> OLD.state AND NEW.state IN ('withdrawn', 'taken_over', 'held_over', 'lapsed')"
    yield "amendment_while_asked", "submission", "UPDATE", f"{ends} AND {asked}", "submission_asked"


def _triggers() -> Sequence[str]:
    """Every trigger of an SQLite database. They go while ``round`` is made anew: those on it would be lost, and those
    that look into it would stop the renaming."""
    rows = op.get_bind().execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for name, _ in rows:
        op.execute(f"DROP TRIGGER {name}")
    return [sql for _, sql in rows]


def _kinds(*kinds: str) -> str:
    return "kind IN (" + ", ".join(f"'{kind}'" for kind in kinds) + ")"


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    kept = _triggers() if sqlite else ()
    with op.batch_alter_table("round") as table:
        table.add_column(sa.Column("amendment_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("dropped", sa.JSON(), nullable=False, server_default="[]"))
        table.create_foreign_key(
            op.f("fk_round_amendment_id_amendment"), "amendment", ["amendment_id"], ["submission_id"]
        )
        table.drop_constraint(op.f("ck_round_round_kind"), type_="check")
        table.create_check_constraint(op.f("ck_round_round_kind"), _kinds("amendment", "section", "whole"))
        table.create_check_constraint(
            op.f("ck_round_amendment_has_amendment"), "(kind = 'amendment') = (amendment_id IS NOT NULL)"
        )
    op.create_index(
        "uq_round_amendment",
        "round",
        ["amendment_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'annulled'"),
        sqlite_where=sa.text("state <> 'annulled'"),
    )
    for statement in kept:
        op.execute(statement)
    for name, table, event, condition, rule in guards():
        if sqlite:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {rule}'); END"
            )
            continue
        op.execute(
            f"CREATE FUNCTION alv_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN "
            f"RAISE EXCEPTION '{rule}' USING ERRCODE = 'check_violation', CONSTRAINT = '{rule}', TABLE = '{table}'; "
            f"END IF; RETURN NEW; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION alv_{name}()")


def downgrade() -> None:
    """Raises ``RuntimeError`` where a round on an amendment was opened: what was voted on is not thrown away."""
    asked = "SELECT count(*) FROM round WHERE kind = 'amendment' AND opened_at IS NOT NULL"
    if op.get_bind().execute(sa.text(asked)).scalar_one():
        raise RuntimeError("there are votes on amendments; the version before this one cannot keep them")
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, _, _, _ in guards():
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP FUNCTION alv_{name}() CASCADE")
    kept = _triggers() if sqlite else ()
    if not sqlite:
        op.execute("ALTER TABLE round DISABLE TRIGGER round_kept")
    op.execute("DELETE FROM round WHERE kind = 'amendment'")
    if not sqlite:
        op.execute("ALTER TABLE round ENABLE TRIGGER round_kept")
    op.drop_index("uq_round_amendment", "round")
    with op.batch_alter_table("round") as table:
        table.drop_constraint(op.f("ck_round_amendment_has_amendment"), type_="check")
        table.drop_constraint(op.f("ck_round_round_kind"), type_="check")
        table.create_check_constraint(op.f("ck_round_round_kind"), _kinds("section", "whole"))
        table.drop_constraint(op.f("fk_round_amendment_id_amendment"), type_="foreignkey")
        table.drop_column("amendment_id")
        table.drop_column("dropped")
    for statement in kept:
        op.execute(statement)
