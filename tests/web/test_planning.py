"""Planning and extending on the console, and what a meeting says of it (docs/rules.md §3.11, §4.4)."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.database.timing_desk import clock, consultation
from tests.web.site import Browser, Scene, Site, count, forms_of
from vng_alv import db
from vng_alv.domain.clock import AMSTERDAM, day_of, moment_of
from vng_alv.domain.permissions import Role
from vng_alv.domain.rounds import RoundState
from vng_alv.meetings.models import Meeting
from vng_alv.members.queries import get_association
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.voting import service as rounds
from vng_alv.voting import timing
from vng_alv.voting.models import Round
from vng_alv.voting.notices import composer
from vng_alv.voting.tally import tally

DESK = "/secretariaat/vergaderingen/alv"
TOMORROW = day_of(datetime.now(UTC)) + timedelta(days=1)


def now_of(one: Round) -> Round:
    with db.transaction(write=False):
        return db.session.get_one(Round, one.id)


@pytest.fixture
def chair(site: Site, scene: Scene) -> Browser:
    """The chair's browser."""
    return site.browser(scene.staff[Role.CHAIR])


def typed(number: int, **changed: str) -> dict[str, str]:
    """A plan as it is filled in: tomorrow from half past nine until five."""
    usual = {
        "round": str(number), "opens_day": f"{TOMORROW}", "opens_clock": "09:30", "closes_day": f"{TOMORROW}",
        "closes_clock": "17:00",
    }  # fmt: skip
    return {**usual, **changed}


def test_the_chair_plans_changes_and_takes_back(site: Site, scene: Scene, chair: Browser) -> None:
    number = scene.draft.number
    form = chair.post(f"{DESK}/plannen", {"round": str(number), f"rule-{number}": "two_thirds"})
    assert form.status_code == 200
    assert scene.draft.title in form.text
    (sent,) = (f for f in forms_of(form, f"{DESK}/plannen") if f.action.endswith("/plannen"))
    values = {**sent.values.to_dict(), **typed(number)}
    assert chair.post(f"{DESK}/plannen", values).status_code == 303
    one = now_of(scene.draft)
    assert (one.state, one.rule["numerator"]) == (RoundState.SCHEDULED, 2)
    assert one.opens_at
    assert one.opens_at.astimezone(AMSTERDAM).strftime("%H:%M") == "09:30"
    page = chair.get(DESK).text
    assert "Opent op" in page
    assert 'value="' + str(number) in page
    public = site.browser().get("/vergaderingen/alv").text
    assert "Geplande stemmingen" in public
    assert "09:30 uur" in public
    assert site.browser().get(f"/vergaderingen/alv/uitslagen/{number}").status_code == 404
    assert f'"number": {number},' not in site.browser().get("/vergaderingen/alv/stand.json").text
    again = chair.post(f"{DESK}/plannen", {"round": str(number)}).text
    assert 'value="09:30"' in again
    assert chair.post(f"{DESK}/plannen", typed(number, opens_clock="10:00")).status_code == 303
    assert chair.post(f"{DESK}/terugnemen", {"round": str(number)}).status_code == 303
    assert (now_of(scene.draft).state, now_of(scene.draft).opens_at) == (RoundState.DRAFT, None)
    assert chair.post(f"{DESK}/terugnemen", {"round": str(number)}).status_code == 409


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"opens_day": ""}, "Vul dit in."),
        ({"opens_day": "gisteren"}, "Opent op"),
        ({"opens_day": "2020-01-01"}, "Dat moment is al voorbij. Kies een later moment."),
        ({"closes_clock": ""}, "Vul bij het sluiten een datum en een tijd in, of geen van beide."),
        ({"closes_day": ""}, "Vul bij het sluiten een datum en een tijd in, of geen van beide."),
        ({"closes_clock": "09:30"}, "De stemming zou sluiten voordat zij opent."),
        ({"opens_day": "2027-03-28", "opens_clock": "02:30"}, "Deze tijd bestaat die dag niet"),
        ({"opens_day": "0026-12-01"}, "Dit jaar klopt niet."),
    ],
)
def test_a_faulty_plan_is_told_and_what_was_typed_stays(
    scene: Scene, chair: Browser, changed: dict[str, str], told: str
) -> None:
    answer = chair.post(f"{DESK}/plannen", typed(scene.draft.number, **changed))
    assert answer.status_code == 422
    assert told in answer.text
    (form,) = (f for f in forms_of(answer, DESK) if f.action.endswith("/plannen"))
    assert {name: form.values[name] for name in ("opens_clock", "closes_clock")} == {
        name: value for name, value in typed(0, **changed).items() if name in ("opens_clock", "closes_clock")
    }
    assert now_of(scene.draft).state is RoundState.DRAFT


