"""Preparing how a municipality votes: among colleagues, on the ballot, and cast by the delegate (docs/rules.md §2)."""

import re
import uuid

import pytest
from sqlalchemy import select

from tests.web.inline import inline_parts
from tests.web.site import Browser, Form, Scene, Site, count, forms_of, snapshot
from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.accounts.queries import get_actor
from vng_alv.domain.ballots import Choice
from vng_alv.domain.permissions import Role
from vng_alv.domain.sections import Recognition
from vng_alv.proposals import service as proposals
from vng_alv.proposals.models import Proposal
from vng_alv.voting.models import Round
from vng_alv.voting.preparing import Preparer
from vng_alv.voting.preparing_models import IntendedVote
from vng_alv.voting.service import prepare_again

PAGE = "/gemeente/GM0001/stemadvies/alv"
WORDS = "Omdat wonen voorgaat"


def key_of(one: Round) -> str:
    """What names the question of a round."""
    return str(one.section_id or one.proposal_id)


def form(browser: Browser, page: str = PAGE) -> Form:
    """The form of the page."""
    return browser.forms(page)[0]


def save(browser: Browser, *, page: str = PAGE, begun: Form | None = None, **typed: str) -> str:
    """Fill in and save; the next page, or the one that tells why not."""
    values = (begun or form(browser, page)).values.copy()
    for name, value in typed.items():
        values.setlist(name.replace("__", "-").replace("_", "-"), [value])
    answer = browser.post(page, values)
    return browser.get(page).text if answer.status_code == 303 else answer.text


def advise(scene: Scene, who: Person, choices: dict[str, Choice], reason: str = WORDS) -> None:
    """Intended votes of the first member, by key of the question."""
    with db.transaction():
        here = db.session.merge(scene.meeting), db.session.merge(scene.members[0])
        preparer = Preparer(*here, get_actor(who.id))
        for key, choice in choices.items():
            known = preparer.found.get(uuid.UUID(key))
            preparer.save(uuid.UUID(key), choice, reason, known.revision if known else 0)


def block(page: str, title: str) -> str:
    """The question with this title on a page."""
    return next(part for part in page.split("<article")[1:] if f">{title}</h2>" in part)


@pytest.fixture
def colleague(site: Site, scene: Scene) -> Browser:
    """Somebody who works for the first member and holds no mandate."""
    return site.browser(scene.official)


# --- Among colleagues


def test_every_question_of_a_published_text_is_there_and_says_no_more_of_a_draft(
    colleague: Browser, scene: Scene
) -> None:
    page = colleague.get(PAGE).text
    for one in [*scene.open, scene.published, scene.counted, scene.draft]:
        assert f'id="kop-{key_of(one)}"' in page, one.title
    assert "nog niet in stemming" in block(page, scene.draft.title)
    assert "concept" not in block(page, scene.draft.title)
    assert page.count("alv-question__head") == len(scene.open) + 3
    assert page.index(key_of(scene.draft)) < page.index(key_of(scene.published)), "what there is to do comes first"
    assert "Vraag 1 van 4" in block(page, scene.draft.title)
    assert "Overnemen." in block(page, "Een besluit"), "the board's advice on the whole"
    assert not re.search(r"Nog niet\b", page), "a text that is not published"
    for one in (scene.published, scene.counted):
        assert f'name="choice-{key_of(one)}"' not in page, "its vote is closed"


def test_all_of_it_is_saved_at_once_and_read_by_colleagues(colleague: Browser, own: Browser, scene: Scene) -> None:
    first, second, whole = (key_of(one) for one in scene.open)
    page = save(
        colleague,
        **{
            f"choice__{first}": "against",
            f"reason__{first}": WORDS,
            f"choice__{second}": "for",
            f"reason__{whole}": "?",
        },
    )
    assert "3 stemadviezen zijn bewaard." in page
    assert "Voorbereid bij 2 van de 4 vragen." in page
    page = own.get(PAGE).text
    assert page.count("Voorbereid door Ambtenaar op ") == 3
    assert f"\n{WORDS}</textarea>" in page
    assert "Er was niets veranderd." in save(own)
    assert "Eén stemadvies is bewaard." in save(own, **{f"choice__{second}": ""})
    assert "bewaarde" in own.get(f"{PAGE}/geschiedenis/{second}").text


