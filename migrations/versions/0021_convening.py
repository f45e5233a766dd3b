"""Convocations, documents of meetings, and what was announced after the convocation."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

NOTICES = (
    "invitation", "consultation_opened", "vote_opened", "receipt", "result", "invitation_reminder", "reset_password",
    "leave_address", "take_address", "sign_in_changed", "new_device", "office_given", "mandate_given", "mandate_ended",
    "co_submitter_asked", "submission_news", "vote_reminder",
)  # fmt: skip
FIXED = ("meeting_id", "name", "kind", "size", "sha256", "content", "added_at", "person_id")


def _guards(sqlite: bool) -> Iterator[tuple[str, str, str]]:
    """What never changes: a convocation, what is in a document, and that a public one was there."""
    now = "strftime('%Y-%m-%d %H:%M:%f', 'now')" if sqlite else "clock_timestamp()"
    differs = " OR ".join(f"OLD.{name} IS {'NOT' if sqlite else 'DISTINCT FROM'} NEW.{name}" for name in FIXED)
    moved = f"(OLD.publish_at <= {now} AND OLD.publish_at <> NEW.publish_at)"
    back = "(OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS NULL)"
    yield "convocation_fixed_update", "convocation", "UPDATE", "1 = 1"
    yield "convocation_fixed_delete", "convocation", "DELETE", "1 = 1"
    yield "document_fixed", "meeting_document", "UPDATE", f"{differs} OR {moved} OR {back}"
    yield "document_stays", "meeting_document", "DELETE", f"OLD.publish_at <= {now}"


def _allow(values: tuple[str, ...]) -> None:
    """The kinds of notices that there can be."""
    with op.batch_alter_table("notice") as batch:
        batch.drop_constraint(op.f("ck_notice_notice_kind"), type_="check")
        words = ", ".join(f"'{value}'" for value in values)
        batch.create_check_constraint(op.f("ck_notice_notice_kind"), f"kind IN ({words})")


def upgrade() -> None:
    _allow((*NOTICES, "convocation", "supplement"))
    op.create_table(
        "convocation",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.CheckConstraint("recipients >= 0", name=op.f("ck_convocation_recipients")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_convocation_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_convocation_person_id_person")),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_convocation")),
    )
    op.create_table(
        "meeting_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("agenda_item_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("pdf", "docx", name="file_kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("size BETWEEN 1 AND 10000000", name=op.f("ck_meeting_document_size")),
        sa.CheckConstraint("title <> ''", name=op.f("ck_meeting_document_has_title")),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (reason = '')", name=op.f("ck_meeting_document_withdrawn_with_reason")
        ),
        sa.CheckConstraint(
            "withdrawn_at IS NULL OR withdrawn_at >= publish_at", name=op.f("ck_meeting_document_withdrawn_was_public")
        ),
        sa.ForeignKeyConstraint(
            ["agenda_item_id"], ["agenda_item.id"], name=op.f("fk_meeting_document_agenda_item_id_agenda_item")
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_meeting_document_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_meeting_document_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_document")),
        sa.UniqueConstraint("meeting_id", "sha256", name=op.f("uq_meeting_document_meeting_id_sha256")),
    )
    op.create_table(
        "supplement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("proposal_id", sa.Uuid(), nullable=True),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(document_id IS NULL) <> (proposal_id IS NULL)", name=op.f("ck_supplement_one_of_two")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["meeting_document.id"], name=op.f("fk_supplement_document_id_meeting_document")
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_supplement_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_supplement_proposal_id_proposal")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplement")),
        sa.UniqueConstraint("document_id", name=op.f("uq_supplement_document_id")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_supplement_proposal_id")),
    )
    op.create_index(op.f("ix_supplement_meeting_id"), "supplement", ["meeting_id"])
    with op.batch_alter_table("association") as batch:
        batch.add_column(sa.Column("convocation_days", sa.Integer(), nullable=False, server_default="14"))
        batch.create_check_constraint(
            batch.f("ck_association_convocation_days"), "convocation_days >= 0 AND convocation_days <= 60"
        )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, event, condition in _guards(sqlite):
        if sqlite:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {name}'); END"
            )
            continue
        back = "OLD" if event == "DELETE" else "NEW"
        op.execute(
            f"CREATE FUNCTION alv_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN "
            f"RAISE EXCEPTION '{name}' USING ERRCODE = 'check_violation', CONSTRAINT = '{name}', TABLE = '{table}'; "
            f"END IF; RETURN {back}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION alv_{name}()")


def downgrade() -> None:
    op.execute("DELETE FROM notice WHERE kind IN ('convocation', 'supplement')")
    _allow(NOTICES)
    for table in ("supplement", "meeting_document", "convocation"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for name, *_ in _guards(sqlite=False):
            op.execute(f"DROP FUNCTION alv_{name}()")
    with op.batch_alter_table("association") as batch:
        batch.drop_constraint(batch.f("ck_association_convocation_days"), type_="check")
        batch.drop_column("convocation_days")
