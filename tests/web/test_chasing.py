"""Reminding everybody on a list at once: the numbers that are said, nobody twice, and only by whoever may."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests import factories
from tests.database.test_cast import together
from tests.web.second_steps import logged
from tests.web.site import Browser, Scene, Site, snapshot
from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.accounts.queries import get_actor
from vng_alv.consultation.models import Consultation
from vng_alv.consultation.queries import get_consultation
from vng_alv.domain.permissions import Role
from vng_alv.meetings.models import Mandate, Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.models import OfficeKind
from vng_alv.members.service import give_office
from vng_alv.notifications.models import Notice, NoticeKind, NoticeState
from vng_alv.proposals.queries import get_proposal
from vng_alv.secretariat.chasing import Chase, without_delegate, without_reaction
from vng_alv.voting.notices import composer

HERE = "/secretariaat/vergaderingen/alv"
CARDS = f"{HERE}/stemkaarten/herinneren"
SILENT = f"{HERE}/stukken/R2/niet-gereageerd/herinneren"
FAILED = "/secretariaat/berichten/opnieuw"
HOME = "/secretariaat"
#: Who may send reminders; the others see no button, and are refused.
SENDS = {Role.SECRETARIAT, Role.ADMINISTRATOR}


@pytest.fixture
def staff(site: Site, scene: Scene) -> Browser:
    """Somebody of the secretariat. Nobody votes for the second and third member; the third has no account."""
    with db.transaction():
        gone = [scene.members[1].id, scene.members[2].id]
        db.session.execute(update(Mandate).where(Mandate.member_id.in_(gone)).values(until=db.now()))
        db.session.execute(update(Person).where(Person.id == scene.clerks[2].id).values(password_hash=None))
    return site.browser(scene.staff[Role.SECRETARIAT])


def told(kind: NoticeKind) -> dict[uuid.UUID, list[list[str]]]:
    """The members that each person got mails about."""
    found: dict[uuid.UUID, list[list[str]]] = {}
    with db.transaction(write=False):
        for notice in db.session.scalars(select(Notice).where(Notice.kind == kind)):
            found.setdefault(notice.person_id, []).append(notice.context["members"])
    return found


def part(browser: Browser, key: str) -> str:
    """One part of the first page."""
    return browser.get(HOME).text.partition(f'id="{key}"')[2].partition("</section>")[0]


def make_old(kind: NoticeKind) -> None:
    with db.transaction():
        earlier = db.now() - timedelta(hours=24, minutes=1)
        db.session.execute(update(Notice).where(Notice.kind == kind).values(created_at=earlier))


@pytest.mark.parametrize(
    ("path", "kind", "act", "back", "words"),
    [
        (CARDS, NoticeKind.MANDATE_REMINDER, "mandate.remind", f"{HERE}/stemkaarten?zonder=1",
         "2 gemeenten hebben nog geen afgevaardigde."),
        (SILENT, NoticeKind.REACTION_REMINDER, "consultation.remind", f"{HERE}/stukken/R2/niet-gereageerd",
         "3 gemeenten reageerden nog niet."),
    ],
)  # fmt: skip
def test_a_list_is_reminded_after_a_page_that_says_who_gets_a_mail_and_nobody_twice_in_a_day(
    site: Site, scene: Scene, staff: Browser, path: str, kind: NoticeKind, act: str, back: str, words: str
) -> None:
    expected = {scene.clerks[1].id} if kind is NoticeKind.MANDATE_REMINDER else {scene.clerks[n].id for n in (0, 3)}
    number = len(expected)
    before = snapshot()
    shown = staff.get(path).text
    assert snapshot() == before, "looking sends nothing"
    assert words in shown
    assert f"Stuur {number} herinnering" in shown
    assert "Gemeente 3." in shown, "nobody there has an account"
    answer = staff.submit(path)
    assert answer.headers["Location"].endswith(back)
    assert set(told(kind)) == expected
    assert [entry.data["people"] for entry in logged(act)] == [number]
    staff.submit(path)  # a page that was made after it offers to send all the same
    staff.post(path)
    with db.transaction(write=False):
        sent = db.session.scalar(select(func.count()).select_from(Notice).where(Notice.kind == kind))
    assert sent == 2 * number, "once more, since that was asked for; and not by a form that does not ask"
    make_old(kind)
    staff.submit(path)
    assert all(len(mails) == 3 for mails in told(kind).values())
    assert len(logged(act)) == 3


def test_the_same_form_that_asks_for_it_again_reminds_nobody_twice(scene: Scene, staff: Browser) -> None:
    staff.submit(CARDS)
    form = next(f for f in staff.forms(CARDS) if not f.action.endswith(("/taal", "/uitloggen")))
    assert form.values["again"] == "y"
    for _ in range(2):
        assert staff.post(CARDS, form.values).status_code == 303
    assert [len(mails) for mails in told(NoticeKind.MANDATE_REMINDER).values()] == [2]
    for moment in ("", "gisteren", "2026-01-01T00:00:00", "2999-01-01T00:00:00"):
        staff.post(CARDS, {"again": "y", "shown": moment})
    assert [len(mails) for mails in told(NoticeKind.MANDATE_REMINDER).values()] == [2]


def test_one_mail_for_all_municipalities_of_a_person_and_none_to_who_cannot_act(scene: Scene, staff: Browser) -> None:
    with db.transaction():
        give_office(db.session.merge(scene.clerks[1]), db.session.merge(scene.members[2]), OfficeKind.SECRETARY, None)
        factories.clerk(db.session.merge(scene.members[1]), "wethouder", OfficeKind.ALDERMAN)
    staff.submit(CARDS)
    assert told(NoticeKind.MANDATE_REMINDER) == {scene.clerks[1].id: [["Gemeente 2", "Gemeente 3"]]}


def test_a_reminder_of_one_text_does_not_stand_in_the_way_of_another(scene: Scene, staff: Browser) -> None:
    staff.submit(SILENT)
    with db.transaction():
        other = get_consultation(get_proposal(scene.meeting.id, "R1").id)
        db.session.execute(
            update(Consultation).where(Consultation.id == other.id).values(closes_at=db.now() + timedelta(hours=1))
        )
    staff.submit(SILENT.replace("R2", "R1"))
    # The first one reacted to R1, the second one to R2, and the third one has no account.
    numbers = {key: len(mails) for key, mails in told(NoticeKind.REACTION_REMINDER).items()}
    assert numbers == {scene.clerks[0].id: 1, scene.clerks[1].id: 1, scene.clerks[3].id: 2}


def test_the_silent_are_reminded_as_their_list_is_narrowed(scene: Scene, staff: Browser) -> None:
    shown = staff.get(f"{HERE}/stukken/R2/niet-gereageerd?omvang=city").text
    assert f"{SILENT}?omvang=city" in shown
    assert staff.get(f"{SILENT}?omvang=city").text.count("1 gemeente reageerde nog niet.") == 1
    staff.submit(f"{SILENT}?omvang=city")
    assert set(told(NoticeKind.REACTION_REMINDER)) == {scene.clerks[0].id}


def test_what_is_over_reminds_nobody(scene: Scene, staff: Browser) -> None:
    with db.transaction():
        db.session.get_one(Meeting, scene.meeting.id).starts_at = db.now() - timedelta(days=2)
        past = get_consultation(get_proposal(scene.meeting.id, "R2").id)
        past.opened_at, past.closes_at = db.now() - timedelta(hours=2), db.now()
    before = snapshot()
    for path in (CARDS, SILENT):
        for answer in (staff.get(path), staff.post(path)):
            assert answer.status_code == 409
            assert "De termijn is voorbij. Er is niemand herinnerd." in answer.text
    assert snapshot() == before
    assert CARDS not in staff.get(f"{HERE}/stemkaarten").text
    assert SILENT not in staff.get(f"{HERE}/stukken/R2/niet-gereageerd").text


@pytest.mark.parametrize("what", ["delegates", "silent"])
def test_two_who_press_at_once_remind_once(scene: Scene, staff: Browser, what: str) -> None:
    def chase() -> Chase:
        if what == "delegates":
            return without_delegate(get_meeting("alv"))
        return without_reaction(get_consultation(get_proposal(scene.meeting.id, "R2").id))

    def press() -> int:
        with db.transaction():
            return len(chase().remind(get_actor(scene.staff[Role.SECRETARIAT].id)).people)

    found = together([press] * 4)
    assert sorted(map(int, found))[:3] == [0, 0, 0]
    assert max(map(int, found)) > 0


def test_failed_mail_goes_again_once_but_not_what_is_over(scene: Scene, staff: Browser) -> None:
    def failing(kind: NoticeKind, **context: object) -> uuid.UUID:
        notice = Notice(
            id=uuid.uuid4(), kind=kind, person_id=scene.clerks[0].id, context=context, state=NoticeState.FAILED,
            created_at=db.now(), next_attempt_at=db.now(), attempts=7, last_error="550 nee",
        )  # fmt: skip
        db.session.add(notice)
        return notice.id

    with db.transaction():
        past, later = ((db.now() + timedelta(hours=n)).isoformat() for n in (-1, 1))
        again = {failing(NoticeKind.VOTE_OPENED, closes_at=later), failing(NoticeKind.RESULT)}
        over = {
            failing(NoticeKind.REACTION_REMINDER, closes_at=past), failing(NoticeKind.RESET_PASSWORD),
            failing(NoticeKind.MANDATE_REMINDER, starts_at=past),
        }  # fmt: skip
    shown = staff.get(FAILED).text
    assert "3 mails gaan opnieuw weg. De ontvangers zijn 2 personen." in shown  # with the one of the scene
    assert "3 mislukte mails gaan over iets dat voorbij is" in shown
    assert "1 mail gaat opnieuw weg." in staff.get(f"{FAILED}?soort=result").text
    assert FAILED in staff.get("/secretariaat/berichten?staat=failed").text
    staff.submit(f"{FAILED}?soort=result")
    staff.submit(FAILED)
    staff.post(FAILED)
    with db.transaction(write=False):
        states = {n.id: n.state for n in db.session.scalars(select(Notice).where(Notice.id.in_(again | over)))}
    assert {key for key, state in states.items() if state is NoticeState.QUEUED} == again
    assert [entry.data for entry in logged("notices.resend")] == [
        {"number": 1, "people": 1}, {"number": 2, "people": 2},
    ]  # fmt: skip
    assert "Er is nu geen mislukte mail om opnieuw te versturen." in staff.get(FAILED).text


def test_the_first_page_gives_each_number_with_its_list_and_its_action_to_whoever_may(
    site: Site, scene: Scene, staff: Browser
) -> None:
    actions = {CARDS, SILENT, FAILED, "/secretariaat/personen/herinneren"}
    lists = {
        f"{HERE}/stemkaarten?zonder=1", f"{HERE}/stukken/R2/niet-gereageerd", "/secretariaat/personen?staat=waiting",
        "/secretariaat/berichten?staat=failed",
    }  # fmt: skip
    for role, person in scene.staff.items():
        browser = site.browser(person)
        shown = browser.get(HOME).text
        assert {path for path in actions if f'href="{path}"' in shown} == (actions if role in SENDS else set()), role
        assert {path for path in lists if f'href="{path}"' in shown} == (
            lists if role in SENDS | {Role.AUDITOR} else set()
        ), role
        for path in lists if role in SENDS | {Role.AUDITOR} else ():
            answer = browser.get(path)
            assert answer.status_code == 200
            offered = {a for a in actions if f'href="{a}' in answer.text}
            assert len(offered) == (1 if role in SENDS else 0), (role, path)
    assert "3 gemeenten reageerden nog niet" in part(staff, "consultaties")
    assert "2 gemeenten hebben nog geen afgevaardigde" in part(staff, "vergadering")
    assert "1 mail is niet aangekomen" in part(staff, "personen")


def test_the_first_page_says_what_today_and_the_week_bring(site: Site, scene: Scene, staff: Browser) -> None:
    assert "Laatste moment om te reageren" in part(staff, "vandaag")
    assert "De vergadering begint" in part(staff, "vandaag"), "within a week"
    for role, person in scene.staff.items():
        shown = part(site.browser(person), "vandaag")
        ways = f"{HERE}/stukken/R2/verwerken" if role not in {Role.BOARD, Role.CHAIR, Role.TELLER} else ""
        assert (ways or "/vergaderingen/alv/stukken/R2") in shown, role
    with db.transaction():
        db.session.get_one(Meeting, scene.meeting.id).starts_at = db.now() + timedelta(days=30)
        db.session.get_one(Meeting, scene.meeting.id).amendments_until = db.now() + timedelta(days=20)
        for one in db.session.scalars(select(Consultation)):
            one.opened_at, one.closes_at = db.now() - timedelta(days=9), db.now() + timedelta(days=12)
    assert "Vandaag en in de week daarna is er geen vergadering" in part(staff, "vandaag")


def test_the_first_page_says_how_worker_and_broker_are(staff: Browser) -> None:
    shown = part(staff, "systeem")  # no broker in this test
    assert "De berichtendienst is niet bereikbaar." in shown
    assert "De dienst die telt en mailt, liet zich nog niet horen." in shown
    assert "opdracht" not in shown, "nobody knows how many"


@pytest.mark.parametrize("locale", ["nl", "en"])
def test_the_mails_say_for_whom_what_and_until_when(scene: Scene, staff: Browser, locale: str) -> None:
    staff.submit(CARDS)
    staff.submit(SILENT)
    expected = {
        NoticeKind.MANDATE_REMINDER: {
            "nl": ("Nog geen afgevaardigde: ALV", "Gemeente 2 heeft nog niemand", "/gemeente/GM0002"),
            "en": ("No delegate yet: ALV", "Gemeente 2 has nobody yet", "/gemeente/GM0002"),
        },
        NoticeKind.REACTION_REMINDER: {
            "nl": ("Nog te reageren: Een besluit", "nog niet gereageerd op: Een besluit.", "/alv/stukken/R2"),
            "en": ("Still to react: Een besluit", "not reacted yet to: Een besluit.", "/alv/stukken/R2"),
        },
    }
    with db.transaction(write=False):
        compose = composer("http://x", "alv@vereniging.example", "s")
        for kind, words in expected.items():
            notice = db.session.scalars(select(Notice).where(Notice.kind == kind)).first()
            assert notice
            notice.person.locale = locale
            mail = compose(notice, notice.person)
            subject, sentence, link = words[locale]
            assert mail["Subject"] == subject
            for form in ("plain", "html"):
                body = mail.get_body((form,))
                assert body
                assert sentence in body.get_content()
                assert link in body.get_content()
