"""Who people are and where they are signed in: second steps, sessions by name, sign-in services, proxies."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KINDS = ("invitation", "consultation_opened", "vote_opened", "receipt", "result")
NEW_KINDS = (
    "invitation_reminder", "reset_password", "leave_address", "take_address", "sign_in_changed", "new_device",
    "office_given", "mandate_given", "mandate_ended",
)  # fmt: skip
NEW_TABLES = (
    "sign_on_request",
    "factor_reset",
    "identity",
    "known_device",
    "mail_link",
    "passkey",
    "passkey_challenge",
    "password_request",
    "people_import",
    "proxy",
    "recovery_code",
)
MOMENT = sa.DateTime(timezone=True)


def _kinds(kinds: tuple[str, ...]) -> str:
    return "kind IN (" + ", ".join(f"'{kind}'" for kind in kinds) + ")"


def upgrade() -> None:
    _create_tables()
    op.execute("DELETE FROM login_session")  # nobody has shown a second step yet: all sign in anew
    with op.batch_alter_table("login_session") as table:
        table.add_column(sa.Column("id", sa.Uuid(), nullable=False))
        table.add_column(sa.Column("last_used_at", MOMENT, nullable=False))
        table.add_column(sa.Column("factor_at", MOMENT))
        entry = sa.Enum(
            "password", "passkey", "single_sign_on", "invitation", "demo",
            name="entry", native_enum=False, create_constraint=True, length=32,
        )  # fmt: skip
        table.add_column(sa.Column("entry", entry, nullable=False))
        table.create_unique_constraint(op.f("uq_login_session_id"), ["id"])
    with op.batch_alter_table("association") as table:
        table.add_column(sa.Column("proxies_per_member", sa.Integer(), nullable=False, server_default="0"))
        table.create_check_constraint(op.f("ck_association_proxies_per_member"), "proxies_per_member >= 0")
    with op.batch_alter_table("association") as table:
        table.alter_column("proxies_per_member", server_default=None)
    with op.batch_alter_table("mandate") as table:
        for name in ("given_by", "ended_by"):
            table.add_column(sa.Column(name, sa.Uuid()))
            table.create_foreign_key(op.f(f"fk_mandate_{name}_person"), "person", [name], ["id"])
    with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("erased_at", MOMENT))
        table.add_column(sa.Column("totp_secret", sa.String(length=200)))
        table.add_column(sa.Column("totp_step", sa.BigInteger()))
        table.create_check_constraint(op.f("ck_person_erased_is_not_active"), "erased_at IS NULL OR NOT active")
        table.create_check_constraint(op.f("ck_person_totp_has_step"), "totp_secret IS NULL OR totp_step IS NOT NULL")
    with op.batch_alter_table("notice") as table:
        table.drop_constraint(op.f("ck_notice_notice_kind"), type_="check")
        table.create_check_constraint(op.f("ck_notice_notice_kind"), _kinds(KINDS + NEW_KINDS))


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM notice WHERE " + _kinds(NEW_KINDS)))
    with op.batch_alter_table("notice") as table:
        table.drop_constraint(op.f("ck_notice_notice_kind"), type_="check")
        table.create_check_constraint(op.f("ck_notice_notice_kind"), _kinds(KINDS))
    with op.batch_alter_table("person") as table:
        for name in ("erased_is_not_active", "totp_has_step"):
            table.drop_constraint(op.f(f"ck_person_{name}"), type_="check")
        for name in ("erased_at", "totp_secret", "totp_step"):
            table.drop_column(name)
    with op.batch_alter_table("mandate") as table:
        for name in ("given_by", "ended_by"):
            table.drop_constraint(op.f(f"fk_mandate_{name}_person"), type_="foreignkey")
            table.drop_column(name)
    with op.batch_alter_table("association") as table:
        table.drop_constraint(op.f("ck_association_proxies_per_member"), type_="check")
        table.drop_column("proxies_per_member")
    with op.batch_alter_table("login_session") as table:
        table.drop_constraint(op.f("uq_login_session_id"), type_="unique")
        table.drop_constraint(op.f("ck_login_session_entry"), type_="check")
        for name in ("id", "last_used_at", "factor_at", "entry"):
            table.drop_column(name)
    for name in reversed(NEW_TABLES):
        op.drop_table(name)


def _create_tables() -> None:
    op.create_table(
        "sign_on_request",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=60), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=128), nullable=False),
        sa.Column("next_path", sa.String(length=2000), nullable=False),
        sa.Column("invitation_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_sign_on_request")),
    )
    op.create_index(op.f("ix_sign_on_request_expires_at"), "sign_on_request", ["expires_at"], unique=False)
    op.create_table(
        "factor_reset",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL)", name=op.f("ck_factor_reset_confirmed_has_moment")
        ),
        sa.CheckConstraint("asked_by <> person_id", name=op.f("ck_factor_reset_not_oneself")),
        sa.CheckConstraint("confirmed_by IS NULL OR confirmed_by <> asked_by", name=op.f("ck_factor_reset_two_people")),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> person_id", name=op.f("ck_factor_reset_not_by_oneself")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_factor_reset_asked_by_person")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["person.id"], name=op.f("fk_factor_reset_confirmed_by_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_factor_reset_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_reset")),
    )
    op.create_index(op.f("ix_factor_reset_person_id"), "factor_reset", ["person_id"], unique=False)
    op.create_index(
        "uq_factor_reset_waiting",
        "factor_reset",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("confirmed_at IS NULL AND withdrawn_at IS NULL"),
        sqlite_where=sa.text("confirmed_at IS NULL AND withdrawn_at IS NULL"),
    )
    op.create_table(
        "identity",
        sa.Column("provider", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_identity_person_id_person")),
        sa.PrimaryKeyConstraint("provider", "subject", name=op.f("pk_identity")),
    )
    op.create_index(op.f("ix_identity_person_id"), "identity", ["person_id"], unique=False)
    op.create_table(
        "known_device",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_known_device_person_id_person")),
        sa.PrimaryKeyConstraint("token_hash", "person_id", name=op.f("pk_known_device")),
    )
    op.create_table(
        "mail_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "reset_password",
                "leave_address",
                "take_address",
                name="mail_link_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_link_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_mail_link_token_hash")),
    )
    op.create_index(op.f("ix_mail_link_person_id"), "mail_link", ["person_id"], unique=False)
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_passkey_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_person_id"), "passkey", ["person_id"], unique=False)
    op.create_table(
        "passkey_challenge",
        sa.Column("challenge_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("challenge_hash", name=op.f("pk_passkey_challenge")),
    )
    op.create_index(op.f("ix_passkey_challenge_expires_at"), "passkey_challenge", ["expires_at"], unique=False)
    op.create_table(
        "password_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_request")),
    )
    op.create_table(
        "people_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("done >= 0", name=op.f("ck_people_import_done_not_negative")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_people_import_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_import")),
    )
    op.create_table(
        "proxy",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("to_member_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_by", sa.Uuid(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("member_id <> to_member_id", name=op.f("ck_proxy_not_oneself")),
        sa.CheckConstraint("until IS NULL OR until >= since", name=op.f("ck_proxy_until_after_since")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_proxy_ended_by_person")),
        sa.ForeignKeyConstraint(["given_by"], ["person.id"], name=op.f("fk_proxy_given_by_person")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_proxy_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_proxy_member_id_member")),
        sa.ForeignKeyConstraint(["to_member_id"], ["member.id"], name=op.f("fk_proxy_to_member_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proxy")),
    )
    op.create_index(op.f("ix_proxy_to_member_id"), "proxy", ["to_member_id"], unique=False)
    op.create_index(
        "uq_proxy_given_now",
        "proxy",
        ["meeting_id", "member_id"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
        sqlite_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id_person")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_person_id"), "recovery_code", ["person_id"], unique=False)
