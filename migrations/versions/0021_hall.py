"""Who comes to a meeting, and whether a member is in the hall or elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def _attendance() -> None:
    with op.batch_alter_table("attendance") as batch:
        batch.add_column(sa.Column("how", sa.String(32), nullable=False, server_default="hall"))
        batch.add_column(sa.Column("mistaken", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.create_check_constraint(batch.f("ck_attendance_how"), "how IN ('hall', 'remote')")
        batch.create_check_constraint(batch.f("ck_attendance_mistaken_has_end"), "NOT mistaken OR until IS NOT NULL")
    op.create_table(
        "registration",
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column(
            "coming",
            sa.Enum("hall", "remote", "absent", name="coming", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("guests", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "guests >= 0 AND guests <= 50 AND (guests = 0 OR coming = 'hall')",
            name=op.f("ck_registration_guests_to_hall"),
        ),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_registration_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_registration_member_id_member")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_registration_person_id_person")),
        sa.PrimaryKeyConstraint("meeting_id", "member_id", name=op.f("pk_registration")),
    )


def upgrade() -> None:
    _attendance()


def downgrade() -> None:
    op.drop_table("registration")
    with op.batch_alter_table("attendance") as batch:
        batch.drop_constraint(batch.f("ck_attendance_mistaken_has_end"), type_="check")
        batch.drop_constraint(batch.f("ck_attendance_how"), type_="check")
        batch.drop_column("mistaken")
        batch.drop_column("how")
