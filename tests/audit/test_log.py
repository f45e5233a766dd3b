"""The log: every act of weight in it, chained in order, and a change in it named by number (docs/rules.md §10)."""

import itertools
import random
import re
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from tests import factories
from tests.audit.test_brought import SHARED, WAYS
from tests.conftest import settings_for
from tests.web.site import Scene, Site, scene
from vng_alv import db, schema
from vng_alv.audit import queries
from vng_alv.audit.models import AuditEntry, AuditSeal
from vng_alv.audit.service import record, seal, verify
from vng_alv.cli import alv
from vng_alv.domain.permissions import Role
from vng_alv.domain.submissions import SubmissionKind
from vng_alv.secretariat.forms import ACTS

#: What was done by the scene, by people who sign in, and below by the secretariat.
EXPECTED = {
    "rule.make",
    "association.create", "person.create", "role.grant", "person.password", "person.invite", "office.give",
    "meeting.create", "mandate.give", "proposal.create", "version.import", "version.publish", "advice.give",
    "consultation.open", "consultation.deadline", "comments.send", "comment.answer", "round.prepare", "round.open",
    "ballot.cast", "round.close", "round.count", "round.publish", "session.start",
    "amendment.begin", "amendment.submit", "motion.begin", "motion.submit", "motion.adopted",
    "theme.make", "theme.group", "document.add",
}  # fmt: skip


def written() -> list[AuditEntry]:
    with db.transaction(write=False):
        return list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


@pytest.fixture
def acted(database: str, tmp_path: Path) -> tuple[Site, Scene]:
    """Much was done: by use cases, and by the secretariat on its pages."""
    site, made = Site(settings_for(database, tmp_path)), scene()
    browser = site.browser(made.staff[Role.SECRETARIAT])
    console = "/secretariaat/vergaderingen/alv"
    for path, data in (
        ("/secretariaat/vereniging", None),
        (f"/secretariaat/leden/importeren/{made.address['import_id']}", None),
        (f"{console}/agenda", {"title": "Rondvraag"}),
        (f"{console}/regels", {f"rule-{made.draft.number}": "two_thirds"}),
        (f"{console}/stemmingen/{made.draft.number}/ongeldig", {"reason": "Fout in de tekst"}),
        ("/uitloggen", {}),
    ):
        if data is None:
            change = {"phone": "070 1"} if path.endswith("vereniging") else {}
            answer = browser.submit(path, save="1", **change)
        else:
            answer = browser.post(path, data)
        assert answer.status_code == 303, path
    token = made.address["token"]
    path = f"/uitnodiging/{token}"
    joined = site.browser().submit(path, action=path, password="een heel nieuw", again="een heel nieuw")
    assert joined.status_code == 303
    assert (
        site.browser().submit("/inloggen", action="/inloggen", email="x@y.example", password="raad").status_code == 200
    )
    return site, made


BY_HAND = {"association.change", "register.import", "agenda.add", "round.rule", "round.annul", "session.end",
           "person.accept", "session.refuse"}  # fmt: skip
#: Acts whose entries are read by the tests of what they belong to.
ELSEWHERE = {
    "agenda.change", "agenda.current", "agenda.move", "agenda.remove", "block.end", "block.make",
    "checklist.tick", "checklist.untick", "consultation.remind", "document.publish", "document.remove",
    "document.withdraw", "mandate.remind", "meeting.archive", "meeting.archived",
    "meeting.convene", "meeting.copy", "meeting.say", "meeting.supplement",
    "meeting.unsay", "minutes.publish", "notices.resend", "table.export",
    "proposal.place",
    "round.dispute", "round.undispute", "round.note", "round.unnote", "round.way",
    "ballot.read", "ballot.unread", "ballot.paper", "round.paper",
    "attendance.arrive", "attendance.leave", "attendance.register", "attendance.undo", "rule.remove",
    "address.ask", "comments.withdraw", "factor.add", "factor.codes", "factor.refuse", "factor.remove", "factor.reset",
    "factor.reset_ask",
    "factor.reset_withdraw", "factor.use", "identity.link", "mandate.end", "mandate.give_all", "office.end",
    "password.ask", "people.import", "people.remind", "person.address", "person.disable", "person.enable",
    "amendment.adapt", "amendment.carry", "amendment.order", "amendment.merged", "amendment.offer_late",
    "meeting.deadline",
    "advice.publish", "advice.discard",
    "intended_vote.prepare",
    "merge.abandon", "merge.finish", "merge.start", "motion.account", "motion.follow_up", "motion.of_text",
    "identity.unlink", "role.revoke", "signing_key.make", "version.correct", "version.recognise",
    "round.schedule", "round.unschedule", "round.missed", "round.extend", "round.rehearse", "round.remind",
    "round.lots",
    "theme.change", "theme.delete", "theme.merge", "theme.move", "theme.ungroup",
    "person.erase", "proxy.end", "proxy.give", "session.end_all", "session.end_others",
    "teller.key", "teller.key_gone", "teller.open",
}  # fmt: skip
#: The same, under the name of each kind.
BROUGHT = {f"{kind.value}.{act}" for kind in SubmissionKind for act in (*WAYS, *SHARED)}


