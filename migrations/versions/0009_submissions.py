"""Amendments and motions: who submits them, what they change, what the board advises, and what came of them."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = (
    "section_source",
    "merge_section",
    "amendment_section",
    "merge",
    "follow_up",
    "amendment",
    "motion",
    "submission_version",
    "co_submitter",
    "advice",
    "submission",
)
#: Which state may follow which.
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
KINDS = (
    "invitation", "consultation_opened", "vote_opened", "receipt", "result", "invitation_reminder", "reset_password",
    "leave_address", "take_address", "sign_in_changed", "new_device", "office_given", "mandate_given", "mandate_ended",
)  # fmt: skip
NEW_KINDS = ("co_submitter_asked", "submission_news")
APPEND_ONLY = ("submission_version", "follow_up", "section_source")


def guards() -> Iterator[tuple[str, str, str, str, str]]:
    """(name, table, event, when it is refused, the name of the rule); conditions that both databases understand."""
    for table in APPEND_ONLY:
        for event in ("UPDATE", "DELETE"):
            yield f"{table}_no_{event.lower()}", table, event, "TRUE", f"{table}_append_only"
    steps = " OR ".join(f"(OLD.state = '{now}' AND NEW.state = '{then}')" for now, then in STEPS)
    yield "submission_forward", "submission", "UPDATE", f"NEW.state <> OLD.state AND NOT ({steps})", "submission_state"
    yield "submission_kept", "submission", "DELETE", "OLD.state <> 'draft'", "submission_kept"
    asked = (
        "EXISTS (SELECT 1 FROM motion m JOIN round r ON r.proposal_id = m.proposal_id WHERE m.submission_id = NEW.id"
        " AND r.state IN ('open', 'closed', 'counted', 'published'))"
    )
    ends = "NEW.state <> OLD.state AND NEW.state IN ('withdrawn', 'taken_over', 'held_over', 'lapsed')"
    yield "submission_while_asked", "submission", "UPDATE", f"{ends} AND {asked}", "submission_asked"
    accounted = (
        "EXISTS (SELECT 1 FROM submission s WHERE s.id = NEW.motion_id AND s.state IN ('adopted', 'taken_over'))"
    )
    yield "follow_up_accounted", "follow_up", "INSERT", f"NOT {accounted}", "follow_up_of_adopted"
    for event in ("UPDATE", "DELETE"):
        yield f"advice_no_{event.lower()}", "advice", event, "OLD.published_at IS NOT NULL", "advice_published"


def _kinds(kinds: tuple[str, ...]) -> str:
    return "kind IN (" + ", ".join(f"'{kind}'" for kind in kinds) + ")"


def _allow(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table("notice") as table:
        table.drop_constraint(op.f("ck_notice_notice_kind"), type_="check")
        table.create_check_constraint(op.f("ck_notice_notice_kind"), _kinds(kinds))


def _guard() -> None:
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
            f"CREATE FUNCTION alv_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN "
            f"RAISE EXCEPTION '{rule}' USING ERRCODE = 'check_violation', CONSTRAINT = '{rule}', TABLE = '{table}'; "
            f"END IF; RETURN {back}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION alv_{name}()")


def upgrade() -> None:
    op.create_table(
        "submission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "amendment", "motion", name="submission_kind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "withdrawn",
                "taken_over",
                "adopted",
                "rejected",
                "held_over",
                "merged",
                "lapsed",
                name="submission_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late_reason", sa.Text(), nullable=False),
        sa.Column("closing_note", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'draft') = (number IS NULL)", name=op.f("ck_submission_submitted_has_number")),
        sa.CheckConstraint(
            "(state = 'draft') = (submitted_at IS NULL)", name=op.f("ck_submission_submitted_has_moment")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_submission_number_from_one")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_submission_author_id_person")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_submission_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_submission_member_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("meeting_id", "kind", "number", name=op.f("uq_submission_meeting_id_kind_number")),
    )
    op.create_index(op.f("ix_submission_member_id"), "submission", ["member_id"], unique=False)

    op.create_table(
        "advice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "take_over",
                "advise_against",
                "hold_over",
                "leave_to_assembly",
                name="advice_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_advice_from_one")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_advice_person_id_person")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_advice_submission_id_submission")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advice")),
        sa.UniqueConstraint("submission_id", "number", name=op.f("uq_advice_submission_id_number")),
    )
    op.create_table(
        "co_submitter",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "asked",
                "joined",
                "declined",
                "left",
                name="co_answer",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_co_submitter_answered_by_person")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_co_submitter_asked_by_person")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_co_submitter_member_id_member")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_co_submitter_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("submission_id", "member_id", name=op.f("pk_co_submitter")),
    )
    op.create_index(op.f("ix_co_submitter_member_id"), "co_submitter", ["member_id"], unique=False)

    op.create_table(
        "submission_version",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_submission_version_person_id_person")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_submission_version_submission_id_submission")
        ),
        sa.PrimaryKeyConstraint("submission_id", "number", name=op.f("pk_submission_version")),
    )
    op.create_table(
        "motion",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=True),
        sa.Column("noting", sa.JSON(), nullable=False),
        sa.Column("considering", sa.JSON(), nullable=False),
        sa.Column("declares", sa.JSON(), nullable=False),
        sa.Column("requests", sa.JSON(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_motion_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_motion_submission_id_submission")),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_motion")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_motion_proposal_id")),
    )
    op.create_table(
        "amendment",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("misfits", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_amendment_proposal_id_proposal")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_amendment_submission_id_submission")
        ),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_amendment_version_id_version")),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_amendment")),
    )
    op.create_index(op.f("ix_amendment_proposal_id"), "amendment", ["proposal_id"], unique=False)

    op.create_table(
        "follow_up",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("motion_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "in_progress",
                "done",
                "held_over",
                name="follow_up_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_follow_up_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["motion_id"], ["motion.submission_id"], name=op.f("fk_follow_up_motion_id_motion")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_follow_up_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
    )
    op.create_index(op.f("ix_follow_up_motion_id"), "follow_up", ["motion_id"], unique=False)

    op.create_table(
        "merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("base_id", sa.Uuid(), nullable=False),
        sa.Column("amendments", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("result_id IS NULL OR ended_at IS NOT NULL", name=op.f("ck_merge_result_has_end")),
        sa.ForeignKeyConstraint(["base_id"], ["version.id"], name=op.f("fk_merge_base_id_version")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_merge_person_id_person")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_merge_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["result_id"], ["version.id"], name=op.f("fk_merge_result_id_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
    )
    op.create_index(
        "uq_merge_open",
        "merge",
        ["proposal_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )

    op.create_table(
        "amendment_section",
        sa.Column("amendment_id", sa.Uuid(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=False),
        sa.Column("heading", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("after_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("NOT removed OR after_id IS NULL", name=op.f("ck_amendment_section_new_is_not_removed")),
        sa.ForeignKeyConstraint(["after_id"], ["section.id"], name=op.f("fk_amendment_section_after_id_section")),
        sa.ForeignKeyConstraint(
            ["amendment_id"], ["amendment.submission_id"], name=op.f("fk_amendment_section_amendment_id_amendment")
        ),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name=op.f("fk_amendment_section_section_id_section")),
        sa.PrimaryKeyConstraint("amendment_id", "section_id", name=op.f("pk_amendment_section")),
    )
    op.create_table(
        "merge_section",
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["merge_id"], ["merge.id"], name=op.f("fk_merge_section_merge_id_merge")),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name=op.f("fk_merge_section_section_id_section")),
        sa.PrimaryKeyConstraint("merge_id", "section_id", name=op.f("pk_merge_section")),
    )
    op.create_table(
        "section_source",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=False),
        sa.Column("amendment_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["amendment_id"], ["amendment.submission_id"], name=op.f("fk_section_source_amendment_id_amendment")
        ),
        sa.ForeignKeyConstraint(
            ["version_id", "section_id"],
            ["version_section.version_id", "version_section.section_id"],
            name="fk_section_source_version_section",
        ),
        sa.PrimaryKeyConstraint("version_id", "section_id", "amendment_id", name=op.f("pk_section_source")),
    )
    with op.batch_alter_table("association") as batch:
        batch.add_column(sa.Column("amendment_days", sa.Integer(), nullable=False, server_default="9"))
        batch.add_column(sa.Column("amendment_clock", sa.Time(), nullable=False, server_default="12:00:00"))
        batch.add_column(sa.Column("co_submitters", sa.Integer(), nullable=False, server_default="0"))
        batch.create_check_constraint(
            batch.f("ck_association_amendment_days"), "amendment_days >= 0 AND amendment_days <= 60"
        )
        batch.create_check_constraint(batch.f("ck_association_co_submitters"), "co_submitters >= 0")
    op.add_column("meeting", sa.Column("amendments_until", sa.DateTime(timezone=True), nullable=True))
    _allow(KINDS + NEW_KINDS)
    _guard()


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM notice WHERE " + _kinds(NEW_KINDS)))
    _allow(KINDS)
    if op.get_bind().dialect.name == "postgresql":
        for name, _, _, _, _ in guards():
            op.execute(f"DROP FUNCTION alv_{name}() CASCADE")
    for table in TABLES:
        op.drop_table(table)
    op.drop_column("meeting", "amendments_until")
    with op.batch_alter_table("association") as batch:
        for name in ("amendment_days", "co_submitters"):
            batch.drop_constraint(batch.f(f"ck_association_{name}"))
        for column in ("amendment_days", "amendment_clock", "co_submitters"):
            batch.drop_column(column)
