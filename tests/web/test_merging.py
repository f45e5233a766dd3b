"""The merging workbench on the site: choosing, saving, publishing, and what no longer fits."""

import re
import uuid
from html import unescape

import pytest
from sqlalchemy import select

from tests import factories
from tests.web.site import Browser, Scene, Site, snapshot
from tests.web.test_amendments import words_of
from tests.web.test_queries import counting
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.amendments import merging, service
from vng_alv.amendments.models import Amendment, Merge, MergeSection
from vng_alv.amendments.service import SectionChange
from vng_alv.domain.amendments import Wording
from vng_alv.domain.permissions import Role
from vng_alv.domain.submissions import SubmissionState
from vng_alv.meetings.models import Meeting
from vng_alv.proposals import service as proposals
from vng_alv.proposals.models import Proposal, VersionSection
from vng_alv.proposals.queries import get_proposal, published, sections_of
from vng_alv.submissions import service as submissions

DESK = "/secretariaat/vergaderingen/alv/stukken/R9"
BENCH = DESK + "/verwerken-amendementen"
EVIL = "<script>alert(1)</script>"
BASE = "Wij bouwen 100 woningen per jaar."
TEXT = f"# Samen\n\n## Wonen\n\n{BASE}\n\n## Water\n\nWij houden het droog.\n"


def _sections(proposal: Proposal) -> list[VersionSection]:
    version = published(proposal)
    assert version is not None
    return list(sections_of(version.id))


@pytest.fixture
def text(scene: Scene) -> list[str]:
    """A text, R9; the keys of its sections."""
    with db.transaction():
        meeting = db.session.get_one(Meeting, scene.meeting.id)
        meeting.amendments_until = db.now().replace(year=2099)
        return [str(s.section_id) for s in _sections(factories.proposal(meeting, TEXT, "R9"))]


def make(scene: Scene, body: str, state: SubmissionState = SubmissionState.ADOPTED, *, title: str = "Anders") -> str:
    """The key of an amendment on the first section."""
    with db.transaction():
        proposal = get_proposal(scene.meeting.id, "R9")
        first = _sections(proposal)[0]
        who = get_actor(scene.clerks[0].id)
        wanted = [SectionChange(first.section_id, Wording(first.heading, body))]
        made = service.begin(proposal, db.session.merge(scene.members[0]), title, "", wanted, who)
        service.submit(made, 1, who)
        if state is not SubmissionState.SUBMITTED:
            submissions.move(made.submission, state, None)
        return str(made.submission_id)


def staff_of(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.SECRETARIAT])


def kept() -> MergeSection:
    with db.transaction(write=False):
        return db.session.scalars(select(MergeSection)).one()


TWO, THREE = BASE.replace("100", "200"), BASE.replace("100", "300")


def test_two_amendments_that_clash_become_the_next_version(site: Site, scene: Scene, text: list[str]) -> None:
    a, b = make(scene, TWO), make(scene, THREE)
    c, d = make(scene, BASE + " Snel.", SubmissionState.SUBMITTED), make(scene, "Nee.", SubmissionState.SUBMITTED)
    staff = staff_of(site, scene)
    assert "Amendementen verwerken" in staff.get(f"{DESK.removeprefix('/secretariaat')}").text
    page = staff.get(BENCH)
    assert page.text.count('name="amendement"') == page.text.count(" checked") == 2
    assert staff.submit(BENCH).status_code == 303
    assert "0 van 1 botsingen gekozen" in words_of(staff.get(BENCH).text)
    assert staff.get(f"{BENCH}/publiceren").status_code == 303
    path = f"{BENCH}/onderdeel/{text[0]}"
    page = staff.get(path)
    assert re.search(r"Botsing 1", page.text)
    assert page.text.count('type="radio"') == 4
    answer = staff.submit(path, keuze__0=a)
    assert (answer.status_code, answer.location) == (303, path)
    assert kept().choices == {"0": a}
    assert re.search(r"Bewaard om \d\d:\d\d", staff.get(path).text)
    last = staff.submit(path, keuze__0=b, verder="1")
    assert last.location == BENCH
    whole = staff.get(f"{BENCH}/publiceren")
    assert "2 andere amendementen" in whole.text
    assert "komt niets in de tekst" in whole.text  # of the first one
    assert staff.submit(f"{BENCH}/publiceren").status_code == 303
    after = words_of(staff.get(BENCH).text)
    assert "Versie 2 is gepubliceerd" in after
    assert "Past niet meer op de tekst" in after
    with db.transaction(write=False):
        assert _sections(get_proposal(scene.meeting.id, "R9"))[0].body == THREE
        assert db.session.get_one(Amendment, uuid.UUID(c)).sections[0].body == THREE + " Snel."
    guest = site.browser()
    assert "Past niet meer op de nieuwe tekst bij onderdeel 1" in words_of(guest.get(f"/amendementen/{d}").text)
    assert "Pas aan" not in guest.get(f"/amendementen/{d}").text
    assert "past niet meer" not in words_of(guest.get(f"/amendementen/{c}").text).lower()
    assert staff.post(f"{BENCH}/publiceren", {"ingelezen": ""}).status_code == 404