def test_the_history_tells_who_changed_what_newest_first(colleague: Browser, own: Browser, scene: Scene) -> None:
    key = key_of(scene.open[0])
    page = f"{PAGE}/geschiedenis/{key}"
    assert "Bij deze vraag is nog niets bewaard." in own.get(page).text
    save(colleague, **{f"choice__{key}": "against", f"reason__{key}": "Te duur <b>"})
    save(own, **{f"choice__{key}": "for", f"reason__{key}": ""})
    told = own.get(page).text
    steps = [re.sub(r"<[^>]*>|\s+", " ", part) for part in told.split("<article")[1:]]
    assert len(steps) == 2
    assert "Griffier-Gm0001" in steps[0]
    assert " voor " in steps[0]
    assert "Ambtenaar" in steps[1]
    assert "tegen" in steps[1]
    assert "Te duur &lt;b&gt;" in steps[1]
    assert "bij versie 1 van de tekst" in steps[1]
    assert not inline_parts(own.get(page))
    for wrong in (str(uuid.uuid4()), "x"):
        assert own.get(f"{PAGE}/geschiedenis/{wrong}").status_code == 404


def test_a_history_goes_on_over_pages(own: Browser, scene: Scene) -> None:
    key = key_of(scene.open[0])
    for turn in range(22):
        advise(scene, scene.official, {key: Choice.FOR}, f"Reden {turn:02}")
    assert "Reden 21" in own.get(f"{PAGE}/geschiedenis/{key}").text
    assert "Reden 01" not in own.get(f"{PAGE}/geschiedenis/{key}").text
    assert "Reden 01" in own.get(f"{PAGE}/geschiedenis/{key}?bladzijde=2").text


def test_two_who_write_at_once_lose_nothing(colleague: Browser, own: Browser, scene: Scene) -> None:
    first, second, _ = (key_of(one) for one in scene.open)
    begun = form(own)
    save(colleague, **{f"choice__{first}": "for", f"reason__{first}": "Van de ambtenaar"})
    answer = own.post(PAGE, {**begun.values, f"choice-{first}": "against", f"reason-{first}": "Van de griffier",
                             f"choice-{second}": "abstain", f"reason-{second}": "Ook dit"})  # fmt: skip
    assert answer.status_code == 422
    assert "Er is niets bewaard" in answer.text
    assert "Dit bewaarde Ambtenaar" in answer.text
    for words in ("Van de ambtenaar", "Van de griffier", "Ook dit"):
        assert words in answer.text, words
    with db.transaction(write=False):
        assert [one.reason for one in db.session.scalars(select(IntendedVote))] == ["Van de ambtenaar"]
    again = next(one for one in forms_of(answer, PAGE) if one.action == PAGE)
    page = save(own, begun=again)
    assert "2 stemadviezen zijn bewaard." in page
    assert "\nVan de griffier</textarea>" in page
    assert "Van de ambtenaar" in own.get(f"{PAGE}/geschiedenis/{first}").text


def test_a_round_that_closes_while_somebody_types_keeps_the_words_on_the_page(own: Browser, scene: Scene) -> None:
    begun, key = form(own), key_of(scene.open[0])
    count(scene.open[0], publish=False)
    answer = own.post(PAGE, {**begun.values, f"choice-{key}": "against", f"reason-{key}": "Te laat getypt"})
    assert answer.status_code == 422
    assert "Deze stemming is gesloten. Het stemadvies kan niet meer veranderen." in answer.text
    assert "Te laat getypt" in block(answer.text, scene.open[0].title)
    assert "tegen" in block(answer.text, scene.open[0].title)
    with db.transaction(write=False):
        assert not db.session.scalars(select(IntendedVote)).all()


def test_a_question_that_goes_while_somebody_types_keeps_the_words_on_the_page(own: Browser, scene: Scene) -> None:
    """A motion is split or withdrawn meanwhile: nothing is saved, all that was typed is there, and then it can be."""
    begun, key, other = form(own), key_of(scene.draft), key_of(scene.open[0])
    with db.transaction():
        db.session.delete(db.session.get_one(Round, scene.draft.id))
    assert "Er was niets veranderd." in save(own, begun=begun), "nothing was typed there"
    typed = {f"choice-{key}": "against", f"reason-{key}": "Over het geheel", f"reason-{other}": "Ook dit"}
    answer = own.post(PAGE, {**begun.values, **typed})
    assert answer.status_code == 422
    assert "wordt intussen niet meer zo gesteld" in answer.text
    for words in ("Over het geheel", "Ook dit"):
        assert words in answer.text, words
    again = next(one for one in forms_of(answer, PAGE) if one.action == PAGE)
    assert "Eén stemadvies is bewaard." in save(own, begun=again)


def test_a_reason_that_is_too_long_is_refused_with_a_sentence_and_kept(own: Browser, scene: Scene) -> None:
    words = "lang " * 1_001
    page = save(own, **{f"reason__{key_of(scene.open[0])}": words})
    assert "Deze reden is te lang. Ten hoogste 5000 tekens." in page
    assert words.strip() in page


