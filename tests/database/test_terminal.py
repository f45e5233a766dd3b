"""The main job on the terminal: every step that makes sense there, from register to result."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete, func, select

from tests import factories
from tests.conftest import ROOT, settings_for
from tests.web.site import amend
from tests.worker.running import free_ports
from vng_alv import db
from vng_alv.accounts.queries import find_person_by_email, get_actor
from vng_alv.audit.models import AuditEntry
from vng_alv.cli import alv
from vng_alv.demo.seed import seed
from vng_alv.domain.clock import day_of
from vng_alv.domain.submissions import CoAnswer
from vng_alv.errors import Missing
from vng_alv.meetings.models import Mandate
from vng_alv.meetings.queries import get_meeting, seats_of
from vng_alv.meetings.service import give_mandate
from vng_alv.members.queries import get_member
from vng_alv.notifications.models import Notice
from vng_alv.secretariat import people_import
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission
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
    today = f"{day_of(datetime.now(UTC))}T13:00"
    terminal("meeting", "create", "alv", "--title", "ALV", "--starts-at", today, "--place", "Den Haag")
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


def test_an_association_with_other_rules_is_served_by_settings(terminal: Terminal) -> None:
    """The preset `lga`, from the register to the outcome: bands of weight, and none of the numbers of `vng`."""
    terminal("init", "--preset", "lga", "--phone", "020 000 00 00")
    terminal("members", "import", str(DATA / "gemeenten.csv"), "--apply")
    terminal(
        "meeting", "create", "ga", "--title", "General Assembly", "--starts-at", f"{day_of(datetime.now(UTC))}T13:00"
    )
    terminal("proposal", "import", "ga", "R1", str(DATA / "resolutie.md"), "--publish")
    terminal("round", "prepare", "ga", "R1")
    terminal("round", "open", "ga", "15")
    terminal("round", "close", "ga")
    terminal("round", "tally", "ga")
    terminal("round", "publish", "ga")
    turnout = json.loads(terminal("result", "show", "ga", "15", "--json"))["turnout"]
    # 245 members to 50,000 inhabitants, 65 to 100,000, 24 to 200,000, 4 to 300,000, 1 to 400,000, 3 over 500,000:
    # 490 + 195 + 96 + 20 + 6 + 24
    assert turnout == {"members": 0, "members_total": 342, "weight": 0, "weight_total": 831}
    assert terminal("init", "--preset", "guess", code=2)


def test_the_clock_and_rehearsals_on_the_terminal(terminal: Terminal) -> None:
    terminal("init")
    terminal("members", "import", str(DATA / "gemeenten.csv"), "--apply")
    written = ("meeting", "create", "raad", "--title", "Raadpleging", "--starts-at", "2030-11-01T09:00")
    assert "Kies wanneer zij eindigt" in terminal(*written, "--kind", "ledenraadpleging", code=1)
    terminal(*written, "--kind", "ledenraadpleging", "--ends-at", "2030-11-15T17:00", "--publishes-itself")
    terminal("meeting", "create", "alv", "--title", "ALV", "--starts-at", "2030-12-01T13:00")
    for meeting in ("raad", "alv"):
        terminal("proposal", "import", meeting, "R1", str(DATA / "resolutie.md"), "--publish")
        terminal("round", "prepare", meeting, "R1")
    assert "Dat is te vroeg" in terminal("round", "open", "alv", code=1)
    assert "Dat is te vroeg" in terminal("round", "schedule", "alv", "--opens-at", "2030-11-30T23:59", code=1)
    assert terminal("round", "schedule", "alv", "--opens-at", "2030-12-01T00:00") == "15 gepland.\n"
    assert terminal("round", "unschedule", "alv", "1", "2") == "2 teruggenomen.\n"
    assert "Kies wanneer de stemming sluit" in terminal("round", "open", "raad", code=1)
    terminal("round", "open", "raad", "--closes-at", "2030-11-14T17:00")
    assert "niet eerder" in terminal("round", "extend", "raad", "--closes-at", "2030-11-14T16:59", code=1)
    assert terminal("round", "extend", "raad", "3", "--closes-at", "2030-11-14T17:01") == "1 verlengd.\n"
    assert terminal("round", "rehearse", "alv").startswith("P1. Proefvraag: ")
    assert terminal("round", "rehearse", "alv").startswith("P2. Proefvraag: ")
    assert terminal("round", "extend", "alv", "P2", "--closes-at", "2030-11-14T17:01") == "1 verlengd.\n"
    assert "Er is geen stemming" in terminal("round", "extend", "alv", "P3", "--closes-at", "2030-11-14T17:01", code=1)
    assert "Proefvraag" not in terminal("result", "show", "alv")


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
    assert len(shown) == 18
    assert shown[0].startswith("1. Eerst de uitvoeringstoets, dan pas een akkoord: Verworpen met 4")
    assert all(line.endswith(": open") for line in shown[1:16])
    assert shown[16].startswith("17. Elke uitslag dezelfde dag openbaar: Aangenomen met 8")
    assert shown[17] == "18. Wie wordt lid van de adviescommissie?: draft"


def test_what_cannot_be_acted_out_is_told_in_a_sentence(terminal: Terminal) -> None:
    nobody = f"http://localhost:{free_ports()}"
    for words in (["--meeting"], []):
        told = terminal("demo", "play", "--url", nobody, *words, code=1)
        assert told.startswith(f"Error: {nobody}/demo antwoordt niet")
    assert "ten minste 6 gemeenten" in terminal("demo", "play", "--meeting", "--delegates", "5", code=2)


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


def test_amendments_are_listed(terminal: Terminal) -> None:
    with db.transaction():
        factories.association()
        members = [factories.member(n) for n in (1, 2)]
        clerks = [factories.clerk(m) for m in members]
        proposal = factories.proposal(factories.meeting())
        proposal.meeting.amendments_until = db.now() + timedelta(hours=1)
        key = amend(proposal, members[0], clerks[0], submit=True)
        amend(proposal, members[1], clerks[1], submit=False)
        one = db.session.get_one(Submission, key)
        submissions.ask_along(one, [members[1]], get_actor(clerks[0].id))
        submissions.answer_along(one, members[1], CoAnswer.JOINED, get_actor(clerks[1].id))
    assert terminal("amendment", "list", "alv") == "AM1  R1  submitted  Gemeente 1, Gemeente 2: Meer bouwen\n"
    terminal("amendment", "list", "nergens", code=1)


def test_acclamation_and_a_vote_on_the_advice_on_the_terminal(terminal: Terminal) -> None:
    with db.transaction():
        world = factories.world(is_open=False)
        world.meeting.starts_at = db.now()
    assert "1. A1. Wonen" in terminal("result", "show", "alv")
    for number in ("1", "2"):
        terminal("round", "way", "alv", number, "acclamation")
    terminal("round", "open", "alv", "1", "2")
    terminal("round", "note", "alv", "1", "GM0002")
    terminal("round", "note", "alv", "1", "GM0001")
    terminal("round", "note", "alv", "1", "GM0002", "--back")
    terminal("round", "acclaim", "alv", "1")
    shown = terminal("result", "show", "alv", "1")
    assert shown == "A1. Wonen\nAangenomen bij acclamatie, 1 lid liet tegen aantekenen: Gemeente 1.\n"
    assert "2. Water" in terminal("round", "object", "alv", "2")
    assert "geen preadvies" in terminal("round", "prepare-advice", "alv", "R1", code=1)


def test_a_question_with_options_its_run_off_and_lots_on_the_terminal(terminal: Terminal) -> None:
    with db.transaction():
        world = factories.world([40_000, 40_000, 30_000], is_open=False)
        world.meeting.starts_at = db.now()
        factories.proposal(world.meeting, "# Benoeming\n\nTekst.\n", "B1")
    ask = ("round", "ask", "alv", "B1", "Wie?")
    assert "ten minste twee" in terminal(*ask, "--option", "Ada", code=1)
    assert "over personen" in terminal(*ask, "--option", "Ada", "--option", "Bas", "--texts", "--secret", code=1)
    names = [word for name in ("Ada", "Bas", "Cor") for word in ("--option", name)]
    number = terminal(*ask, *names).partition(".")[0]

    def held(number: str, *ballots: str) -> str:
        terminal("round", "open", "alv", number)
        with db.transaction(write=False):
            key = next(one.id for one in rounds_of(world.meeting.id) if one.number == int(number))
        for who, ballot in enumerate(ballots):
            with db.transaction(write=False):
                cast("alv", f"GM000{who + 1}", {key: ballot}, uuid.uuid4(), world.delegates[who])
        for step in ("close", "tally", "publish"):
            terminal("round", step, "alv", number)
        return terminal("result", "show", "alv", number)

    assert "Herstemming tussen Ada" in held(number, "1", "2", "3")
    assert "Herstemming: Wie?" in terminal("round", "run-off", "alv", number)
    assert "geen herstemming nodig" in terminal("round", "run-off", "alv", number, code=1)
    with db.transaction(write=False):
        again = str(max(one.number for one in rounds_of(world.meeting.id)))
    assert "Het lot beslist." in held(again, "1", "2", "abstain")
    assert "precies zoveel namen" in terminal("round", "lots", "alv", again, "Cor", code=1)
    assert terminal("round", "lots", "alv", again, "Bas") == "Bas\n"
    assert "Gekozen door het lot: Bas." in terminal("result", "show", "alv", again)
    assert "al vastgelegd" in terminal("round", "lots", "alv", again, code=1)
