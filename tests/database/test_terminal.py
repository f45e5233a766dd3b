"""The main job on the terminal: every step that makes sense there, from register to result."""

import json
import uuid
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete, func, select

from tests.conftest import ROOT, settings_for
from vng_alv import db
from vng_alv.accounts.queries import find_person_by_email, get_actor
from vng_alv.audit.models import AuditEntry
from vng_alv.cli import alv
from vng_alv.demo.seed import seed
from vng_alv.errors import Missing
from vng_alv.meetings.models import Mandate
from vng_alv.meetings.queries import get_meeting, seats_of
from vng_alv.meetings.service import give_mandate
from vng_alv.members.queries import get_member
from vng_alv.notifications.models import Notice
from vng_alv.secretariat import people_import
from vng_alv.voting.cast import cast
from vng_alv.voting.queries import rounds_of

DATA = ROOT / "vng_alv" / "demo" / "data"


class Terminal:
    """Runs `alv` with the settings of a site on the test's database."""

    def __init__(self, url: str, data: Path, **changes: object) -> None:
        self.settings = settings_for(url, data, **changes)

    def __call__(self, *words: str, code: int = 0) -> str:
        done: Result = CliRunner().invoke(alv, list(words), obj=self.settings)
        assert done.exit_code == code, (words, done.output, done.exception)
        return done.output


@pytest.fixture
def terminal(database: str, tmp_path: Path) -> Terminal:
    return Terminal(database, tmp_path)


def test_the_main_job_on_the_terminal(terminal: Terminal) -> None:
    terminal("init", "--name", "Vereniging", "--phone", "070 000 00 00")
    assert "al ingericht" in terminal("init", code=1)
    account = ("admin", "create", "--email", "a@b.example", "--name", "Beheer", "--password")
    assert "makkelijk te raden" in terminal(*account, "Welkom01Welkom01", code=1)
    terminal(*account, "een lang wachtwoord")
    assert "342 nieuw" in terminal("members", "import", str(DATA / "gemeenten.csv"))
    terminal("members", "import", str(DATA / "gemeenten.csv"), "--apply")
    assert "0 nieuw, 0 gewijzigd, 342 gelijk" in terminal("members", "import", str(DATA / "gemeenten.csv"))
    terminal("person", "invite", "--email", "g@gouda.example", "--name", "Griffier", "--member", "GM0513")
    terminal("meeting", "create", "alv", "--title", "ALV", "--starts-at", "2030-12-01T13:00", "--place", "Den Haag")
    told = terminal("proposal", "import", "alv", "R1", str(DATA / "resolutie.md"), "--publish")
    assert "R1 versie 1: 14 onderdelen" in told
    terminal("consultation", "open", "alv", "R1", "--closes-at", "2030-10-01T17:00")
    assert len(terminal("round", "prepare", "alv", "R1").splitlines()) == 15
    terminal("round", "open", "alv")
    with db.transaction():
        meeting, gouda = get_meeting("alv"), get_member("GM0513")
        person = find_person_by_email("g@gouda.example")
        assert person
        give_mandate(meeting, gouda, person, None)
        rounds = [r.id for r in rounds_of(meeting.id)]
        who = get_actor(person.id)
        assert seats_of(person.id, meeting.id)
    with db.transaction(write=False):
        cast("alv", "GM0513", dict.fromkeys(rounds, "for"), uuid.uuid4(), who)
    terminal("round", "close", "alv")
    assert "Er is geen stemming" in terminal("round", "close", "alv", code=1)
    terminal("round", "tally", "alv")
    assert "Niet gevonden" in terminal("result", "show", "alv", "1", code=1)
    terminal("round", "publish", "alv")
    assert "Aangenomen met 100,00% voor: 75 van de 75 stemmen voor en tegen." in terminal("result", "show", "alv", "15")
    data = json.loads(terminal("result", "show", "alv", "15", "--json"))
    assert data["sums"]["for"] == {"votes": 75, "members": 1, "share-of-base": "100.00"}
    assert "verzegeld" in terminal("audit", "seal")
    assert "De keten klopt" in terminal("audit", "verify")
    assert "queued: " in terminal("notices")


def test_a_faulty_register_names_its_rows_and_changes_nothing(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "leden.csv"
    file.write_text("code;naam;provincie;inwoners\nGM1;A;P;10\nGM1;B;P;-5\n")
    terminal("init")
    told = terminal("members", "import", str(file), "--apply", code=1)
    assert "rij 3" in told
    assert "niets gewijzigd" in told
    with db.transaction(write=False), pytest.raises(Missing):
        get_member("GM1")


def test_people_are_invited_from_a_file_and_reminded(terminal: Terminal, tmp_path: Path) -> None:
    terminal("init")
    terminal("members", "import", str(DATA / "gemeenten.csv"), "--apply")
    file = tmp_path / "mensen.csv"
    file.write_text("code;naam;e-mail;functie\nGM9999;A;a@b.example;griffier\n")
    assert "rij 2: member_unknown GM9999" in terminal("people", "import", str(file), code=1)
    file.write_text("code;naam;e-mail;functie\nGM0513;A;a@b.example;griffier\n")
    assert terminal("people", "import", str(file)) == "rij 2: a@b.example GM0513 clerk: invited\n"
    with db.transaction(write=False):
        assert not people_import.unfinished()
    assert "Gestart." in terminal("people", "import", str(file), "--apply")
    with db.transaction():
        (import_id,) = people_import.unfinished()
        assert not people_import.invite_some(import_id, terminal.settings.secret_key)
        db.session.execute(delete(Notice))
    assert terminal("people", "remind") == "1 herinneringen.\n"
    assert terminal("people", "remind") == "0 herinneringen.\n"


def test_the_demo_is_made_once_and_only_in_demo_mode(database: str, tmp_path: Path) -> None:
    assert "ALV_DEMO=1" in Terminal(database, tmp_path)("demo", "seed", code=1)
    demo = Terminal(database, tmp_path, demo=True)
    assert "Het voorbeeld staat klaar." in demo("demo", "seed")
    assert "stond al klaar" in demo("demo", "seed")
    with db.transaction():
        assert not seed()
        given = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "mandate.give_all")).all()
        mandates = db.session.scalar(select(func.count()).select_from(Mandate))
        assert sum(entry.data["number"] for entry in given) == mandates
    shown = demo("result", "show", "alv-najaar").splitlines()
    assert len(shown) == 16
    assert shown[0].startswith("1. Eerst de uitvoeringstoets, dan pas een akkoord: Verworpen met 4")
    assert all(line.endswith(": open") for line in shown[1:])


def test_a_tampered_log_is_named(terminal: Terminal) -> None:
    terminal("init")
    terminal("meeting", "create", "alv", "--title", "ALV", "--starts-at", "2030-12-01T13:00")
    terminal("audit", "seal")
    with db.transaction():
        connection = db.session.connection()
        on = "" if db.is_sqlite() else " ON audit_entry"
        connection.exec_driver_sql(f"DROP TRIGGER audit_entry_no_update{on}")
        connection.exec_driver_sql("UPDATE audit_entry SET act = 'meeting.other' WHERE act = 'meeting.create'")
    assert "De keten is gebroken bij regel 2." in terminal("audit", "verify", code=1)