def test_too_early_is_refused_with_a_sentence_by_hand_and_by_plan(scene: Scene, chair: Browser) -> None:
    with db.transaction():
        get_association().early_voting_days = 2
    number = scene.draft.number
    answer = chair.post(f"{DESK}/plannen", typed(number))
    assert answer.status_code == 422
    assert "Dat is te vroeg." in answer.text
    assert "Stemmen over deze vergadering kan vanaf" in answer.text
    answer = chair.post(f"{DESK}/openen", {"round": str(number)})
    assert answer.status_code == 422
    assert "Dat is te vroeg." in answer.text
    assert now_of(scene.draft).state is RoundState.DRAFT


def test_before_members_may_vote_the_large_next_step_is_planning(scene: Scene, chair: Browser) -> None:
    for one in scene.open:
        count(one, publish=True)
    with db.transaction():
        rounds.publish([scene.counted.id], None)
    assert f'action="{DESK}/openen"' in _step(chair)
    with db.transaction():
        get_association().early_voting_days = 2
    step = _step(chair)
    assert "U kunt de opening nu al plannen." in step
    assert f'action="{DESK}/plannen"' in step
    assert f'action="{DESK}/openen"' not in step


def _step(chair: Browser) -> str:
    page = chair.get(DESK).text
    return page[page.index("alv-nextstep") : page.index("</section>", page.index("alv-nextstep"))]


def test_a_meeting_says_from_when_one_may_vote_and_how(site: Site, scene: Scene) -> None:
    with db.transaction():
        get_association().early_voting_days = 5
        first = moment_of(day_of(scene.meeting.starts_at) - timedelta(days=5), datetime.min.time())
    page = site.browser().get("/vergaderingen/alv").text
    assert "Vooraf stemmen" in page
    assert f"{first.astimezone(AMSTERDAM).day} " in page[page.index("niet eerder dan") :][:60]
    assert "logt in met een tweede stap" in page
    for days, starts_at in ((0, scene.meeting.starts_at), (5, datetime.now(UTC) - timedelta(days=2))):
        with db.transaction():
            get_association().early_voting_days = days
            db.session.get_one(Meeting, scene.meeting.id).starts_at = starts_at
        assert "Vooraf stemmen" not in site.browser().get("/vergaderingen/alv").text


def test_the_setting_is_a_number_of_days_that_the_law_knows(site: Site, scene: Scene) -> None:
    secretariat = site.browser(scene.staff[Role.SECRETARIAT])
    for value in ("31", "-1", "", "veel"):
        answer = secretariat.submit("/secretariaat/vereniging", early_voting_days=value, save="1")
        assert "Vul een heel getal in van 0 tot en met 30." in answer.text
    assert secretariat.submit("/secretariaat/vereniging", early_voting_days="14", save="1").status_code == 303
    with db.transaction(write=False):
        assert get_association().early_voting_days == 14


def test_the_preset_has_no_early_voting(database: str) -> None:
    with db.transaction():
        made = factories.set_up_association(None)
        assert made.early_voting_days == 0


def test_what_did_not_open_stands_on_the_console_with_its_reason(site: Site, scene: Scene, chair: Browser) -> None:
    with db.transaction():
        timing.schedule([scene.draft.id], db.now() + timedelta(hours=1), None, None)
        one = db.session.get_one(Round, scene.draft.id)
        one.opens_at = db.now() - timedelta(seconds=1)
        get_association().early_voting_days = 0
    with db.transaction():
        assert rounds.open_by_clock(scene.meeting.id) == []
    page = chair.get(DESK).text
    assert f"Niet vanzelf geopend: {scene.draft.title}" in page
    assert "Op dat moment mocht er nog niet worden gestemd." in page
    assert "Niet vanzelf" not in site.browser().get("/vergaderingen/alv").text
    with db.transaction():
        get_association().early_voting_days = 30
    assert chair.post(f"{DESK}/openen", {"round": str(scene.draft.number)}).status_code == 303
    assert "Niet vanzelf" not in chair.get(DESK).text


