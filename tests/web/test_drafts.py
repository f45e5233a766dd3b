"""Looking over a version before it is published: what goes wrong is told, and nothing that was chosen is lost."""

import io
import re
import uuid

import pytest
from werkzeug.test import TestResponse

from tests import factories
from tests.proposals.making import p, word
from tests.web.site import Browser, Site
from vng_alv import db
from vng_alv.domain.permissions import Role
from vng_alv.domain.sections import Recognition
from vng_alv.meetings.queries import get_meeting
from vng_alv.proposals import queries, service
from vng_alv.proposals.markdown import parse
from vng_alv.proposals.models import ProposalKind, Version, VersionKind

HERE = "/secretariaat/vergaderingen/alv/stukken"
PAGE = f"{HERE}/R1/importeren"
FIRST = """# Plan

### A1. Wonen

Gemeenten bouwen honderd huizen in ieder dorp van het land.

### A2. Werken

Gemeenten helpen iedereen die werk zoekt aan een baan dichtbij huis.
"""
#: A1 has another heading and nearly the same words, A2 stays.
SECOND = FIRST.replace("A1. Wonen", "A1. Huizen").replace("honderd", "tweehonderd")
CHOICE = re.compile(r'<select[^>]* name="(zet-voort-\d+)">(.*?)</select>', re.DOTALL)
PICKED = re.compile(r'<option value="([^"]+)" selected>')


@pytest.fixture
def desk(site: Site) -> Browser:
    """The secretariat, with a text that has a published version and a second one to look over."""
    with db.transaction():
        factories.association()
        proposal = service.create(factories.meeting(), "R1", ProposalKind.RESOLUTION, "Plan", None)
        service.import_text(proposal, parse(FIRST), None)
        service.publish(proposal, None)
        service.import_text(proposal, parse(SECOND), None, file_name="plan.docx")
        secretariat = factories.person("secretariaat", roles=[Role.SECRETARIAT])
    return site.browser(secretariat)


def versions() -> list[Version]:
    return list(queries.get_proposal(get_meeting("alv").id, "R1").versions)


def draft_hash() -> str:
    with db.transaction(write=False):
        return versions()[-1].text_hash


def keys() -> dict[str, uuid.UUID]:
    """The sections of the first version, by number."""
    with db.transaction(write=False):
        return {s.number: s.section_id for s in versions()[0].sections}


def said(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def chosen(page: str) -> dict[str, str]:
    """What stands chosen for each section."""
    return {name: "".join(PICKED.findall(options)) for name, options in CHOICE.findall(page)}


def recognise(desk: Browser, **more: str) -> TestResponse:
    return desk.post(f"{HERE}/R1/herkennen", {"hash": draft_hash(), **more})


def publish(desk: Browser, **more: str) -> TestResponse:
    return desk.post(f"{HERE}/R1/publiceren", {"hash": draft_hash(), **more})


def test_what_is_only_alike_is_confirmed_before_it_is_published(desk: Browser) -> None:
    assert "Klopt dit?" in said(desk.get(PAGE))
    assert publish(desk).location.endswith("/importeren")
    page = said(desk.get(PAGE))
    assert "Van onderdeel A1 is nog niet bevestigd" in page
    assert chosen(page) == {"zet-voort-1": str(keys()["A1"]), "zet-voort-2": str(keys()["A2"])}
    assert recognise(desk, **chosen(page)).status_code == 303
    page = said(desk.get(PAGE))
    assert "Klopt dit?" not in page
    assert "zo gekozen" in page
    assert publish(desk, soort="final").location.endswith("/vergaderingen/alv/stukken/R1")
    with db.transaction(write=False):
        newest = versions()[-1]
        assert newest.kind is VersionKind.FINAL
        assert newest.published_at
        assert {s.number: s.section_id for s in newest.sections} == keys()


def test_a_section_that_is_new_after_all_gets_an_identity_of_its_own(desk: Browser) -> None:
    assert recognise(desk, **{"zet-voort-1": "nieuw"}).status_code == 303
    assert publish(desk).location.endswith("/stukken/R1")
    with db.transaction(write=False):
        section = versions()[-1].sections[0]
        assert section.recognition is Recognition.NEW
        assert section.section_id not in keys().values()


def test_two_that_continue_the_same_one_are_refused_and_the_choice_stays(desk: Browser) -> None:
    twice = {"zet-voort-1": str(keys()["A2"]), "zet-voort-2": str(keys()["A2"])}
    answer = recognise(desk, **twice)
    assert answer.status_code == 422
    assert "Twee onderdelen kunnen niet hetzelfde eerdere onderdeel voortzetten: A2." in said(answer)
    assert chosen(said(answer)) == twice
    with db.transaction(write=False):
        assert versions()[-1].sections[0].recognition is Recognition.ALIKE, "nothing was kept"


def test_a_section_that_is_not_of_this_text_is_not_found(desk: Browser) -> None:
    for key in (str(uuid.uuid4()), "1", "../..", "nieuw'--"):
        assert recognise(desk, **{"zet-voort-1": key}).status_code == 404, key


def test_places_that_no_section_has_change_nothing(desk: Browser) -> None:
    before = draft_hash()
    odd = {"zet-voort-99": "nieuw", "zet-voort-²": "nieuw", "zet-voort-": "nieuw", "zet-voort-10000": "nieuw"}
    assert recognise(desk, **odd).status_code == 303
    assert draft_hash() == before
    with db.transaction(write=False):
        assert versions()[-1].sections[0].recognition is Recognition.ALIKE


def test_a_text_that_was_changed_meanwhile_is_not_confirmed_and_not_published(desk: Browser) -> None:
    stale = draft_hash()
    assert desk.post(f"{HERE}/R1/verbeteren", {"text": SECOND + "\nNog een zin.", "seen": stale}).status_code == 303
    answer = desk.post(f"{HERE}/R1/herkennen", {"hash": stale, "zet-voort-1": "nieuw"})
    assert answer.status_code == 409
    assert "intussen door iemand anders gewijzigd" in said(answer)
    assert desk.post(f"{HERE}/R1/publiceren", {"hash": stale}).location.endswith("/importeren")
    assert "Er is niets gepubliceerd" in said(desk.get(PAGE))
    with db.transaction(write=False):
        assert versions()[-1].published_at is None


def test_a_correction_over_that_of_a_colleague_keeps_what_was_typed(desk: Browser) -> None:
    stale = draft_hash()
    path = f"{HERE}/R1/verbeteren"
    desk.post(path, {"text": SECOND.replace("tweehonderd", "driehonderd"), "seen": stale})
    mine = SECOND.replace("tweehonderd", "vierhonderd")
    answer = desk.post(path, {"text": mine, "seen": stale})
    assert answer.status_code == 409
    page = said(answer)
    assert "vierhonderd huizen" in re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)[1]  # type: ignore[index]
    assert re.search(r"<del>.*?driehonderd.*?</del>", page, re.DOTALL), "what the colleague wrote is shown"
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', page)
    assert seen
    assert seen[1] == draft_hash()
    assert desk.post(path, {"text": mine, "seen": seen[1]}).status_code == 303
    with db.transaction(write=False):
        assert "vierhonderd" in versions()[-1].sections[0].body