def test_own_words_are_kept_for_a_clash_and_for_the_section(site: Site, scene: Scene, text: list[str]) -> None:
    make(scene, TWO), make(scene, THREE)
    staff = staff_of(site, scene)
    staff.submit(BENCH)
    path = f"{BENCH}/onderdeel/{text[0]}"
    staff.submit(path, keuze__0="own", woorden__0="250")
    assert (kept().choices, kept().body) == ({"0": ["250"]}, None)
    assert "250</textarea>" in staff.get(path).text
    staff.submit(path, tekst=f"Eigen {EVIL}\r\n\r\ntekst.")
    assert kept().body == f"Wonen\n\nEigen {EVIL}\n\ntekst."
    for page in (staff.get(path), staff.get(f"{BENCH}/publiceren")):
        assert EVIL not in page.text
        assert EVIL in unescape(page.text)
    staff.submit(path, keuze__0="base")  # the text was left alone: it stays
    assert kept().body == f"Wonen\n\nEigen {EVIL}\n\ntekst."
    staff.submit(path, terug="1")
    assert (kept().choices, kept().body) == ({"0": "base"}, None)


def test_two_people_at_one_section_see_both(site: Site, scene: Scene, text: list[str]) -> None:
    a, b = make(scene, TWO), make(scene, THREE)
    one, other = staff_of(site, scene), site.browser(scene.staff[Role.ADMINISTRATOR])
    one.submit(BENCH)
    path = f"{BENCH}/onderdeel/{text[0]}"
    mine = next(form for form in other.forms(path) if form.action == path).values
    one.submit(path, keuze__0=a)
    mine["keuze-0"] = b
    met = other.post(path, mine)
    assert met.status_code == 409
    assert "door iemand anders bewaard" in met.text
    assert "Intussen bewaard" in met.text
    assert re.search(rf'value="{b}"[^>]* checked', met.text)
    assert kept().choices == {"0": a}
    mine["revision"] = re.search(r'name="revision" value="(\d+)"', met.text)[1]  # type: ignore[index]
    assert mine["revision"] == "1"
    assert other.post(path, mine).status_code == 303
    assert (kept().choices, kept().body, kept().revision) == ({"0": b}, None, 2)


def test_what_cannot_be_kept_is_said_and_stays_on_the_page(site: Site, scene: Scene, text: list[str]) -> None:
    make(scene, TWO), make(scene, THREE)
    staff = staff_of(site, scene)
    staff.submit(BENCH)
    path = f"{BENCH}/onderdeel/{text[0]}"
    for wrong, said in (
        ({"kop": "", "tekst": "Mijn woorden."}, "kop nodig"),
        ({"kop": "x" * 301, "tekst": "Mijn woorden."}, "te lang"),
        ({"kop": "Kop", "tekst": "Mijn woorden." + "y" * 60_000}, "te lang"),
    ):
        before = snapshot()
        answer = staff.submit(path, **wrong)
        assert answer.status_code == 422, said
        assert said in answer.text
        assert "Mijn woorden." in answer.text
        assert snapshot() == before
    assert staff.get(f"{BENCH}/onderdeel/{uuid.uuid4()}").status_code == 404
    assert staff.get(f"{BENCH}/onderdeel/{text[1]}").status_code == 404
    assert staff.get(f"{BENCH}/onderdeel/x").status_code == 404
    twice = staff.post(BENCH, {"amendement": []})
    assert twice.status_code == 409
    assert "verwerkt al amendementen" in twice.text
    assert staff.post(f"{BENCH}/publiceren", {"ingelezen": ""}).status_code == 422


def test_starting_without_anything_is_said(site: Site, scene: Scene, text: list[str]) -> None:
    staff = staff_of(site, scene)
    assert "Er is nu geen amendement" in staff.get(BENCH).text
    make(scene, TWO, title=EVIL)
    answer = staff.post(BENCH, {"amendement": ["x", str(uuid.uuid4())]})
    assert answer.status_code == 422
    assert "Kies ten minste één amendement" in answer.text
    assert EVIL not in answer.text


