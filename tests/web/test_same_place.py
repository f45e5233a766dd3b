"""New sections of several amendments at one place: told while writing, and put in order on the workbench."""

import uuid

import pytest
from sqlalchemy import select

from tests.database.test_merging import refused
from tests.web.site import Browser, Scene, Site
from tests.web.test_amendments import words_of
from tests.web.test_merging import BENCH, _sections, staff_of
from tests.web.test_merging import text as make_text
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.amendments import merging, service
from vng_alv.amendments.models import Amendment, Merge
from vng_alv.amendments.service import SectionChange
from vng_alv.domain.amendments import Wording
from vng_alv.domain.permissions import Role
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.submissions import SubmissionState
from vng_alv.proposals.queries import get_proposal
from vng_alv.submissions import service as submissions

text = make_text
LIST = "/vergaderingen/alv/stukken/R9/amendementen"
TOLD = "Komt op dezelfde plaats als een nieuw onderdeel van"


def add(scene: Scene, *headings: str, after: int = 0, who: int = 0, state: SubmissionState | None = None) -> str:
    """The key of an amendment that adds sections after one of the text."""
    with db.transaction():
        proposal, actor = get_proposal(scene.meeting.id, "R9"), get_actor(scene.clerks[who].id)
        place = _sections(proposal)[after].section_id
        wanted = [SectionChange(None, Wording(one, f"Tekst over {one}."), after=place) for one in headings]
        member = db.session.merge(scene.members[who])
        made = service.begin(proposal, member, f"Iets over {headings[0]}", "", wanted, actor)
        if state:
            service.submit(made, 1, actor)
        if state not in {None, SubmissionState.SUBMITTED}:
            submissions.move(made.submission, SubmissionState(state), None)
        return str(made.submission_id)


def part_of(key: str, heading: str) -> str:
    """The page of a new section on the workbench."""
    with db.transaction(write=False):
        rows = db.session.get_one(Amendment, uuid.UUID(key)).sections
        return f"{BENCH}/onderdeel/{next(row.section_id for row in rows if row.heading == heading)}"


def headings(scene: Scene) -> list[tuple[str, str]]:
    """Number and heading of each section of the newest text."""
    with db.transaction(write=False):
        return [(s.number, s.heading) for s in _sections(get_proposal(scene.meeting.id, "R9"))]


def test_a_new_section_tells_what_comes_at_the_same_place(
    site: Site, scene: Scene, own: Browser, text: list[str]
) -> None:
    other = add(scene, "Bossen", who=1, state=SubmissionState.SUBMITTED)
    add(scene, "Wegen", who=1, after=1, state=SubmissionState.SUBMITTED)
    hidden = add(scene, "Meren", who=1)
    mine = add(scene, "Duinen")
    words = {"title": "T", "na-nieuw1": text[0], "kop-nieuw1": "Heide", "tekst-nieuw1": "Paars."}
    seen = own.post(f"{LIST}/bekijken", words).text
    assert words_of(seen).count(TOLD) == 2
    assert f"{TOLD} AM2 van Gemeente 2" in words_of(seen)
    assert f"{TOLD} uw concept “Iets over Duinen”" in words_of(seen)
    assert f'href="/amendementen/{other}"' in seen
    assert hidden not in seen
    for page in (f"/amendementen/{mine}", f"/amendementen/{mine}/indienen"):
        assert words_of(own.get(page).text).count(TOLD) == 1
    guest = words_of(site.browser().get(f"/amendementen/{other}").text)
    assert TOLD not in guest  # what is at the same place is a draft
    assert own.submit(f"/amendementen/{mine}/indienen").status_code == 303
    assert f"{TOLD} AM4 van Gemeente 1" in words_of(site.browser().get(f"/amendementen/{other}").text)
    elsewhere = own.post(f"{LIST}/bekijken", {**words, "na-nieuw1": "x"}).text
    assert TOLD not in elsewhere


