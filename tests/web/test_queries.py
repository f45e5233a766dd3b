"""The number of statements of a page does not grow with members, reactions or people."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, func, insert, select

from tests import factories
from tests.web.site import MOTION, Site, count
from vng_alv import db, direct
from vng_alv.accounts.models import Person
from vng_alv.accounts.queries import get_actor
from vng_alv.answering import service as answering
from vng_alv.consultation import service as consultation
from vng_alv.consultation.models import Comment, Position
from vng_alv.domain.ballots import Choice
from vng_alv.domain.permissions import Role
from vng_alv.domain.rulebook import RULES
from vng_alv.meetings.models import Mandate, Meeting
from vng_alv.members import importing
from vng_alv.members.models import Member, Office, OfficeKind
from vng_alv.members.rules import make_rule
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.service import notify
from vng_alv.proposals.models import Proposal, ProposalKind
from vng_alv.proposals.queries import sections_of
from vng_alv.secretariat import people_import
from vng_alv.voting import service as rounds
from vng_alv.voting.cast import cast

PAGES = {
    "guest": ("/", "/cijfers", "/cijfers/gemeenten.csv", "/leden", "/leden.csv",
              "/leden/GM0001", "/leden/GM0001/stemmingen.csv", "/narekenen",
              "/uitslagen.atom",
              "/vergaderingen", "/vergaderingen/alv", "/vergaderingen/alv/stukken/R1",
              "/vergaderingen/alv/stukken/R1/reacties", "/vergaderingen/alv/stukken/R1/reacties.csv",
              "/vergaderingen/alv/uitslagen",
              "/vergaderingen/alv/uitslagen/1", "/vergaderingen/alv/uitslagen/1.csv",
              "/vergaderingen/alv/uitslagen/1.json", "/vergaderingen/alv/uitslagen/2",
              "/vergaderingen/alv/stand.json"),
    "clerk": ("/", "/vergaderingen/alv", "/stemmen/alv", "/vergaderingen/alv/stukken/R1/reageren",
              "/gemeente/GM0001", "/gemeente/GM0001/stemkaart/alv", "/gemeente/GM0001/aanmelden/alv"),
    "secretariat": ("/secretariaat", "/secretariaat/vergaderingen/alv", "/secretariaat/personen",
                    "/secretariaat/personen/uitnodigen", "/secretariaat/vergaderingen/alv/stemkaarten",
                    "/gemeente/GM0001", "/gemeente/GM0001/stemkaart/alv", "/secretariaat/personen/importeren",
                    "/secretariaat/personen/importeren/invullen.csv", "/secretariaat/personen/herinneren",
                    "/secretariaat/vergaderingen/alv/stemkaarten/herinneren", "/secretariaat/berichten/opnieuw",
                    "/secretariaat/vergaderingen/alv/aanwezigheid?zoek=gemeente",
                    "/secretariaat/vergaderingen/alv/aanwezigheid/stand",
                    "/secretariaat/vergaderingen/alv/nog-niet-gestemd",
                    "/secretariaat/personen.csv", "/secretariaat/berichten.csv", "/secretariaat/logboek.xlsx",
                    "/secretariaat/vergaderingen/alv/stemkaarten.csv",
                    "/secretariaat/vergaderingen/alv/aanwezigheid.csv",
                    "/secretariaat/vergaderingen/alv/stukken/R1/verwerken.xlsx",
                    "/secretariaat/vergaderingen/alv/stukken/R1/matrix.csv",
                    "/secretariaat/vergaderingen/alv/stukken/R1/niet-gereageerd.csv", "/leden.xlsx",
                    "/vergaderingen/alv/stukken/R1/reacties.xlsx", "/vergaderingen/alv/uitslagen.csv",
                    "PEOPLE", "/secretariaat/rechten", "/secretariaat/berichten",
                    "/secretariaat/logboek", "/secretariaat/vergaderingen/alv/stukken/R1/verwerken",
                    "/secretariaat/vergaderingen/alv/stukken/R1/importeren", "/secretariaat/vereniging", "IMPORT"),
}  # fmt: skip
#: Statements that a page may need at most, whatever is on it.
MOST = 30


@contextmanager
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The statements that are sent inside, by the session and by the short way."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    real = direct.Line.run

    def run(line: direct.Line, statement: str, values: dict[str, object]) -> object:
        sent.append(statement)
        return real(line, statement, values)

    event.listen(db.engine(), "before_cursor_execute", note)
    with monkeypatch.context() as patched:
        patched.setattr(direct.Line, "run", run)
        yield sent
    event.remove(db.engine(), "before_cursor_execute", note)


def grow(first: int, last: int) -> None:
    """Members with a clerk, a mandate, a reaction with an answer to every section, ballots, mails and log entries."""
    meeting = db.session.scalars(select(Meeting)).one()
    found = db.session.scalars(select(consultation.Consultation)).one()
    now = db.now()
    members = [factories.member(n, 1_000 * n, province=f"Provincie {n % 5}") for n in range(first, last + 1)]
    people = [
        Person(id=uuid.uuid4(), email=f"p{m.code.lower()}@test.example", name=f"Griffier {m.code}", created_at=now)
        for m in members
    ]
    db.session.add_all(people)
    db.session.flush()
    pairs = list(zip(members, people, strict=True))
    db.session.execute(
        insert(Office), [{"person_id": p.id, "member_id": m.id, "kind": OfficeKind.CLERK} for m, p in pairs]
    )
    db.session.execute(
        insert(Mandate),
        [
            {"meeting_id": meeting.id, "member_id": m.id, "person_id": p.id, "since": now, "until": None}
            for m, p in pairs
        ],
    )
    comments = [
        Comment(consultation_id=found.id, member_id=m.id, section_id=s.section_id, body="Wij", revision=1, saved_at=now,
                position=Position.AGREE, author_id=p.id, sent_body="Wij", sent_position=Position.AGREE, sent_at=now)
        for m, p in pairs for s in sections_of(found.version_id)
    ]  # fmt: skip
    db.session.add_all(comments)
    db.session.flush()
    secretariat = get_actor(db.session.scalars(select(Person.id).where(Person.name == "Secretariaat")).one())
    for comment in comments:
        answering.answer_one(comment, "Dank u.", answering.seen_of(comment), secretariat)
    notify(NoticeKind.INVITATION, [p.id for p in people], member="")


def put_to_the_vote(code: str, *, publish: bool) -> None:
    """A motion on which everybody votes."""
    with db.transaction():
        meeting = db.session.scalars(select(Meeting)).one()
        made = factories.proposal(meeting, MOTION.replace("Een", code), code, ProposalKind.MOTION)
        one = rounds.open_rounds([rounds.prepare(made, None)[0].id], None)[0]
        held = db.session.execute(
            select(Member.code, Mandate.person_id).join(Member, Member.id == Mandate.member_id).order_by(Member.code)
        ).all()
    for n, (member, person_id) in enumerate(held):
        with db.transaction(write=False):
            cast(meeting.code, member, {one.id: list(Choice)[n % 3].value}, uuid.uuid4(), get_actor(person_id))
    if publish:
        count(one, publish=True)


def measure(site: Site, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How many statements each page takes; the first look at a page fills what is kept, and is not counted."""
    with db.transaction():
        people = {
            "guest": None,
            "clerk": db.session.scalars(select(Person.id).where(Person.name == "Griffier GM0001")).one(),
            "secretariat": db.session.scalars(select(Person.id).where(Person.name == "Secretariaat")).one(),
        }
        rows = "".join(
            f"{m.code},{m.name},{m.province},{m.population + 1}\n" for m in db.session.scalars(select(Member))
        )
        kept, _, _ = importing.prepare(("code,naam,provincie,inwoners\n" + rows).encode(), "leden.csv", None)
        assert kept is not None
        file = "code,naam,e-mail,functie\n" + "".join(
            f"{m.code},Griffier,p{m.code.lower()}@test.example,wethouder\n" for m in db.session.scalars(select(Member))
        )
        people_kept, _ = people_import.prepare(file.encode(), "mensen.csv", None)
        assert people_kept is not None
    found = {}
    for name, paths in PAGES.items():
        browser = site.browser(people[name])
        for path in paths:
            address = path.replace("IMPORT", f"/secretariaat/leden/importeren/{kept.id}")
            address = address.replace("PEOPLE", f"/secretariaat/personen/importeren/{people_kept.id}")
            for _ in range(2):
                with counting(monkeypatch) as sent:
                    answer = browser.get(address)
                assert answer.status_code == 200, address
            found[f"{name} {path}"] = len(sent)
    return found