def test_an_open_round_is_extended_on_the_console(scene: Scene, chair: Browser) -> None:
    ids = [str(one.number) for one in scene.open]
    page = chair.post(f"{DESK}/verlengen", {"round": ids})
    assert page.status_code == 200
    day = f"{TOMORROW}"
    assert chair.post(f"{DESK}/verlengen", {"round": ids, "day": day, "clock": "12:00"}).status_code == 303
    answer = chair.post(f"{DESK}/verlengen", {"round": ids, "day": day, "clock": "11:59"})
    assert answer.status_code == 422
    assert "kan alleen later sluiten dan is aangekondigd" in answer.text
    assert 'value="11:59"' in answer.text
    for wrong in ({"day": "", "clock": ""}, {"day": "2020-01-01", "clock": "12:00"}):
        assert chair.post(f"{DESK}/verlengen", {"round": ids, **wrong}).status_code == 422
    assert chair.post(f"{DESK}/verlengen", {}).status_code == 422
    assert chair.post(f"{DESK}/verlengen", {"round": "99"}).status_code == 404
    closed = str(scene.published.number)
    assert chair.post(f"{DESK}/verlengen", {"round": closed, "day": day, "clock": "13:00"}).status_code == 422
    assert now_of(scene.open[0]).closes_at == moment_of(TOMORROW, datetime(1, 1, 1, 12).time())  # noqa: DTZ001


def test_everybody_reads_the_end_of_an_open_round(site: Site, scene: Scene, own: Browser) -> None:
    end = moment_of(TOMORROW, datetime.min.time())
    with db.transaction():
        timing.extend([one.id for one in scene.open], end, None)
    number = scene.open[0].number
    for browser, path in ((own, "/stemmen/alv"), (site.browser(), f"/vergaderingen/alv/uitslagen/{number}")):
        assert f'data-closes="{end.isoformat()}"' in browser.get(path).text
    told = site.browser().get("/vergaderingen/alv/stand.json").json
    assert told
    assert end.isoformat() in {one["closes_at"] for one in told["rounds"]}


def test_a_ballot_without_questions_says_when_the_next_one_opens(site: Site, scene: Scene, own: Browser) -> None:
    for one in scene.open:
        count(one, publish=True)
    with db.transaction():
        timing.schedule([scene.draft.id], moment_of(TOMORROW, datetime.min.time()), None, None)
    assert re.search(r"De volgende stemming opent op \w+ \d+ \w+ \d{4}, 00:00 uur", own.get("/stemmen/alv").text)


# --- Times over a change of the clock


