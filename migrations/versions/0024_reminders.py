"""Reminders to members that sent no reaction, and to members without a delegate."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

NOTICES = (
    "invitation", "consultation_opened", "vote_opened", "receipt", "result", "invitation_reminder", "reset_password",
    "leave_address", "take_address", "sign_in_changed", "new_device", "office_given", "mandate_given", "mandate_ended",
    "co_submitter_asked", "submission_news", "vote_reminder", "convocation", "supplement",
)  # fmt: skip
NEW = ("reaction_reminder", "mandate_reminder")


def _list(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _allow(values: tuple[str, ...]) -> None:
    with op.batch_alter_table("notice") as batch:
        batch.drop_constraint(op.f("ck_notice_notice_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_notice_notice_kind"), f"kind IN ({_list(values)})")


def upgrade() -> None:
    _allow((*NOTICES, *NEW))


def downgrade() -> None:
    op.execute(f"DELETE FROM notice WHERE kind IN ({_list(NEW)})")
    _allow(NOTICES)
