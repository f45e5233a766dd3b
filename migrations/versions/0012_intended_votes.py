"""Intended votes: what a municipality prepares for its delegate, and who changed what in it."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

RULE = "intended_vote_revision_append_only"


def _choice() -> sa.Enum:
    return sa.Enum("for", "against", "abstain", name="choice", native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "intended_vote",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("section_id", sa.Uuid(), nullable=True),
        sa.Column("choice", _choice(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_intended_vote_revision_from_one")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_intended_vote_author_id_person")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_intended_vote_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_intended_vote_member_id_member")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_intended_vote_proposal_id_proposal")),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name=op.f("fk_intended_vote_section_id_section")),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_intended_vote_version_id_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intended_vote")),
    )
    here = ["meeting_id", "member_id", "proposal_id"]
    for name, columns, empty in (("section", [*here, "section_id"], "IS NOT NULL"), ("whole", here, "IS NULL")):
        only = sa.text(f"section_id {empty}")
        op.create_index(
            f"uq_intended_vote_{name}", "intended_vote", columns, unique=True, postgresql_where=only, sqlite_where=only
        )
    op.create_table(
        "intended_vote_revision",
        sa.Column("intended_vote_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("choice", _choice(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["intended_vote_id"],
            ["intended_vote.id"],
            name=op.f("fk_intended_vote_revision_intended_vote_id_intended_vote"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_intended_vote_revision_person_id_person")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["version.id"], name=op.f("fk_intended_vote_revision_version_id_version")
        ),
        sa.PrimaryKeyConstraint("intended_vote_id", "revision", name=op.f("pk_intended_vote_revision")),
    )
    _guard()


def _guard() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for event in ("UPDATE", "DELETE"):
        name = f"intended_vote_revision_no_{event.lower()}"
        if sqlite:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON intended_vote_revision "
                f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {RULE}'); END"
            )
            continue
        op.execute(
            f"CREATE FUNCTION alv_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{RULE}' USING ERRCODE = 'check_violation', CONSTRAINT = '{RULE}', "
            f"TABLE = 'intended_vote_revision'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON intended_vote_revision FOR EACH ROW EXECUTE FUNCTION alv_{name}()"
        )
    if not sqlite:
        op.execute(
            "CREATE TRIGGER intended_vote_revision_no_truncate BEFORE TRUNCATE ON intended_vote_revision "
            "EXECUTE FUNCTION alv_no_truncate()"
        )


def downgrade() -> None:
    op.drop_table("intended_vote_revision")
    if op.get_bind().dialect.name == "postgresql":
        for event in ("update", "delete"):
            op.execute(f"DROP FUNCTION alv_intended_vote_revision_no_{event}()")
    op.drop_table("intended_vote")
