"""Themes: reactions that are answered together."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "theme",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=150), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "adopted",
                "partly",
                "declined",
                "noted",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("title <> ''", name=op.f("ck_theme_has_title")),
        sa.CheckConstraint("(answer = '') = (answered_at IS NULL)", name=op.f("ck_theme_answered_is_whole")),
        sa.CheckConstraint("answer = '' OR outcome IS NOT NULL", name=op.f("ck_theme_answer_has_outcome")),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name=op.f("fk_theme_consultation_id_consultation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_theme_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_theme")),
        sa.UniqueConstraint("consultation_id", "title", name=op.f("uq_theme_consultation_id_title")),
    )
    op.create_table(
        "comment_theme",
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        sa.Column("theme_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_comment_theme_comment_id_comment")),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_comment_theme_theme_id_theme")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_comment_theme_person_id_person")),
        sa.PrimaryKeyConstraint("comment_id", "theme_id", name=op.f("pk_comment_theme")),
    )
    op.create_index(op.f("ix_comment_theme_theme_id"), "comment_theme", ["theme_id"], unique=False)


def downgrade() -> None:
    op.drop_table("comment_theme")
    op.drop_table("theme")
