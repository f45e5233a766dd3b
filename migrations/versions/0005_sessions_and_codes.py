"""Sessions end when they are not used, and codes on paper are kept as slow hashes."""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

import sqlalchemy as sa
from alembic import op
from argon2.low_level import Type, hash_secret

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _slow(fast: str, salt: bytes) -> str:
    """What ``identity.recovery_codes`` keeps; these numbers stand in each hash, so that it may use others later."""
    return hash_secret(
        fast.encode(), salt, time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, type=Type.ID
    ).decode()


def upgrade() -> None:
    with op.batch_alter_table("login_session") as table:
        table.add_column(sa.Column("ends_at", sa.DateTime(timezone=True)))
        table.add_column(sa.Column("idle_hours", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE login_session SET ends_at = expires_at")
    with op.batch_alter_table("login_session") as table:
        table.alter_column("ends_at", nullable=False)
        table.alter_column("idle_hours", server_default=None)
        table.create_check_constraint(op.f("ck_login_session_ends"), "expires_at <= ends_at")
    with op.batch_alter_table("recovery_code") as table:
        table.alter_column("code_hash", existing_type=sa.String(length=64), type_=sa.String(length=200))
    _slow_down()


def _slow_down() -> None:
    """Wrap the hash of every code, with one salt for each person; codes that people have go on working."""
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT person_id, code_hash FROM recovery_code ORDER BY person_id")).all()
    todo = []
    for _person, codes in groupby(rows, key=lambda row: row[0]):
        salt = os.urandom(16)
        todo += [(row[1], salt) for row in codes]
    change = sa.text("UPDATE recovery_code SET code_hash = :slow WHERE code_hash = :fast")
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for (fast, _salt), slow in zip(todo, threads.map(lambda one: _slow(*one), todo), strict=True):
            connection.execute(change, {"slow": slow, "fast": fast})


def downgrade() -> None:
    op.execute("DELETE FROM recovery_code")  # there is no way back from a slow hash
    with op.batch_alter_table("recovery_code") as table:
        table.alter_column("code_hash", existing_type=sa.String(length=200), type_=sa.String(length=64))
    with op.batch_alter_table("login_session") as table:
        table.drop_constraint(op.f("ck_login_session_ends"), type_="check")
        table.drop_column("idle_hours")
        table.drop_column("ends_at")