def test_no_page_asks_more_of_the_database_when_there_is_more_in_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten members against sixty: the same number of statements on every page, and few."""
    with db.transaction():
        factories.association()
        factories.person("secretariaat", roles=[Role.SECRETARIAT])
        make_rule("Benoemingen", RULES["double"], None)
        text = factories.proposal(factories.meeting())
        found = consultation.open_consultation(text, db.now() + timedelta(hours=1), None)
        grow(1, 10)
        found.opened_at, found.closes_at = db.now() - timedelta(hours=2), db.now() + timedelta(hours=2)
    put_to_the_vote("M1", publish=True)
    put_to_the_vote("M2", publish=False)
    with db.transaction():
        rounds.prepare(db.session.get_one(Proposal, text.id), None)
        running = db.session.scalars(select(consultation.Consultation)).one()
        running.closes_at = db.now()
    few = measure(site, monkeypatch)
    with db.transaction():
        grow(11, 60)
        assert db.session.scalar(select(func.count()).select_from(Comment)) == 120
    many = measure(site, monkeypatch)
    grown = {page: (few[page], many[page]) for page in few if many[page] > few[page]}
    assert not grown
    assert max(many.values()) <= MOST, max(many, key=lambda page: many[page])


def test_an_outcome_takes_as_many_statements_over_sixty_members_as_over_ten(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction():
        factories.association()
        factories.person("secretariaat", roles=[Role.SECRETARIAT])
        text = factories.proposal(factories.meeting())
        consultation.open_consultation(text, db.now() + timedelta(hours=1), None)
        grow(1, 10)
    put_to_the_vote("M1", publish=True)
    with db.transaction():
        grow(11, 60)
    put_to_the_vote("M2", publish=True)
    for kind in ("", ".csv", ".json"):
        sent = []
        for number in (1, 2):
            with counting(monkeypatch) as statements:
                assert site.browser().get(f"/vergaderingen/alv/uitslagen/{number}{kind}").status_code == 200
            sent.append(len(statements))
        assert sent[0] == sent[1], kind


def test_a_cast_is_one_statement_whatever_it_is_about(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with db.transaction():
        world = factories.world([1_000 * n for n in range(1, 13)])
    browser = site.browser(world.delegates[0].id)
    browser.csrf()
    for chosen in (world.ids[:1], world.ids):
        data = {"gemeente": "GM0001", "key": str(uuid.uuid4()), **{f"choice-{key}": "for" for key in chosen}}
        with counting(monkeypatch) as sent:
            assert browser.post("/stemmen/alv/uitbrengen", data).status_code == 303
        assert len(sent) == (5 if db.is_sqlite() else 1), sent
