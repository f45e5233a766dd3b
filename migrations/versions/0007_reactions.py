"""What a municipality sent stands while it writes on; who changed what; files beside a reaction."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

POSITIONS = ("agree", "agree_if", "disagree")
SAYS = "sent_at IS NULL OR {}body <> '' OR {}position IS NOT NULL"
WHOLE = "(sent_at IS NULL) = (sent_body IS NULL) AND (sent_at IS NOT NULL OR sent_position IS NULL)"


def _kind(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.add_column("comment", sa.Column("sent_body", sa.Text(), nullable=True))
    op.add_column("comment", sa.Column("sent_position", sa.String(length=32), nullable=True))
    op.execute("UPDATE comment SET sent_body = body, sent_position = position WHERE sent_at IS NOT NULL")
    with op.batch_alter_table("comment") as table:
        table.drop_constraint(op.f("ck_comment_sent_says_something"), type_="check")
        table.create_check_constraint(op.f("ck_comment_sent_says_something"), SAYS.format("sent_", "sent_"))
        table.create_check_constraint(op.f("ck_comment_sent_is_whole"), WHOLE)
        table.create_check_constraint(
            op.f("ck_comment_sent_position"), f"sent_position IN ({', '.join(repr(value) for value in POSITIONS)})"
        )
    op.create_table(
        "comment_revision",
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("act", _kind("revision_act", ("saved", "sent", "withdrawn")), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("position", _kind("position", POSITIONS), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_comment_revision_comment_id_comment")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_comment_revision_person_id_person")),
        sa.PrimaryKeyConstraint("comment_id", "revision", name=op.f("pk_comment_revision")),
    )
    # Who sent it is in the log; what was kept here of each reaction is its last save.
    op.execute(
        "INSERT INTO comment_revision (comment_id, revision, act, body, position, person_id, at) "
        "SELECT id, revision, 'saved', body, position, author_id, saved_at FROM comment"
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", _kind("file_kind", ("pdf", "docx")), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped", sa.Boolean(), nullable=False),
        sa.CheckConstraint("size BETWEEN 1 AND 10000000", name=op.f("ck_attachment_size")),
        sa.CheckConstraint("NOT dropped OR sent_at IS NOT NULL", name=op.f("ck_attachment_dropped_was_sent")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_attachment_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_attachment_member_id_member")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attachment_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint(
            "consultation_id", "member_id", "sha256", name=op.f("uq_attachment_consultation_id_member_id_sha256")
        ),
    )
    _guard()


def _guard() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    rule = "comment_revision_append_only"
    for event in ("UPDATE", "DELETE"):
        name = f"comment_revision_no_{event.lower()}"
        if sqlite:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON comment_revision "
                f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {rule}'); END"
            )
            continue
        op.execute(
            f"CREATE FUNCTION alv_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{rule}' USING ERRCODE = 'check_violation', CONSTRAINT = '{rule}', "
            f"TABLE = 'comment_revision'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON comment_revision FOR EACH ROW EXECUTE FUNCTION alv_{name}()"
        )
    if not sqlite:
        op.execute(
            "CREATE TRIGGER comment_revision_no_truncate BEFORE TRUNCATE ON comment_revision "
            "EXECUTE FUNCTION alv_no_truncate()"
        )


def downgrade() -> None:
    op.drop_table("attachment")
    op.drop_table("comment_revision")
    if op.get_bind().dialect.name == "postgresql":
        for event in ("update", "delete"):
            op.execute(f"DROP FUNCTION alv_comment_revision_no_{event}()")
    # What is in force stays; a draft that was being rewritten had no place before.
    op.execute("UPDATE comment SET body = sent_body, position = sent_position WHERE sent_at IS NOT NULL")
    op.execute("DELETE FROM comment WHERE sent_at IS NULL AND body = '' AND position IS NULL")
    with op.batch_alter_table("comment") as table:
        table.drop_constraint(op.f("ck_comment_sent_position"), type_="check")
        table.drop_constraint(op.f("ck_comment_sent_is_whole"), type_="check")
        table.drop_constraint(op.f("ck_comment_sent_says_something"), type_="check")
        table.create_check_constraint(op.f("ck_comment_sent_says_something"), SAYS.format("", ""))
        table.drop_column("sent_position")
        table.drop_column("sent_body")