def test_every_act_of_weight_is_in_the_log_with_words_for_it(acted: tuple[Site, Scene]) -> None:
    _, made = acted
    entries = written()
    assert {entry.act for entry in entries} == EXPECTED | BY_HAND
    assert set(ACTS) == EXPECTED | BY_HAND | ELSEWHERE | BROUGHT
    by = {entry.act: entry for entry in entries}
    secretariat = made.staff[Role.SECRETARIAT].id
    for act in ("association.change", "register.import", "agenda.add", "round.rule", "round.annul", "session.end"):
        assert by[act].actor_id == secretariat, act
    assert by["association.change"].data == {"changed": {"phone": ["070 000 00 00", "070 1"]}}
    assert by["round.annul"].data["reason"] == "Fout in de tekst"
    casts = [entry for entry in entries if entry.act == "ballot.cast"]
    assert {entry.member_id for entry in casts} == {made.members[n].id for n in (0, 1, 3)}
    assert all(entry.actor_id for entry in casts)
    assert all(datetime.now(UTC) - timedelta(minutes=10) < entry.at <= datetime.now(UTC) for entry in entries)


def test_what_is_read_elsewhere_is_read_there() -> None:
    here = Path(__file__)
    others = "".join(path.read_text() for path in here.parents[1].rglob("test_*.py") if path != here)
    assert not [act for act in sorted(ELSEWHERE) if f'"{act}"' not in others]


def test_every_act_that_is_recorded_has_words() -> None:
    """Also what only happens seldom; a name that is put together is tried with its kind."""
    recorded = re.compile(r"""\brecord\(\s*"([a-z_]+\.[a-z_]+)\"""")
    code = "".join(path.read_text() for path in (Path(__file__).parents[2] / "vng_alv").rglob("*.py"))
    found = set(recorded.findall(code))
    assert len(found) > 60
    assert found <= set(ACTS)


def test_the_log_names_nobody_and_holds_no_secret(acted: tuple[Site, Scene]) -> None:
    """People by key only: erasing a person leaves the chain whole."""
    told = " ".join(f"{entry.subject} {entry.data}" for entry in written()).lower()
    for word in ("@test.example", "griffier", "genodigde", factories.PASSWORD, "een heel nieuw", "argon2"):
        assert word not in told, word


def test_an_act_that_was_undone_is_not_in_the_log(database: str) -> None:
    with pytest.raises(RuntimeError), db.transaction():
        record("test", None, "x")
        raise RuntimeError
    assert written() == []


# --- Sealing


def entries(number: int, dice: random.Random) -> None:
    for n in range(number):
        extra = {
            "n": n,
            "text": dice.choice(["é", "’s", "\u2028", '"', "\\"]),
            "big": 2**53 + n,
            "none": None,
            "on": True,
        }
        record("test", None, f"x:{n}", **extra)


def test_entries_are_sealed_in_order_and_in_batches(database: str) -> None:
    with db.transaction():
        entries(25, random.Random(1))
    for expected in (10, 10, 5, 0):
        with db.transaction():
            assert seal(limit=10) == expected
    with db.transaction(write=False):
        assert verify() == (None, 25, 0)
        seals = list(db.session.scalars(select(AuditSeal).order_by(AuditSeal.number)))
    assert [s.number for s in seals] == list(range(1, 26))
    assert [s.entry_id for s in seals] == sorted(s.entry_id for s in seals)
    assert seals[0].previous == "0" * 64
    assert all(after.previous == before.hash for before, after in itertools.pairwise(seals))


def test_what_waits_for_its_seal_is_counted_and_is_no_break(database: str) -> None:
    with db.transaction():
        entries(3, random.Random(1))
        seal()
        entries(2, random.Random(2))
    with db.transaction(write=False):
        assert verify() == (None, 3, 2)


def test_many_sealers_at_once_make_one_chain(database: str) -> None:
    def work(turn: int) -> int:
        with db.transaction():
            record("test", None, f"x:{turn}")
        with db.transaction():
            return seal(limit=7)

    with ThreadPoolExecutor(8) as pool:
        sealed = sum(pool.map(work, range(40)))
    with db.transaction():
        sealed += seal()
    assert sealed == 40
    with db.transaction(write=False):
        assert verify() == (None, 40, 0)


