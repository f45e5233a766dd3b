"""The running order on its page: moving, changing, what is under discussion, blocks, and who may do what."""

import html
import re
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import event, update

from tests import factories
from tests.web.site import Browser, Scene, Site, snapshot
from vng_alv import db
from vng_alv.domain.permissions import Role
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import current_item, get_meeting
from vng_alv.meetings.service import add_agenda_item
from vng_alv.proposals import service as proposals
from vng_alv.proposals.queries import get_proposal
from vng_alv.voting import service as rounds
from vng_alv.voting.blocks import blocks_of

HERE = "/secretariaat/vergaderingen/alv/draaiboek"


@pytest.fixture
def staff(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.SECRETARIAT])


def agenda() -> list[tuple[str, str]]:
    """Key and title of each item."""
    with db.transaction(write=False):
        return [(str(one.id), one.title) for one in get_meeting("alv").agenda]


def version() -> str:
    with db.transaction(write=False):
        return str(get_meeting("alv").agenda_version)


def shown(page: str) -> list[str]:
    return [html.unescape(t) for t in re.findall(r'<h3[^>]*>\d+\. <span lang="nl">(.*?)</span></h3>', page)]


def move(browser: Browser, key: str, seen: str = "", **what: str) -> "tuple[int, str]":
    answer = browser.post(HERE, {"punt": key, "versie": seen or version(), **what})
    return answer.status_code, answer.headers.get("Location", "") or answer.text


def test_buttons_move_an_item_and_keep_the_focus(staff: Browser) -> None:
    before = agenda()
    key, title = before[1]
    status, where = move(staff, key, stap="omlaag")
    assert status == 303
    page = staff.get(where).text
    assert shown(page) == [t for _k, t in (before[0], before[2], before[1], *before[3:])]
    (button,) = re.findall(r"<button[^>]* autofocus=[^>]*>", page)
    assert f'aria-label="Omlaag: {title}"' in button
    assert "#" not in where
    status, where = move(staff, key, stap="omhoog")
    status, where = move(staff, key, stap="omhoog")
    page = staff.get(where).text
    assert shown(page)[0] == title
    (button,) = re.findall(r"<button[^>]* autofocus=[^>]*>", page)
    assert f'aria-label="Omlaag: {title}"' in button, "up can do no more there"


def test_an_item_is_dropped_at_any_place(staff: Browser) -> None:
    before = agenda()
    status, _where = move(staff, before[0][0], plaats="4")
    assert status == 303
    assert agenda() == [*before[1:4], before[0], *before[4:]]


@pytest.mark.parametrize("wrong", [{"stap": "opzij"}, {"plaats": "x"}, {"plaats": "-1"}, {"plaats": "9" * 30}, {}])
def test_what_is_no_place_changes_nothing(staff: Browser, wrong: dict[str, str]) -> None:
    before = agenda()
    assert move(staff, before[0][0], **wrong)[0] == 404
    assert move(staff, str(uuid.uuid4()), stap="omlaag")[0] == 404
    assert staff.post(HERE, {"punt": before[0][0], "stap": "omlaag"}).status_code == 404, "without what was seen"
    assert agenda() == before


def test_whoever_is_late_hears_it_and_what_was_typed_stays(staff: Browser) -> None:
    before = agenda()
    seen = version()
    assert move(staff, before[0][0], stap="omlaag")[0] == 303
    after = agenda()
    status, page = move(staff, before[0][0], seen, stap="omlaag")
    assert status == 409
    assert "Iemand anders heeft het draaiboek intussen gewijzigd." in page
    answer = staff.post(f"{HERE}/{before[2][0]}", {"title": "Mijn naam", "minutes": "7", "versie": seen})
    assert answer.status_code == 409
    assert "Iemand anders heeft het draaiboek intussen gewijzigd." in answer.text
    assert 'value="Mijn naam"' in answer.text
    assert f'name="versie" value="{version()}"' in answer.text
    assert staff.post(f"{HERE}/{before[2][0]}/verwijderen", {"versie": seen}).status_code == 409
    assert agenda() == after


def test_an_item_is_changed_and_its_times_follow(staff: Browser) -> None:
    with db.transaction():
        db.session.execute(update(Meeting).values(starts_at=db.now()))
    key = agenda()[0][0]
    answer = staff.submit(f"{HERE}/{key}", title="Welkom", minutes="65", note="Wie er spreekt")
    assert answer.status_code == 303
    page = staff.get(HERE).text
    times = re.findall(r'alv-run__time">(\d\d):(\d\d)<', page)
    first, second = (60 * int(h) + int(m) for h, m in times[:2])
    assert (second - first) % 1440 == 65
    assert "65 minuten" in page
    assert "Wie er spreekt" in staff.get("/vergaderingen/alv").text