def test_a_correction_of_what_was_published_meanwhile_can_be_read_in(desk: Browser) -> None:
    stale = draft_hash()
    recognise(desk, **{"zet-voort-1": str(keys()["A1"])})
    publish(desk)
    mine = SECOND.replace("tweehonderd", "vierhonderd")
    answer = desk.post(f"{HERE}/R1/verbeteren", {"text": mine, "seen": stale})
    assert answer.status_code == 409
    assert "Deze versie is intussen gepubliceerd." in said(answer)
    assert "vierhonderd huizen" in said(answer)
    assert f'action="{PAGE}"' in said(answer), "the form below it reads it in"
    assert desk.get(f"{HERE}/R1/verbeteren").status_code == 404


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Er staat nog geen tekst."),
        ("# \n", "Er staat nog geen tekst."),
        ("# Plan\n\n### A1. " + "a" * 301 + "\n\nTekst.", ""),
    ],
)
def test_a_faulty_correction_is_told_and_stays(desk: Browser, text: str, sentence: str) -> None:
    before = draft_hash()
    answer = desk.post(f"{HERE}/R1/verbeteren", {"text": text, "seen": before})
    assert answer.status_code == 422
    assert 'role="alert"' in said(answer)
    assert sentence in said(answer)
    assert text.strip()[:200] in said(answer)
    assert draft_hash() == before


@pytest.mark.parametrize("name", ["plan.docx", "plan.odt", "plan.pdf"])
def test_a_faulty_file_is_told_and_the_rest_of_the_form_stays(desk: Browser, name: str) -> None:
    data = {"file": (io.BytesIO(b"PK\x03\x04 broken"), name), "code": "R7", "title": "Een eigen titel", "text": ""}
    answer = desk.post(f"{HERE}/nieuw", {**data, "kind": "resolution", "item": "geen", "submitter": "bestuur"})
    assert answer.status_code == 422
    assert "R7" in said(answer)
    assert "Een eigen titel" in said(answer)


def test_what_a_file_says_is_text_on_every_page(desk: Browser) -> None:
    evil = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;"
    body = p("Plan", "Titel") + p(f"A1. {evil}", "Kop1") + p(f"Tekst {evil}") + p("A2. Werken", "Kop1") + p("Banen.")
    answer = desk.post(PAGE, {"file": (io.BytesIO(word(body)), "<script>alert(3)</script>.docx"), "text": ""})
    assert answer.status_code == 303
    pages = [said(desk.get(PAGE)), said(desk.get(f"{HERE}/R1/verbeteren"))]
    recognise(desk, **{"zet-voort-1": str(keys()["A1"]), "zet-voort-2": str(keys()["A2"])})
    assert publish(desk).location.endswith("/stukken/R1")
    pages += [
        said(desk.get(path)) for path in ("/vergaderingen/alv/stukken/R1", "/vergaderingen/alv/stukken/R1/vergelijk")
    ]
    assert "alert(3)" in pages[0], "the name of the file is shown"
    for page in pages:
        assert "alert(1)" in page, "the words are there"
        assert "<script>alert" not in page
        assert "<img src=x" not in page
