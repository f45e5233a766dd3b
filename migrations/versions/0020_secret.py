"""Secret rounds: the tellers' keys, and sealed ballots."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

#: States in which what was sealed or opened goes.
_OVER = "'closed', 'annulled'"
TABLES = ("teller_key", "sealed_ballot", "opened_ballot")


def _state(row: str, states: str, more: str = "") -> str:
    return f"EXISTS (SELECT 1 FROM round r WHERE r.id = {row}.round_id AND r.state IN ({states}){more})"


def guards() -> Iterator[tuple[str, str, str, str, str]]:
    """(name, table, event, when it is refused, the name of the rule); conditions that both databases understand."""
    frozen = "OLD.state NOT IN ('draft', 'scheduled') AND NEW.secret <> OLD.secret"
    yield "round_secret_frozen", "round", "UPDATE", frozen, "round_frozen"
    # A ballot of a secret round never says what was chosen, and no other one says that it is secret.
    sealed = "EXISTS (SELECT 1 FROM round r WHERE r.id = NEW.round_id AND r.secret)"
    yield "ballot_sealed", "ballot", "INSERT", f"{sealed} <> (NEW.choice = 'secret')", "ballot_sealed"
    before, later = "'draft', 'scheduled'", "NEW.used_at IS NULL OR OLD.used_at IS NOT NULL"
    put = _state("NEW", before, " AND r.secret")
    yield "teller_key_put", "teller_key", "INSERT", f"NOT {put}", "teller_key_before_opening"
    same = " AND ".join(f"NEW.{name} = OLD.{name}" for name in ("round_id", "place", "person_id", "public_key"))
    closed = _state("NEW", "'closed'")
    used = f"NOT ({same} AND {closed}) OR {later}"
    yield "teller_key_used", "teller_key", "UPDATE", used, "teller_key_stands"
    gone = "EXISTS (SELECT 1 FROM round r WHERE r.id = OLD.round_id AND r.state NOT IN ('draft', 'scheduled'))"
    yield "teller_key_kept", "teller_key", "DELETE", gone, "teller_key_stands"
    for event in ("INSERT", "UPDATE"):
        there = _state("NEW", "'open'", " AND r.secret")
        yield f"sealed_{event.lower()}", "sealed_ballot", event, f"NOT {there}", "sealed_only_while_open"
    yield "sealed_delete", "sealed_ballot", "DELETE", f"NOT {_state('OLD', _OVER)}", "sealed_until_opened"
    there = _state("NEW", "'closed'", " AND r.secret")
    yield "opened_insert", "opened_ballot", "INSERT", f"NOT {there}", "opened_only_while_closed"
    yield "opened_update", "opened_ballot", "UPDATE", "1 = 1", "opened_stands"
    yield "opened_delete", "opened_ballot", "DELETE", f"NOT {_state('OLD', _OVER)}", "opened_until_counted"
    # Nothing is counted while envelopes are closed.
    left = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} s WHERE s.round_id = NEW.round_id)"
        for table in ("sealed_ballot", "opened_ballot")
    )
    yield "result_of_secret", "result", "INSERT", left, "result_after_opening"


def _ballot(*, secret: bool) -> None:
    """Make the guard of 0019 on what a ballot can say, which a secret round leaves to ``ballot_sealed``."""
    name = "ballot_while_open"
    all_, one = "',' || r.choices || ','", "',' || NEW.choice || ','"
    several = "(r.picks > 1 AND NEW.choice LIKE '%+%' AND NEW.choice NOT LIKE '%:%')"
    divided = "(r.divides AND NEW.choice LIKE '%:%')"
    named = f"(NEW.choice NOT LIKE '%,%' AND replace({all_}, {one}, '') <> {all_})"
    may_say = f"{named} OR {several} OR {divided}" + (" OR r.secret" if secret else "")
    there = f"EXISTS (SELECT 1 FROM round r WHERE r.id = NEW.round_id AND r.state = 'open' AND ({may_say}) AND r.way = 'ballots')"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {name}")
    else:
        op.execute(f"DROP FUNCTION alv_{name}() CASCADE")
    _put(iter([(name, "ballot", "INSERT", f"NOT {there}", "ballot_only_while_open")]))


def _put(those: Iterator[tuple[str, str, str, str, str]]) -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, event, condition, rule in those:
        if sqlite:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {rule}'); END"
            )
            continue
        back = "OLD" if event == "DELETE" else "NEW"
        op.execute(
            f"CREATE FUNCTION alv_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {condition} THEN RAISE EXCEPTION '{rule}' USING ERRCODE = 'check_violation', "
            f"CONSTRAINT = '{rule}', TABLE = '{table}'; END IF; RETURN {back}; END $$"
        )
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION alv_{name}()")


def _set_aside() -> Sequence[str]:
    """Take away, on SQLite, every guard, and tell how each is made: a table that is made anew would lose its own."""
    if op.get_bind().dialect.name != "sqlite":
        return []
    rows = op.get_bind().exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    for name, _ in rows:
        op.execute(f"DROP TRIGGER {name}")
    return [sql for _, sql in rows]


def upgrade() -> None:
    aside = _set_aside()
    with op.batch_alter_table("round") as batch:
        batch.add_column(sa.Column("secret", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.create_check_constraint(
            batch.f("ck_round_secret_kind"),
            "NOT secret OR (kind = 'candidates' AND NOT divides AND way = 'ballots')",
        )
    with op.batch_alter_table("ballot") as batch:
        batch.add_column(sa.Column("sealed_sha256", sa.String(64), nullable=True))
        batch.create_check_constraint(
            batch.f("ck_ballot_sealed_says_nothing"), "(sealed_sha256 IS NULL) = (choice <> 'secret')"
        )
    op.create_table(
        "teller_key",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.String(70), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("place IN (1, 2)", name=op.f("ck_teller_key_place_of_two")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_teller_key_person_id_person")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_teller_key_round_id_round"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("round_id", "place", name=op.f("pk_teller_key")),
        sa.UniqueConstraint("round_id", "person_id", name="uq_teller_key_person"),
        sa.UniqueConstraint("round_id", "public_key", name="uq_teller_key_public"),
    )
    op.create_table(
        "sealed_ballot",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id", "member_id"], ["roll_entry.round_id", "roll_entry.member_id"], name="fk_sealed_ballot_roll"
        ),
        sa.PrimaryKeyConstraint("round_id", "member_id", name=op.f("pk_sealed_ballot")),
    )
    op.create_table(
        "opened_ballot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("advisory", sa.Boolean(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_opened_ballot_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opened_ballot")),
    )
    op.create_index("ix_opened_ballot_round", "opened_ballot", ["round_id"])
    for sql in aside:
        op.execute(sql)
    # The guard of 0019 looks at what a ballot says; of a secret round ``ballot_sealed`` does.
    _ballot(secret=True)
    _put(guards())


def downgrade() -> None:
    """Raises ``RuntimeError`` where what was voted on could not be kept."""
    if op.get_bind().execute(sa.text("SELECT count(*) FROM round WHERE secret")).scalar_one():
        raise RuntimeError("there are secret votes; the version before this one cannot keep them")
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, _, _, _ in guards():
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP FUNCTION alv_{name}() CASCADE")
    aside = _set_aside()
    for table in reversed(TABLES):
        op.drop_table(table)
    with op.batch_alter_table("ballot") as batch:
        batch.drop_constraint(batch.f("ck_ballot_sealed_says_nothing"), type_="check")
        batch.drop_column("sealed_sha256")
    with op.batch_alter_table("round") as batch:
        batch.drop_constraint(batch.f("ck_round_secret_kind"), type_="check")
        batch.drop_column("secret")
    for sql in aside:
        op.execute(sql)
    _ballot(secret=False)