def test_ones_own_sections_do_not_meet_each_other(site: Site, scene: Scene, own: Browser, text: list[str]) -> None:
    mine = add(scene, "Duinen", "Heide", state=SubmissionState.ADOPTED)
    assert TOLD not in words_of(own.get(f"/amendementen/{mine}").text)
    staff = staff_of(site, scene)
    staff.submit(BENCH)
    assert "Geen botsingen" in words_of(staff.get(BENCH).text)
    assert staff.submit(f"{BENCH}/publiceren").status_code == 303
    assert [number for number, _ in headings(scene)] == ["1", "1a", "1b", "2"]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("1", "2", ["Wonen", "Bossen", "Duinen", "Water"]),
        ("2", "1", ["Wonen", "Duinen", "Bossen", "Water"]),
        ("1", "1", ["Wonen", "Bossen", "Duinen", "Water"]),
        ("base", "1", ["Wonen", "Duinen", "Water"]),
        ("2", "base", ["Wonen", "Bossen", "Water"]),
        ("base", "base", ["Wonen", "Water"]),
    ],
)
def test_the_editor_puts_them_in_order_or_leaves_one_out(
    site: Site, scene: Scene, text: list[str], first: str, second: str, expected: list[str]
) -> None:
    one = add(scene, "Bossen", state=SubmissionState.ADOPTED)
    other = add(scene, "Duinen", who=1, state=SubmissionState.ADOPTED)
    staff = staff_of(site, scene)
    staff.submit(BENCH)
    assert "0 van 2 botsingen gekozen" in words_of(staff.get(BENCH).text)
    with db.transaction():
        merge = db.session.scalars(select(Merge)).one()
        actor = get_actor(scene.staff[Role.SECRETARIAT].id)
    assert refused(lambda: merging.finish(db.session.merge(merge), "", actor)) is Refusal.MERGE_OPEN_CHOICES
    page = staff.get(part_of(one, "Bossen")).text
    assert "Hier komen 2 nieuwe onderdelen op dezelfde plaats." in words_of(page)
    assert "AM3: Duinen, nog niet gekozen" in words_of(page)
    for key, heading, choice in ((one, "Bossen", first), (other, "Duinen", second)):
        path = part_of(key, heading)
        assert staff.submit(path, keuze__place=choice).location == path
        left_out = "Dit onderdeel komt niet in de tekst." in words_of(staff.get(path).text)
        assert left_out is (choice == "base")
    said = {"base": "niet in de tekst"}.get(second, f"plaats {second}")
    assert f"AM3: Duinen, {said}" in words_of(staff.get(part_of(one, "Bossen")).text)
    whole = words_of(staff.get(f"{BENCH}/publiceren").text)
    assert whole.count("Dit onderdeel komt niet in de tekst.") == [first, second].count("base")
    assert staff.submit(f"{BENCH}/publiceren").status_code == 303
    assert [heading for _, heading in headings(scene)] == expected
    with db.transaction(write=False):
        states = [db.session.get_one(Amendment, uuid.UUID(key)).submission.state for key in (one, other)]
    assert states == [
        SubmissionState.ADOPTED if choice == "base" else SubmissionState.MERGED for choice in (first, second)
    ]


def test_the_order_is_kept_where_the_words_are_ones_own(site: Site, scene: Scene, text: list[str]) -> None:
    one = add(scene, "Bossen", state=SubmissionState.ADOPTED)
    other = add(scene, "Duinen", "Heide", who=1, state=SubmissionState.ADOPTED)
    staff = staff_of(site, scene)
    staff.submit(BENCH)
    staff.submit(part_of(one, "Bossen"), keuze__place="3", kop="Woud", tekst="Eigen woorden.")
    staff.submit(part_of(other, "Duinen"), keuze__place="2")
    assert "2 van 3 botsingen gekozen" in words_of(staff.get(BENCH).text)
    assert "Kies bij 1" in words_of(staff.get(BENCH).text)
    staff.submit(part_of(other, "Heide"), keuze__place="1")
    assert staff.submit(f"{BENCH}/publiceren").status_code == 303
    assert headings(scene) == [("1", "Wonen"), ("1a", "Heide"), ("1b", "Duinen"), ("1c", "Woud"), ("2", "Water")]