@pytest.mark.parametrize("wrong", ["0", "601", "een", "1.5", "9" * 40])
def test_a_duration_that_is_none_gets_one_sentence(staff: Browser, wrong: str) -> None:
    key = agenda()[0][0]
    answer = staff.submit(f"{HERE}/{key}", minutes=wrong)
    assert answer.status_code == 422
    assert answer.text.count("Vul een heel aantal minuten in, van 1 tot en met 600, of niets.") == 2, "above, and there"
    assert f'value="{wrong}"' in answer.text
    assert staff.submit(f"{HERE}/{key}", minutes="").status_code == 303


def test_an_item_goes_from_its_page_unless_texts_hang_on_it(staff: Browser, scene: Scene) -> None:
    (one, _), (two, title), *rest = agenda()
    with db.transaction():
        here = get_meeting("alv")
        proposals.place(get_proposal(here.id, "R2"), here.agenda[0], None)
    assert "aan dit punt hangen stukken of moties" in staff.get(f"{HERE}/{one}").text
    answer = staff.post(f"{HERE}/{one}/verwijderen", {"versie": version()})
    assert answer.status_code == 422
    assert "hangen stukken of moties" in answer.text
    answer = staff.submit(f"{HERE}/{two}", action="/verwijderen")
    assert answer.status_code == 303
    assert f"Van de agenda gehaald: {title}" in staff.get(HERE).text
    assert [key for key, _title in agenda()] == [one, *(key for key, _title in rest)]


def test_what_is_under_discussion_is_set_on_the_day_itself(staff: Browser, scene: Scene, site: Site) -> None:
    key, title = agenda()[2]
    chair = site.browser(scene.staff[Role.CHAIR])
    assert "Op de dag van de vergadering zet u hier wat aan de orde is." in chair.get(HERE).text
    answer = chair.post(f"{HERE}/nu", {"punt": key})
    assert answer.status_code == 422
    assert "Dit kan alleen op de dag van de vergadering." in answer.text
    with db.transaction():
        db.session.execute(update(Meeting).values(starts_at=db.now() - timedelta(minutes=1)))
    answer = chair.post(f"{HERE}/nu", {"punt": key})
    assert answer.status_code == 303
    page = chair.get(answer.headers["Location"]).text
    assert f"Nu aan de orde: punt 3, {title}." in html.unescape(page)
    assert page.count('aria-current="step"') == 1
    assert 'name="stap"' not in page, "the chair does not move items"
    with db.transaction(write=False):
        item = current_item(get_meeting("alv"))
        assert item is not None
        assert item.title == title
    assert chair.post(f"{HERE}/nu").status_code == 303
    with db.transaction(write=False):
        assert current_item(get_meeting("alv")) is None


def test_a_block_opens_as_the_console_opens_its_rounds(staff: Browser, scene: Scene) -> None:
    with db.transaction():
        made = rounds.prepare(factories.proposal(db.session.merge(scene.meeting), code="R9"), None)
        numbers = [str(one.number) for one in made]
    answer = staff.post(f"{HERE}/blokken", {"versie": version(), "round": numbers})
    assert answer.status_code == 303
    page = staff.get(HERE).text
    assert "opent samen: stemming " + ", ".join(numbers) in page
    form = next(f for f in staff.forms(HERE) if f.action.endswith("/openen"))
    assert form.values.getlist("round") == numbers
    opened = staff.post(form.action, form.values)
    assert opened.status_code == 303
    with db.transaction(write=False):
        (found,) = blocks_of(scene.meeting.id).values()
        assert {one.state.value for one in found} == {"open"}
    assert "Open dit blok" not in staff.get(HERE).text
    for wrong, status in (([numbers[0]], 422), (numbers, 409), (["1", "x"], 404), (["99", "98"], 404)):
        assert staff.post(f"{HERE}/blokken", {"versie": version(), "round": wrong}).status_code == status, wrong


