"""Guards that had a gap: an emptied column of an opened round, a section moved into a published text, TRUNCATE."""

from collections.abc import Iterator

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: What a round is about; it stands once the round was opened.
FROZEN = (
    "meeting_id", "number", "kind", "title", "proposal_id", "version_id", "section_id", "rule", "text_hash", "opened_at",
)  # fmt: skip
#: Moments that stand once they are there.
MOMENTS = ("closed_at", "published_at")
#: What else cannot be emptied at once.
KEPT = ("round", "version", "version_section")


def _differs(column: str) -> str:
    """As text, which all of them have, and with a word for NULL: nothing is unequal to NULL."""
    return f"COALESCE(CAST(NEW.{column} AS TEXT), '') <> COALESCE(CAST(OLD.{column} AS TEXT), '')"


def _published(rows: str) -> str:
    return f"EXISTS (SELECT 1 FROM version v WHERE v.id IN ({rows}) AND v.published_at IS NOT NULL)"


def guards() -> Iterator[tuple[str, str, str, str, str]]:
    """(name, table, event, when it is refused, the name of the rule), in the place of those of the same name."""
    changed = " OR ".join(_differs(column) for column in FROZEN)
    later = " OR ".join(f"(OLD.{column} IS NOT NULL AND {_differs(column)})" for column in MOMENTS)
    yield "round_frozen", "round", "UPDATE", f"(OLD.state <> 'draft' AND ({changed})) OR {later}", "round_frozen"
    rows = "OLD.version_id, NEW.version_id"
    yield "version_section_no_update", "version_section", "UPDATE", _published(rows), "version_published"


def former() -> Iterator[tuple[str, str, str, str, str]]:
    """The guards that these replace."""
    columns = ("meeting_id", "number", "kind", "title", "proposal_id", "version_id", "text_hash", "opened_at")
    changed = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in columns)
    rest = " OR ".join(_differs(column) for column in ("section_id", "rule"))
    yield "round_frozen", "round", "UPDATE", f"OLD.state <> 'draft' AND ({changed} OR {rest})", "round_frozen"
    yield "version_section_no_update", "version_section", "UPDATE", _published("OLD.version_id"), "version_published"


def _replace(those: Iterator[tuple[str, str, str, str, str]]) -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, event, condition, rule in those:
        if sqlite:
            op.execute(f"DROP TRIGGER {name}")
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {rule}'); END"
            )
        else:
            op.execute(
                f"CREATE OR REPLACE FUNCTION alv_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF {condition} THEN RAISE EXCEPTION '{rule}' USING ERRCODE = 'check_violation', "
                f"CONSTRAINT = '{rule}', TABLE = '{table}'; END IF; RETURN NEW; END $$"
            )


def upgrade() -> None:
    _replace(guards())
    if op.get_bind().dialect.name == "postgresql":
        for table in KEPT:
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION alv_no_truncate()"
            )


def downgrade() -> None:
    _replace(former())
    if op.get_bind().dialect.name == "postgresql":
        for table in KEPT:
            op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
