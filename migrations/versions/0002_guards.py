"""Guards in the database itself: what must never change cannot be changed, whatever the application does."""

from collections.abc import Iterator

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("ballot", "roll_entry", "result", "audit_entry", "audit_seal")
STEPS = (
    ("draft", "open"),
    ("draft", "annulled"),
    ("open", "closed"),
    ("open", "annulled"),
    ("closed", "counted"),
    ("closed", "annulled"),
    ("counted", "published"),
    ("counted", "annulled"),
    ("published", "annulled"),
)
#: What a round is about; it stands once the round was opened.
FROZEN = ("meeting_id", "number", "kind", "title", "proposal_id", "version_id", "text_hash", "opened_at")


def guards() -> Iterator[tuple[str, str, str, str, str]]:
    """(name, table, event, when it is refused, the name of the rule); conditions that both databases understand."""
    for table in APPEND_ONLY:
        for event in ("UPDATE", "DELETE"):
            yield f"{table}_no_{event.lower()}", table, event, "TRUE", f"{table}_append_only"
    steps = " OR ".join(f"(OLD.state = '{now}' AND NEW.state = '{then}')" for now, then in STEPS)
    yield "round_forward", "round", "UPDATE", f"NEW.state <> OLD.state AND NOT ({steps})", "round_state_forward"
    changed = " OR ".join(f"NEW.{column} <> OLD.{column}" for column in FROZEN)
    section = "COALESCE(CAST(NEW.section_id AS TEXT), '') <> COALESCE(CAST(OLD.section_id AS TEXT), '')"
    rule = "CAST(NEW.rule AS TEXT) <> CAST(OLD.rule AS TEXT)"
    yield (
        "round_frozen",
        "round",
        "UPDATE",
        f"OLD.state <> 'draft' AND ({changed} OR {section} OR {rule})",
        "round_frozen",
    )
    yield "round_kept", "round", "DELETE", "OLD.state <> 'draft'", "round_kept"
    for table, state in (("roll_entry", "draft"), ("ballot", "open"), ("result", "closed")):
        condition = f"NOT EXISTS (SELECT 1 FROM round r WHERE r.id = NEW.round_id AND r.state = '{state}')"
        yield f"{table}_while_{state}", table, "INSERT", condition, f"{table}_only_while_{state}"
    published = "OLD.published_at IS NOT NULL"
    for event in ("UPDATE", "DELETE"):
        yield f"version_no_{event.lower()}", "version", event, published, "version_published"
    for event, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
        condition = f"EXISTS (SELECT 1 FROM version v WHERE v.id = {row}.version_id AND v.published_at IS NOT NULL)"
        yield f"version_section_no_{event.lower()}", "version_section", event, condition, "version_published"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, table, event, condition, rule in guards():
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {rule}'); END"
            )
        return
    for name, table, event, condition, rule in guards():
        back = "OLD" if event == "DELETE" else "NEW"
        op.execute(
            f"CREATE FUNCTION alv_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN "
            f"RAISE EXCEPTION '{rule}' USING ERRCODE = 'check_violation', CONSTRAINT = '{rule}', TABLE = '{table}'; "
            f"END IF; RETURN {back}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION alv_{name}()")
    op.execute(
        "CREATE FUNCTION alv_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'append_only' USING ERRCODE = 'check_violation', CONSTRAINT = 'append_only'; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION alv_no_truncate()")


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, _, _, _ in guards():
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP FUNCTION alv_{name}() CASCADE")
    if not sqlite:
        op.execute("DROP FUNCTION alv_no_truncate() CASCADE")
