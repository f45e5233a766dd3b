"""Amendments among what a municipality prepares and on its ballot; and what is said of a whole and its sections."""

import re
import uuid

import pytest

from tests.web.site import Browser, Scene, Site, amend, count, vote
from tests.web.test_answering import text
from tests.web.test_intended_ballot import BALLOT, take_over
from tests.web.test_preparing import PAGE, WORDS, block, save
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.amendments import service as amendments
from vng_alv.amendments.models import Amendment
from vng_alv.amendments.service import SectionChange
from vng_alv.domain.amendments import Wording
from vng_alv.domain.permissions import Role
from vng_alv.domain.submissions import AdviceKind
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission
from vng_alv.voting import service as rounds
from vng_alv.voting.brought import rounds_about
from vng_alv.voting.models import Round

AM1 = "Amendement AM1: Meer bouwen"


@pytest.fixture
def key(scene: Scene) -> uuid.UUID:
    """AM1, of the first municipality: the first section reads 'Anders.'."""
    return uuid.UUID(str(scene.address["submission_id"]))


def prepared(scene: Scene, *, amendments: bool = True) -> list[Round]:
    """Rounds in draft on R2, by number."""
    with db.transaction():
        rounds.prepare(text(), None, amendments=amendments)
        return [one for one in rounds_about(text().id) if one.opened_at is None]


def opened(found: list[Round], *, anyway: bool = False) -> list[Round]:
    with db.transaction():
        return list(rounds.open_rounds([one.id for one in found], None, anyway=anyway))


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def advise(scene: Scene, key: uuid.UUID, *, publish: bool) -> None:
    with db.transaction():
        one = db.session.get_one(Submission, key)
        actor = get_actor(scene.staff[Role.BOARD].id)
        made = submissions.advise(one, AdviceKind.ADVISE_AGAINST, "Dat is *te* veel.", actor)
        if publish:
            submissions.publish_advice(one, made.number, actor)


# --- The ballot of an amendment


def test_the_ballot_shows_what_an_amendment_changes_why_and_what_the_board_says(
    own: Browser, scene: Scene, key: uuid.UUID
) -> None:
    advise(scene, key, publish=False)
    opened(prepared(scene)[:1])
    asked = block(own.get(BALLOT).text, AM1)
    assert "Ingediend door Gemeente 1." in plain(asked)
    assert re.search(r"<del>.*?Wij bouwen", asked, re.S)
    assert re.search(r"<ins>.*?Anders", asked, re.S)
    assert "Daarom." in asked
    assert f"/amendementen/{key}" in asked
    assert "Advies van het bestuur" not in asked, "not before it is published"
    assert "Past niet meer" not in asked
    advise(scene, key, publish=True)
    asked = block(own.get(BALLOT).text, AM1)
    assert re.search(r"Advies van het bestuur.*Dat is <em>te</em> veel\.", asked, re.S)


def test_the_ballot_says_of_one_that_is_put_all_the_same_that_it_does_not_fit(
    own: Browser, scene: Scene, key: uuid.UUID
) -> None:
    with db.transaction():
        member, clerk = db.session.merge(scene.members[1]), db.session.merge(scene.clerks[1])
        amend(text(), member, clerk, submit=True, title="Nog iets", body="Heel wat anders en nog veel meer dan dat.")
    far, near, *_ = prepared(scene)
    opened([far])
    vote(scene, 0, {far.id: "for"})
    count(far, publish=True)
    opened([near], anyway=True)
    asked = plain(block(own.get(BALLOT).text, AM1))
    assert "Past niet meer op de tekst zoals die nu is." in asked
    assert "Dezelfde woorden zijn al veranderd door AM2." in asked


# --- Prepared before it


def test_colleagues_prepare_it_before_the_sections_with_the_change_before_them(
    site: Site, own: Browser, scene: Scene, key: uuid.UUID
) -> None:
    advise(scene, key, publish=True)
    prepared(scene)
    page = site.browser(scene.official).get(PAGE).text
    asked = block(page, AM1)
    assert "nog niet in stemming" in asked
    assert re.search(r"<ins>.*?Anders", asked, re.S)
    assert re.search(r"Advies van het bestuur.*Dat is <em>te</em> veel\.", asked, re.S)
    first = next(str(one.section_id) for one in prepared(scene) if one.section_id)
    assert page.index(f'id="kop-{key}"') < page.index(f'id="kop-{first}"')
    told = save(own, **{f"choice__{key}": "for", f"reason__{key}": WORDS})
    assert "Eén stemadvies is bewaard." in told
    assert AM1 in own.get(f"{PAGE}/geschiedenis/{key}").text
    assert WORDS in own.get(f"{PAGE}/geschiedenis/{key}").text
    other = site.browser(scene.clerks[1])
    assert other.get(f"{PAGE}/geschiedenis/{key}").status_code == 404