def test_a_block_is_dissolved(staff: Browser, scene: Scene) -> None:
    with db.transaction():
        made = rounds.prepare(factories.proposal(db.session.merge(scene.meeting), code="R9"), None)
        numbers = [str(one.number) for one in made]
    assert staff.post(f"{HERE}/blokken", {"versie": version(), "round": numbers[:2]}).status_code == 303
    assert staff.submit(HERE, action="/opheffen").status_code == 303
    assert "Blok 1 is opgeheven." in staff.get(HERE).text
    assert staff.post(f"{HERE}/blokken/opheffen", {"versie": version(), "blok": "1"}).status_code == 404


def test_who_only_reads_sees_no_buttons_and_changes_nothing(site: Site, scene: Scene) -> None:
    before, key = snapshot("login_session", "audit_entry"), agenda()[0][0]
    board = site.browser(scene.staff[Role.BOARD])
    page = board.get(HERE).text
    assert 'name="stap"' not in page
    assert "/nu" not in page
    assert "running.js" not in page
    for path, what in (("", {"punt": key, "stap": "omlaag"}), ("/nu", {"punt": key}), ("/blokken", {"round": "1"})):
        assert board.post(HERE + path, {"versie": "0", **what}).status_code == 403
    assert snapshot("login_session", "audit_entry") == before


def test_the_page_asks_the_same_however_long_the_agenda_is(staff: Browser, scene: Scene) -> None:
    asked: list[str] = []
    listen = lambda _c, _cursor, statement, *_rest: asked.append(statement)  # noqa: E731
    event.listen(db.engine(), "before_cursor_execute", listen)
    staff.get(HERE)
    few = len(asked)
    with db.transaction():
        for number in range(8):
            item = add_agenda_item(get_meeting("alv"), f"Punt {number}", None)
            made = factories.proposal(get_meeting("alv"), code=f"X{number}")
            proposals.place(made, item, None)
            rounds.prepare(made, None)
    asked.clear()
    staff.get(HERE)
    event.remove(db.engine(), "before_cursor_execute", listen)
    assert len(asked) == few


# --- After a former meeting


def test_a_meeting_is_made_after_a_former_one(staff: Browser, scene: Scene) -> None:
    page = "/secretariaat/vergaderingen/alv/kopie"
    with db.transaction():
        here = get_meeting("alv")
        proposals.place(get_proposal(here.id, "R2"), here.agenda[1], None)
    (form,) = staff.forms(page)
    keys = [key for key, _title in agenda()]
    assert form.values.getlist("items") == [keys[0], *keys[2:]], "one with a text is not ticked"
    wrong = staff.submit(page, title="Nieuw", code="alv", day="2030-01-31", items=keys[:1])
    assert wrong.status_code == 409
    assert 'value="Nieuw"' in wrong.text
    assert staff.submit(page, title="Nieuw", code="volgende", day="2030-01-31", place="").status_code == 422
    assert staff.submit(page, title="Nieuw", code="volgende", day="2030-01-31", items=["x"]).status_code == 422
    made = staff.submit(page, title="Nieuw", code="volgende", day="2030-01-31", items=keys[:2])
    assert made.headers["Location"] == "/vergaderingen/volgende"
    with db.transaction(write=False):
        assert [one.title for one in get_meeting("volgende").agenda] == [title for _key, title in agenda()[:2]]


# --- The standing agenda


def test_the_standing_items_are_a_list_of_lines(site: Site, scene: Scene) -> None:
    page = "/secretariaat/vereniging/agenda"
    manager = site.browser(scene.staff[Role.ADMINISTRATOR])
    assert "Opening; 10" in manager.get(page).text
    wrong = manager.submit(page, items="Welkom\nTe lang; 601\n")
    assert wrong.status_code == 422
    assert "Deze regels kloppen niet: 2." in wrong.text
    assert "Te lang; 601" in wrong.text
    assert manager.submit(page, items="x\n" * 41).status_code == 422
    assert manager.submit(page, items="Welkom; 5\n---\nEinde\n").status_code == 303
    new = "/secretariaat/vergaderingen/nieuw"
    staff = site.browser(scene.staff[Role.SECRETARIAT])
    assert "Op de agenda staan dan meteen: Welkom, Einde." in staff.get(new).text
    typed = {"kind": "alv", "day": "2030-01-31", "clock": "13:30", "place": "Utrecht"}
    assert staff.submit(new, title="Met", code="met", **typed).status_code == 303
    assert staff.submit(new, title="Zonder", code="zonder", standing=[], **typed).status_code == 303
    with db.transaction(write=False):
        assert [one.title for one in get_meeting("met").agenda] == ["Welkom", "Einde"]
        assert get_meeting("zonder").agenda == []
