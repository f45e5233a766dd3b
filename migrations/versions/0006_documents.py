"""Where a version came from, and how its sections were recognised."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KINDS = ("concept", "final", "amended")
RECOGNITIONS = ("same", "alike", "chosen", "new")


def _named(table: str, column: str, name: str, values: tuple[str, ...], default: str) -> None:
    """A column of names with its CHECK. Written out, since making the table anew would lose its guards on SQLite."""
    allowed = ", ".join(f"'{value}'" for value in values)
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} VARCHAR(32) DEFAULT '{default}' NOT NULL "
        f"CONSTRAINT ck_{table}_{name} CHECK ({column} IN ({allowed}))"
    )


def upgrade() -> None:
    _named("version", "kind", "version_kind", KINDS, "concept")
    op.add_column("version", sa.Column("file_name", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("version", sa.Column("report", sa.JSON(), nullable=False, server_default="[]"))
    _named("version_section", "recognition", "recognition", RECOGNITIONS, "same")


def downgrade() -> None:
    op.drop_column("version_section", "recognition")
    for column in ("report", "file_name", "kind"):
        op.drop_column("version", column)