def test_the_delegate_takes_it_over_unless_the_words_changed_since(own: Browser, scene: Scene, key: uuid.UUID) -> None:
    (on, *_) = prepared(scene)
    save(own, **{f"choice__{key}": "for", f"reason__{key}": WORDS})
    begun = own.forms(PAGE)[0]
    with db.transaction():
        one = db.session.get_one(Amendment, key)
        wanted = [SectionChange(row.section_id, Wording(row.heading, "Nog anders.")) for row in one.sections]
        clerk = get_actor(scene.clerks[0].id)
        amendments.change(one, "Meer bouwen", "", wanted, one.submission.revision, clerk)
    assert "De tekst is sindsdien gewijzigd." in block(own.get(PAGE).text, AM1)
    told = save(own, begun=begun, **{f"reason__{key}": "Van iemand die de oude woorden las"})
    assert "De tekst is sindsdien gewijzigd." in block(told, AM1), "it is about what its writer read"
    opened([on])
    asked = block(own.get(BALLOT).text, AM1)
    assert "Stemadvies van onze gemeente" in asked
    assert "De tekst is sindsdien gewijzigd." in asked
    assert "Eén stemadvies is bewaard." in save(own, **{f"still__{key}": "1"})
    assert f'name="choice-{on.id}" value="for"' in take_over(own).text


def test_after_the_vote_it_stays_readable_and_the_amendment_is_a_link_away(
    own: Browser, scene: Scene, key: uuid.UUID
) -> None:
    (on, *_) = prepared(scene)
    save(own, **{f"choice__{key}": "for", f"reason__{key}": WORDS})
    opened([on])
    count(on, publish=True)
    asked = block(own.get(PAGE).text, AM1)
    assert WORDS in asked
    assert f'href="/amendementen/{key}"' in asked
    assert f'name="choice-{key}"' not in asked


# --- A whole and its sections


@pytest.fixture
def sections(scene: Scene) -> tuple[list[Round], Round]:
    """Rounds on R2 without its amendment: of the sections, which are open, and of the whole."""
    *found, whole = prepared(scene, amendments=False)
    opened(found)
    return found, whole


def test_a_section_that_was_rejected_is_not_in_the_whole_and_ballot_and_result_say_so(
    own: Browser, site: Site, scene: Scene, sections: tuple[list[Round], Round]
) -> None:
    (first, second), whole = sections
    vote(scene, 0, {first.id: "against", second.id: "for"})
    for one in (first, second):
        count(one, publish=True)
    opened([whole])
    asked = plain(own.get(BALLOT).text.partition(f'data-round="{whole.number}"')[2].partition("</article>")[0])
    assert f"Dit onderdeel is verworpen. U stemt over het geheel zonder dit onderdeel: {first.title}" in asked
    assert second.title not in asked
    result = f"/vergaderingen/alv/uitslagen/{whole.number}"
    guest = site.browser()
    told = plain(guest.get(result).text)
    assert f"Over het geheel wordt gestemd zonder dit onderdeel: {first.title}" in told
    vote(scene, 0, {whole.id: "for"})
    count(whole, publish=True)
    told = plain(guest.get(result).text)
    assert f"Over het geheel is gestemd zonder dit onderdeel: {first.title}" in told
    assert "er is dus geen besluit" not in told


@pytest.mark.parametrize("adopted", [0, 1, 2])
def test_a_whole_that_was_rejected_takes_what_was_adopted_apart_with_it(
    site: Site, scene: Scene, sections: tuple[list[Round], Round], adopted: int
) -> None:
    found, whole = sections
    vote(scene, 0, {one.id: "for" if n < adopted else "against" for n, one in enumerate(found)})
    for one in found:
        count(one, publish=True)
    opened([whole])
    vote(scene, 0, {whole.id: "against"})
    count(whole, publish=False)
    result, guest = f"/vergaderingen/alv/uitslagen/{whole.number}", site.browser()
    assert "er is dus geen besluit" not in guest.get(result).text, "it is not pronounced"
    with db.transaction():
        rounds.publish([whole.id], None)
    told = plain(guest.get(result).text)
    words = {0: "", 1: "ook het onderdeel dat apart is aangenomen geldt niet", 2: "ook de 2 onderdelen die apart zijn"}
    assert ("er is dus geen besluit" in told) is bool(adopted)
    assert words[adopted] in told
