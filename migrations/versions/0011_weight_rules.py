"""Votes by a formula, a table of bands or fixed numbers; a formula without a cap."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("association") as batch:
        batch.add_column(sa.Column("weight_kind", sa.String(length=32), nullable=False, server_default="formula"))
        batch.add_column(sa.Column("bands", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("fixed_votes", sa.Integer(), nullable=False, server_default="1"))
        batch.alter_column("cap", existing_type=sa.Integer(), nullable=True)
        batch.create_check_constraint(batch.f("ck_association_fixed_votes"), "fixed_votes >= 0")
        batch.create_check_constraint(
            batch.f("ck_association_weight_kind"), "weight_kind IN ('formula', 'bands', 'fixed')"
        )
    # Not in a batch, which would make the table anew: the rule stands with its column, on both databases.
    op.execute(
        "ALTER TABLE member ADD COLUMN fixed_votes INTEGER CONSTRAINT ck_member_fixed_votes CHECK (fixed_votes >= 0)"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE member DROP COLUMN fixed_votes")
    # Without a cap there is none that anybody reaches; what is not a formula becomes one, which is what is known here.
    op.execute("UPDATE association SET cap = 100000000 WHERE cap IS NULL")
    with op.batch_alter_table("association") as batch:
        for name in ("fixed_votes", "weight_kind"):
            batch.drop_constraint(batch.f(f"ck_association_{name}"))
        batch.alter_column("cap", existing_type=sa.Integer(), nullable=False)
        for column in ("weight_kind", "bands", "fixed_votes"):
            batch.drop_column(column)