@pytest.mark.parametrize(
    ("day", "hour", "utc"),
    [
        (date(2026, 10, 25), "01:30", datetime(2026, 10, 24, 23, 30, tzinfo=UTC)),
        (date(2026, 10, 25), "02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # twice: the first
        (date(2026, 10, 25), "03:30", datetime(2026, 10, 25, 2, 30, tzinfo=UTC)),
        (date(2026, 11, 1), "02:30", datetime(2026, 11, 1, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_typed_time_is_dutch_on_the_day_itself(
    site: Site, scene: Scene, monkeypatch: pytest.MonkeyPatch, day: date, hour: str, utc: datetime
) -> None:
    """Typed in summer time, for a day on which it has ended."""
    with clock(monkeypatch, datetime(2026, 10, 20, 10, tzinfo=UTC)):
        with db.transaction():
            db.session.get_one(Meeting, scene.meeting.id).starts_at = datetime(2026, 11, 10, 12, tzinfo=UTC)
        chair = site.browser(scene.staff[Role.CHAIR])
        plan = typed(scene.draft.number, opens_day=f"{day}", opens_clock=hour, closes_day="", closes_clock="")
        assert chair.post(f"{DESK}/plannen", plan).status_code == 303
        assert now_of(scene.draft).opens_at == utc
        assert f'value="{hour}"' in chair.post(f"{DESK}/plannen", {"round": str(scene.draft.number)}).text


# --- Written consultations


WRITTEN = {
    "title": "Raadpleging", "code": "raadpleging-2027", "kind": "ledenraadpleging", "day": "2027-03-01",
    "clock": "09:00", "place": "", "end_day": "2027-03-15", "end_clock": "17:00", "publishes_itself": "y",
}  # fmt: skip


def test_a_written_consultation_is_planned_on_its_page(site: Site, scene: Scene) -> None:
    secretariat = site.browser(scene.staff[Role.SECRETARIAT])
    path = "/secretariaat/vergaderingen/nieuw"
    for changed, told in (
        ({"end_day": ""}, "Kies wanneer zij eindigt."),
        ({"end_day": "2027-02-01"}, "Kies wanneer zij eindigt."),
        ({"kind": "alv"}, "Vul dit in."),
        ({"kind": "alv", "place": "Utrecht"}, "Anders maakt de voorzitter die bekend."),
    ):
        answer = secretariat.post(path, {**WRITTEN, **changed})
        assert answer.status_code == 422
        assert told in answer.text, changed
        assert 'value="17:00"' in answer.text
    assert secretariat.post(path, WRITTEN).status_code == 303
    page = site.browser().get("/vergaderingen/raadpleging-2027").text
    assert "tot maandag 15 maart 2027, 17:00 uur" in page
    assert "de uitslag is een advies aan het bestuur" in page
    assert "Waar" not in page[page.index("Wanneer") :][:300]


def test_it_is_coming_until_it_ends(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with clock(monkeypatch, datetime(2026, 11, 30, 9, tzinfo=UTC)) as set_clock:
        with db.transaction():
            consultation(timedelta(days=14))
        set_clock(datetime(2026, 12, 10, 9, tzinfo=UTC))
        page = site.browser().get("/vergaderingen").text
        assert "Geweest" not in page
        assert "Raadpleging" in site.browser().get("/").text
        set_clock(datetime(2026, 12, 20, 9, tzinfo=UTC))
        assert "Geweest" in site.browser().get("/vergaderingen").text


def test_ballot_and_result_say_that_it_is_advice(site: Site, database: str) -> None:
    advice, english = "de uitslag is een advies aan het bestuur", "the result is advice to the board"
    with db.transaction():
        world = consultation(timedelta(days=14))
        rounds.open_rounds(world.ids, world.chair, closes_at=db.now() + timedelta(days=10))
    voter = site.browser(world.delegates[0].id)
    page = voter.get("/stemmen/raadpleging")
    assert advice in page.text
    form = next(f for f in forms_of(page, "") if f.action.endswith("/controle") and len(f.values) > 4)
    assert advice in voter.post("/stemmen/raadpleging/controle", form.values).text
    chair = site.browser(world.chair.id)
    desk = "/secretariaat/vergaderingen/raadpleging"
    assert "Sluit de stemming" not in chair.get(desk).text
    assert "Sluit alle" not in chair.get(desk).text
    answer = chair.post(f"{desk}/sluiten", {"round": "1", "sure": "1"})
    assert answer.status_code == 422
    assert "Eerder sluiten kan niet." in answer.text
    with db.transaction():
        for one in db.session.scalars(select(Round)):  # as the clock does when its moment has come
            one.state, one.closed_at = RoundState.CLOSED, db.now()
    with db.transaction():
        for key in world.ids:
            tally(key)
        rounds.publish(world.ids, world.chair)
    for path in ("/vergaderingen/raadpleging/uitslagen/1", "/vergaderingen/raadpleging/uitslagen"):
        assert advice in site.browser().get(path).text
    data = site.browser().get("/vergaderingen/raadpleging/uitslagen/1.json").json
    assert data
    assert data["meeting"]["kind"] == "ledenraadpleging"
    assert data["meeting"]["binding"] is False
    with db.transaction(write=False):
        compose = composer("http://x", "alv@vereniging.example", "s")
        for kind in (NoticeKind.VOTE_OPENED, NoticeKind.RESULT):
            notice = db.session.scalars(select(Notice).where(Notice.kind == kind)).first()
            assert notice
            for locale, words in (("nl", advice), ("en", english)):
                notice.person.locale = locale
                assert words in compose(notice, notice.person).as_string().replace("=\n", "").replace("\n", " ")


def test_the_reminder_says_what_is_left_and_until_when(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with clock(monkeypatch, datetime(2026, 11, 30, 9, tzinfo=UTC)) as set_clock:
        with db.transaction():
            world = consultation(timedelta(days=14))
            rounds.open_rounds(world.ids, world.chair, closes_at=db.now() + timedelta(days=10))
        set_clock(datetime(2026, 12, 8, 9, tzinfo=UTC))
        with db.transaction():
            assert timing.remind(world.meeting.id) == 3
        with db.transaction(write=False):
            compose = composer("http://x", "alv@vereniging.example", "s")
            notice = db.session.scalars(select(Notice).where(Notice.kind == NoticeKind.VOTE_REMINDER)).first()
            assert notice
            for locale, subject, words in (
                ("nl", "Nog te stemmen: Raadpleging", "donderdag 10 december 2026, 10:00 uur"),
                ("en", "Still to vote: Raadpleging", "Thursday 10 December 2026, 10:00"),
            ):
                notice.person.locale = locale
                mail = compose(notice, notice.person)
                assert mail["Subject"] == subject
                for kind in ("plain", "html"):
                    part = mail.get_body((kind,))
                    assert part
                    body = part.get_content()
                    assert words in body
                    assert "A1. Wonen" in body
                    assert "http://x/stemmen/raadpleging" in body