@pytest.mark.parametrize("forged", [{"choice": "misschien"}, {"revision": "9" * 40}, {"version": "x"}, {"seen": ""}])
def test_what_a_form_cannot_say_is_not_taken_from_it(own: Browser, scene: Scene, forged: dict[str, str]) -> None:
    key = key_of(scene.open[0])
    save(own, **{f"reason__{key}": "Goed", **{f"{name}__{key}": value for name, value in forged.items()}})
    with db.transaction(write=False):
        found = db.session.scalars(select(IntendedVote)).one()
    assert (found.choice, found.reason, found.version_id) == (None, "Goed", scene.open[0].version_id)


def change_text(scene: Scene) -> None:
    """A next version of the motion that is in draft, with its round made anew."""
    with db.transaction():
        proposal = db.session.get_one(Proposal, scene.draft.proposal_id)
        document = proposals.read_text(b"# M3 motie\n\nVerzoekt het bestuur iets anders te doen.\n")
        for one in proposals.import_text(proposal, document, None).sections:
            one.recognition = Recognition.SAME
        proposals.publish(proposal, None)
        prepare_again(proposal)


def test_advice_on_an_earlier_text_says_so_until_somebody_looked_again(own: Browser, scene: Scene) -> None:
    key = key_of(scene.draft)
    advise(scene, scene.official, {key: Choice.FOR})
    assert "De tekst is sindsdien gewijzigd." not in own.get(PAGE).text
    change_text(scene)
    page = own.get(PAGE).text
    assert page.count("De tekst is sindsdien gewijzigd.") == 1
    assert f"\n{WORDS}</textarea>" in page, "nothing is lost"
    assert "Er was niets veranderd." in save(own)
    assert "Eén stemadvies is bewaard." in save(own, **{f"still__{key}": "1"})
    assert "De tekst is sindsdien gewijzigd." not in own.get(PAGE).text
    assert "bij versie 2 van de tekst" in own.get(f"{PAGE}/geschiedenis/{key}").text


def test_a_question_that_is_no_longer_put_is_shown_apart(own: Browser, scene: Scene) -> None:
    key = key_of(scene.draft)
    advise(scene, scene.official, {key: Choice.FOR})
    with db.transaction():
        db.session.delete(db.session.get_one(Round, scene.draft.id))
    page = own.get(PAGE).text
    assert "Eerder voorbereid" in page
    assert WORDS in page.partition("Eerder voorbereid")[2]
    assert own.get(f"{PAGE}/geschiedenis/{key}").status_code == 200


# --- For whom


def test_the_pages_are_for_people_of_the_member_and_to_all_others_there_is_nothing(site: Site, scene: Scene) -> None:
    key = key_of(scene.open[0])
    advise(scene, scene.official, {key: Choice.FOR})
    before = snapshot("login_session", "audit_entry")
    for name, person in scene.everybody():
        browser = site.browser(person)
        expected = {"guest": 303, "own": 200, "official": 200}.get(name, 404)
        for path in (PAGE, f"{PAGE}/geschiedenis/{key}"):
            assert browser.get(path).status_code == expected, (name, path)
        if expected != 200:
            answer = browser.post(PAGE, {f"choice-{key}": "against", f"revision-{key}": "1"})
            assert answer.status_code == (401 if name == "guest" else 404), name
        for path in ("/vergaderingen/alv", "/gemeente/GM0001"):
            assert ("/stemadvies/alv" in browser.get(path).text.replace("GM0002", "")) is (
                name in {"own", "official"} or (name == "other" and path == "/vergaderingen/alv")
            ), (name, path)
    assert snapshot("login_session", "audit_entry") == before


def test_the_page_of_the_municipality_tells_its_own_people_how_far_it_is(site: Site, scene: Scene) -> None:
    advise(scene, scene.official, {key_of(one): Choice.FOR for one in scene.open[:2]})
    assert "voorbereid bij 2 van de 4 vragen" in site.browser(scene.official).get("/gemeente/GM0001").text
    assert "voorbereid bij 0 van de 4 vragen" in site.browser(scene.clerks[1]).get("/gemeente/GM0002").text
    for role in (Role.SECRETARIAT, Role.AUDITOR, Role.ADMINISTRATOR):
        page = site.browser(scene.staff[role]).get("/gemeente/GM0001")
        assert page.status_code == 200
        assert "voorbereid bij" not in page.text


def test_after_publication_it_stays_readable_for_the_municipality(own: Browser, scene: Scene) -> None:
    advise(scene, scene.official, {key_of(one): Choice.ABSTAIN for one in scene.open})
    for one in scene.open:
        count(one, publish=True)
    page = own.get(PAGE).text
    assert page.count(WORDS) == len(scene.open)
    assert "onthouding" in block(page, scene.open[0].title)
    assert "Bewaar het stemadvies" in page, "the draft may still be prepared"