def test_work_on_an_older_text_is_read_and_thrown_away(site: Site, scene: Scene, text: list[str]) -> None:
    a, _ = make(scene, TWO), make(scene, THREE)
    staff = staff_of(site, scene)
    staff.submit(BENCH)
    path = f"{BENCH}/onderdeel/{text[0]}"
    staff.submit(path, keuze__0=a)
    with db.transaction():
        proposal = get_proposal(scene.meeting.id, "R9")
        proposals.import_text(proposal, proposals.read_text(TEXT.replace("droog", "nat").encode()), None)
        proposals.publish(proposal, None)
    assert "Dit werk kan niet meer af" in staff.get(BENCH).text
    assert re.search(rf'value="{a}"[^>]* checked', staff.get(path).text)
    answer = staff.submit(path, keuze__0="own", woorden__0="Mijn woorden.")
    assert answer.status_code == 409
    assert "Mijn woorden." in answer.text
    assert staff.submit(BENCH, action="/stoppen").status_code == 303
    assert "weggegooid" in staff.get(BENCH).text
    with db.transaction(write=False):
        assert db.session.scalars(select(Merge)).one().ended_at is not None


def test_a_misfit_is_adapted_by_its_municipality(site: Site, scene: Scene, text: list[str]) -> None:
    a, d = make(scene, TWO), make(scene, THREE, SubmissionState.SUBMITTED)
    staff, clerk = staff_of(site, scene), site.browser(scene.clerks[0])
    staff.submit(BENCH)
    staff.submit(f"{BENCH}/publiceren")
    assert f"/amendementen/{a}" not in staff.get(BENCH).text
    assert f"/amendementen/{d}#past-niet" in staff.get(BENCH).text
    path = f"/amendementen/{d}/aanpassen"
    assert path in clerk.get(f"/amendementen/{d}").text
    assert THREE in clerk.get(path).text
    assert site.browser(scene.clerks[1]).get(path).status_code == 404
    assert site.browser(scene.official).get(path).status_code == 200
    refused = site.browser(scene.official).submit(path)
    assert refused.status_code == 422
    assert "U mag dit niet doen" in refused.text
    stale = clerk.submit(path, revision="1", **{f"tekst__{text[0]}": EVIL})
    assert stale.status_code == 409
    assert EVIL in unescape(stale.text)
    assert EVIL not in stale.text
    none = clerk.submit(path, **{f"wat-{text[0]}": "weg"})
    assert none.status_code == 422
    assert clerk.submit(path, **{f"tekst-{text[0]}": "Wij bouwen 250 woningen per jaar."}).status_code == 303
    page = words_of(clerk.get(f"/amendementen/{d}").text)
    assert "Past niet meer" not in page
    assert clerk.get(path).status_code == 303


def test_what_the_text_says_already_is_told(site: Site, scene: Scene, text: list[str]) -> None:
    make(scene, TWO)
    same = make(scene, TWO, SubmissionState.SUBMITTED)
    staff = staff_of(site, scene)
    staff.submit(BENCH)
    staff.submit(f"{BENCH}/publiceren")
    assert "Wat dit amendement vraagt bij onderdeel 1, staat al in de tekst." in words_of(
        site.browser().get(f"/amendementen/{same}").text
    )


def test_the_bench_asks_no_more_of_the_database_for_40_sections_and_30_amendments(
    site: Site, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bench(code: str, sections: int, amendments: int) -> dict[str, int]:
        with db.transaction():
            meeting = db.session.get_one(Meeting, scene.meeting.id)
            meeting.amendments_until = db.now().replace(year=2099)
            parts = "".join(f"\n## Kop {n}\n\nTekst {n} van dit onderdeel.\n" for n in range(sections))
            proposal = factories.proposal(meeting, f"# {code}\n{parts}", code)
            rows, who = _sections(proposal), get_actor(scene.clerks[0].id)
            for n in range(amendments):
                touched = [rows[(n + step) % sections] for step in range(min(3, sections))]
                wanted = [SectionChange(s.section_id, Wording(s.heading, f"{s.body} Nummer {n}.")) for s in touched]
                made = service.begin(proposal, db.session.merge(scene.members[0]), "T", "", wanted, who)
                service.submit(made, 1, who)
                submissions.move(made.submission, SubmissionState.ADOPTED, None)
            first = str(rows[0].section_id)
        staff, desk = staff_of(site, scene), BENCH.replace("R9", code)
        found: dict[str, int] = {}
        for name, path in (
            ("start", desk), ("begin", desk), ("bench", desk), ("section", f"{desk}/onderdeel/{first}"),
            ("save", f"{desk}/onderdeel/{first}"),
        ):  # fmt: skip
            form = staff.forms(path)[0].values if name in {"begin", "save"} else None
            with counting(monkeypatch) as sent:
                answer = staff.post(path, form) if form else staff.get(path)
            assert answer.status_code == (303 if form else 200), name
            found[name] = len(sent)
        with db.transaction():
            proposal = get_proposal(scene.meeting.id, code)
            merging.abandon(db.session.scalars(select(Merge).where(Merge.proposal_id == proposal.id)).one(),
                            get_actor(scene.staff[Role.SECRETARIAT].id))  # fmt: skip
        return found

    few, many = bench("R7", 2, 2), bench("R8", 40, 30)
    assert many == few
    assert max(many.values()) <= 25
