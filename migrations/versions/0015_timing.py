"""Rounds that open by the clock, written consultations, early voting, and rehearsals."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BEFORE = (
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
STEPS = (
    *BEFORE,
    ("draft", "scheduled"),
    ("scheduled", "draft"),
    ("scheduled", "open"),
    ("scheduled", "annulled"),
)
#: What a round is about; it stands once the round was opened.
FROZEN = (
    "meeting_id", "number", "kind", "title", "proposal_id", "version_id", "section_id", "rule", "text_hash", "opened_at",
)  # fmt: skip
#: What stands since this migration too.
FROZEN_TOO = ("rehearsal", "opens_at")
#: What stands with it since votes on amendments.
FROZEN_WITH_AMENDMENTS = ("amendment_id", "dropped")
#: Moments that stand once they are there.
MOMENTS = ("closed_at", "published_at")
STATES = ("draft", "open", "closed", "counted", "published", "annulled")
MEETINGS = ("alv", "extraordinary")
NOTICES = (
    "invitation", "consultation_opened", "vote_opened", "receipt", "result", "invitation_reminder", "reset_password",
    "leave_address", "take_address", "sign_in_changed", "new_device", "office_given", "mandate_given", "mandate_ended",
    "co_submitter_asked", "submission_news",
)  # fmt: skip


def _differs(column: str) -> str:
    """As text, which all of them have, and with a word for NULL: nothing is unequal to NULL."""
    return f"COALESCE(CAST(NEW.{column} AS TEXT), '') <> COALESCE(CAST(OLD.{column} AS TEXT), '')"


def _forward(steps: tuple[tuple[str, str], ...]) -> tuple[str, str, str, str, str]:
    allowed = " OR ".join(f"(OLD.state = '{now}' AND NEW.state = '{then}')" for now, then in steps)
    condition = f"NEW.state <> OLD.state AND NOT ({allowed})"
    return "round_forward", "round", "UPDATE", condition, "round_state_forward"


def _frozen(columns: tuple[str, ...], until: str) -> tuple[str, str, str, str, str]:
    changed = " OR ".join(_differs(column) for column in columns)
    later = " OR ".join(f"(OLD.{column} IS NOT NULL AND {_differs(column)})" for column in MOMENTS)
    return "round_frozen", "round", "UPDATE", f"(OLD.state NOT IN ({until}) AND ({changed})) OR {later}", "round_frozen"


def _amendment_frozen(until: str) -> tuple[str, str, str, str, str]:
    changed = " OR ".join(map(_differs, FROZEN_WITH_AMENDMENTS))
    return "round_amendment_frozen", "round", "UPDATE", f"OLD.state NOT IN ({until}) AND ({changed})", "round_frozen"


def _only(table: str, name: str, state: str, condition: str) -> tuple[str, str, str, str, str]:
    there = f"EXISTS (SELECT 1 FROM round r WHERE r.id = NEW.round_id AND {condition})"
    return f"{table}_while_{name}", table, "INSERT", f"NOT {there}", f"{table}_only_while_{state}"


def guards() -> Iterator[tuple[str, str, str, str, str]]:
    """(name, table, event, when it is refused, the name of the rule), in the place of those of the same name."""
    yield _forward(STEPS)
    yield _frozen((*FROZEN, *FROZEN_TOO), "'draft', 'scheduled'")
    yield _amendment_frozen("'draft', 'scheduled'")
    yield "round_kept", "round", "DELETE", "OLD.state NOT IN ('draft', 'scheduled')", "round_kept"
    yield _only("roll_entry", "draft", "draft", "r.state IN ('draft', 'scheduled')")
    yield _only("result", "closed", "closed", "r.state = 'closed' AND NOT r.rehearsal")


def former() -> Iterator[tuple[str, str, str, str, str]]:
    """The guards that these replace."""
    yield _forward(BEFORE)
    yield _frozen(FROZEN, "'draft'")
    yield _amendment_frozen("'draft'")
    yield "round_kept", "round", "DELETE", "OLD.state <> 'draft'", "round_kept"
    yield _only("roll_entry", "draft", "draft", "r.state = 'draft'")
    yield _only("result", "closed", "closed", "r.state = 'closed'")


def new_guards() -> Iterator[tuple[str, str, str, str, str]]:
    """What is guarded since this migration: an announced end only moves to later, and only while the round is open."""
    earlier = "OLD.closes_at IS NOT NULL AND (NEW.closes_at IS NULL OR NEW.closes_at < OLD.closes_at)"
    over = f"OLD.state NOT IN ('draft', 'scheduled', 'open') AND {_differs('closes_at')}"
    condition = f"(OLD.state = 'open' AND {earlier}) OR ({over})"
    yield "round_closes_later", "round", "UPDATE", condition, "round_closes_later"


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


def _set_aside() -> list[str]:
    """Take away, on SQLite, every guard, and tell how each is made: those on a table that is made anew would be lost,
    and those that look into it would stop the renaming."""
    if op.get_bind().dialect.name != "sqlite":
        return []
    rows = op.get_bind().exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    for name, _ in rows:
        op.execute(f"DROP TRIGGER {name}")
    return [sql for _, sql in rows]


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN (" + ", ".join(f"'{value}'" for value in values) + ")"


def _allow(table: str, constraint: str, column: str, values: tuple[str, ...]) -> None:
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(op.f(f"ck_{table}_{constraint}"), type_="check")
        batch.create_check_constraint(op.f(f"ck_{table}_{constraint}"), _one_of(column, values))


def _check(batch: "op.BatchOperations", table: str, **checks: str) -> None:  # type: ignore[name-defined]
    for name, condition in checks.items():
        batch.create_check_constraint(batch.f(f"ck_{table}_{name}"), condition)


def upgrade() -> None:
    with op.batch_alter_table("association") as batch:
        batch.add_column(sa.Column("early_voting_days", sa.Integer(), nullable=False, server_default="0"))
        _check(batch, "association", early_voting_days="early_voting_days >= 0 AND early_voting_days <= 30")
    _allow("meeting", "meeting_kind", "kind", (*MEETINGS, "ledenraadpleging"))
    with op.batch_alter_table("meeting") as batch:
        batch.add_column(sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("publishes_itself", sa.Boolean(), nullable=False, server_default=sa.false()))
        _check(
            batch,
            "meeting",
            written_has_end="(kind = 'ledenraadpleging') = (ends_at IS NOT NULL)",
            ends_after_start="ends_at IS NULL OR ends_at > starts_at",
            chair_pronounces="NOT publishes_itself OR kind = 'ledenraadpleging'",
        )
    _allow("notice", "notice_kind", "kind", (*NOTICES, "vote_reminder"))
    aside = _set_aside()
    with op.batch_alter_table("round") as batch:
        batch.add_column(sa.Column("rehearsal", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("not_opened", sa.String(32), nullable=False, server_default=""))
        batch.add_column(sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
        batch.alter_column("proposal_id", existing_type=sa.Uuid(), nullable=True)
        batch.alter_column("version_id", existing_type=sa.Uuid(), nullable=True)
        batch.drop_constraint(batch.f("uq_round_meeting_id_number"), type_="unique")
        batch.create_unique_constraint(
            batch.f("uq_round_meeting_id_rehearsal_number"), ["meeting_id", "rehearsal", "number"]
        )
        batch.drop_constraint(batch.f("ck_round_round_state"), type_="check")
        batch.drop_constraint(batch.f("ck_round_opened_has_moment"), type_="check")
        _check(
            batch,
            "round",
            round_state=_one_of("state", (*STATES, "scheduled")),
            opened_has_moment="state IN ('draft', 'scheduled', 'annulled') OR opened_at IS NOT NULL",
            scheduled_has_moment="state <> 'scheduled' OR opens_at IS NOT NULL",
            closes_after_opening="opens_at IS NULL OR closes_at IS NULL OR closes_at > opens_at",
            rehearsal_has_no_text="rehearsal = (proposal_id IS NULL)",
            text_has_version="(proposal_id IS NULL) = (version_id IS NULL)",
            rehearsal_has_no_outcome="NOT rehearsal OR state NOT IN ('counted', 'published')",
        )
    for sql in aside:
        op.execute(sql)
    _put(guards())
    _put(new_guards())


def downgrade() -> None:
    """What was planned is a draft again. With a rehearsal or a written consultation in it there is no way back."""
    op.execute("UPDATE round SET state = 'draft', closes_at = NULL WHERE state = 'scheduled'")
    op.execute("DELETE FROM notice WHERE kind = 'vote_reminder'")
    _put(former())
    for name, table, _, _, _ in new_guards():
        sqlite = op.get_bind().dialect.name == "sqlite"
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
        if not sqlite:
            op.execute(f"DROP FUNCTION alv_{name}()")
    aside = _set_aside()
    with op.batch_alter_table("round") as batch:
        for name in (
            "round_state", "opened_has_moment", "scheduled_has_moment", "closes_after_opening", "rehearsal_has_no_text",
            "text_has_version", "rehearsal_has_no_outcome",
        ):  # fmt: skip
            batch.drop_constraint(batch.f(f"ck_round_{name}"), type_="check")
        batch.drop_constraint(batch.f("uq_round_meeting_id_rehearsal_number"), type_="unique")
        batch.create_unique_constraint(batch.f("uq_round_meeting_id_number"), ["meeting_id", "number"])
        batch.alter_column("proposal_id", existing_type=sa.Uuid(), nullable=False)
        batch.alter_column("version_id", existing_type=sa.Uuid(), nullable=False)
        for column in ("rehearsal", "opens_at", "not_opened", "reminded_at"):
            batch.drop_column(column)
        _check(
            batch,
            "round",
            round_state=_one_of("state", STATES),
            opened_has_moment="state = 'draft' OR opened_at IS NOT NULL OR state = 'annulled'",
        )
    for sql in aside:
        op.execute(sql)
    _allow("notice", "notice_kind", "kind", NOTICES)
    with op.batch_alter_table("meeting") as batch:
        for name in ("written_has_end", "ends_after_start", "chair_pronounces"):
            batch.drop_constraint(batch.f(f"ck_meeting_{name}"), type_="check")
        batch.drop_column("ends_at")
        batch.drop_column("publishes_itself")
    _allow("meeting", "meeting_kind", "kind", MEETINGS)
    with op.batch_alter_table("association") as batch:
        batch.drop_constraint(batch.f("ck_association_early_voting_days"), type_="check")
        batch.drop_column("early_voting_days")