def test_an_act_that_comes_late_with_an_earlier_number_is_still_sealed(database: str) -> None:
    """Two transactions take numbers 1 and 2, and 2 is committed first: nothing is skipped for ever."""
    with db.transaction():
        db.session.add(AuditEntry(id=2, at=db.now(), act="second", actor_id=None, member_id=None, subject="x", data={}))
    with db.transaction():
        assert seal() == 1
    with db.transaction():
        db.session.add(AuditEntry(id=1, at=db.now(), act="first", actor_id=None, member_id=None, subject="x", data={}))
    with db.transaction():
        assert seal() == 1
    with db.transaction(write=False):
        assert verify() == (None, 2, 0)


# --- Tampering, on a copy whose triggers were dropped


TAMPERED = {
    "a changed act": ("UPDATE audit_entry SET act = 'other' WHERE id = 6", 6),
    "a changed moment": ("UPDATE audit_entry SET at = '2020-01-01 00:00:00.000000' WHERE id = 3", 3),
    "a changed detail": ("UPDATE audit_entry SET data = '{\"n\": 99}' WHERE id = 9", 9),
    "another person": ("UPDATE audit_entry SET actor_id = '00000000000000000000000000000001' WHERE id = 4", 4),
    "another member": ("UPDATE audit_entry SET member_id = '00000000000000000000000000000001' WHERE id = 4", 4),
    "another subject": ("UPDATE audit_entry SET subject = 'y' WHERE id = 1", 1),
    "a removed entry": ("DELETE FROM audit_entry WHERE id = 5", 5),
    "a removed seal": ("DELETE FROM audit_seal WHERE number = 7", 7),
    "a removed beginning": ("DELETE FROM audit_seal WHERE number = 1", 1),
    "two entries swapped": (
        "UPDATE audit_seal SET entry_id = 99 WHERE number = 2; UPDATE audit_seal SET entry_id = 2 WHERE number = 3;"
        "UPDATE audit_seal SET entry_id = 3 WHERE number = 2",
        2,
    ),
    "a changed hash": ("UPDATE audit_seal SET hash = '" + "a" * 64 + "' WHERE number = 8", 8),
    "a changed link": ("UPDATE audit_seal SET previous = '" + "b" * 64 + "' WHERE number = 8", 8),
    "renumbered": (
        "UPDATE audit_seal SET number = number + 99 WHERE number > 10;"
        "UPDATE audit_seal SET number = number - 98 WHERE number > 99",
        11,
    ),
}


@pytest.fixture
def sealed_file(tmp_path: Path) -> Path:
    """A sealed log in a database of its own, without its guards."""
    path = tmp_path / "log.sqlite3"
    schema.upgrade(db.connect(f"sqlite:///{path}"))
    with db.transaction():
        entries(12, random.Random(3))
    with db.transaction():
        seal()
    with db.engine().connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.engine().dispose()
    with sqlite3.connect(path) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
    connection.close()
    return path


def test_what_was_tampered_with_is_named_by_number(sealed_file: Path, tmp_path: Path) -> None:
    for what, (statement, number) in {"nothing": ("SELECT 1", 0), **TAMPERED}.items():
        copy = tmp_path / "copy.sqlite3"
        shutil.copy(sealed_file, copy)
        with sqlite3.connect(copy) as connection:
            connection.executescript(statement)
        connection.close()
        db.connect(f"sqlite:///{copy}")
        shown = CliRunner().invoke(alv, ["audit", "verify"])
        if not number:
            assert (shown.exit_code, "12 regels verzegeld" in shown.output) == (0, True), what
        else:
            assert shown.exit_code == 1, what
            assert f"De keten is gebroken bij regel {number}." in shown.output, (what, shown.output)
        db.session.remove()
        db.engine().dispose()


def test_the_page_of_the_log_shows_the_newest_first_and_the_state_of_the_chain(acted: tuple[Site, Scene]) -> None:
    site, made = acted
    auditor = site.browser(made.staff[Role.AUDITOR])
    with db.transaction():
        seal()
        total = db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    page = auditor.get("/secretariaat/logboek?controle=1").text
    assert "De keten klopt." in page
    assert f"{total} regels zijn verzegeld" in page
    with db.transaction(write=False):
        newest = [entry.id for entry, _, _ in queries.entries(page=1, size=5)]
    assert newest == sorted(newest, reverse=True)
    assert len(newest) == 6
    assert auditor.get("/secretariaat/logboek?bladzijde=2").status_code == 200
