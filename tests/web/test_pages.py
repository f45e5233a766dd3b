"""Dutch texts on English pages; outcomes and standings that are not made anew for everybody who comes."""

import re
import uuid
from html.parser import HTMLParser

import pytest
from werkzeug.test import TestResponse

from tests.web.site import Browser, Scene, Site, vote
from tests.web.test_queries import counting
from vng_alv import db
from vng_alv.results import standings
from vng_alv.voting import service as rounds
from vng_alv.voting.models import Round

STAND = "/vergaderingen/alv/stand.json"
EMPTY = {"meta", "link", "input", "br", "hr", "img"}


class Spoken(HTMLParser):
    """The texts of a page, each with the language that assistive technology reads it in."""

    def __init__(self, answer: TestResponse) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = [("", "")]
        self.texts: list[tuple[str, str]] = []
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in EMPTY:
            self.open.append((tag, dict(attrs).get("lang") or self.open[-1][1]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """It holds no text."""

    def handle_endtag(self, tag: str) -> None:
        while self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tag, language = self.open[-1]
        if data.strip() and tag != "title":
            self.texts.append((language, " ".join(data.split())))


#: Of the texts in the scene.
DUTCH = re.compile("Een besluit|Wij besluiten dit samen|Deel A|Wonen|Water|Wij bouwen|Wij houden|Overnemen|M1 motie")


def english(site: Site, scene: Scene) -> Browser:
    browser = site.browser(scene.clerks[0])
    browser.client.set_cookie("alv-locale", "en")
    return browser


@pytest.mark.parametrize(
    ("path", "words", "chrome"),
    [
        ("/", "M1 motie", "Latest decisions"),
        ("/vergaderingen/alv", "Een besluit", "Agenda"),
        ("/vergaderingen/alv/stukken/R1", "Wij houden droge voeten.", "The board's advice"),
        ("/vergaderingen/alv/stukken/R2/reageren", "Wij bouwen.", "The whole text"),
        ("/vergaderingen/alv/uitslagen", "M1 motie", "Announced results"),
        ("/vergaderingen/alv/uitslagen/1", "M1 motie", "By municipality"),
        ("/stemmen/alv", "Wij bouwen.", "Your vote"),
        ("REVIEW", "Een besluit", "Review your votes"),
        ("RECEIPT", "Een besluit", "Receipt"),
    ],
)
def test_dutch_texts_on_an_english_page_are_read_as_dutch(
    site: Site, scene: Scene, path: str, words: str, chrome: str
) -> None:
    browser = english(site, scene)
    if path == "REVIEW":
        answer = browser.submit("/stemmen/alv", action="/controle", preset="for")
    else:
        answer = browser.get(path.replace("RECEIPT", f"/stembewijs/{scene.receipts[0]}"))
    assert answer.status_code == 200
    spoken = Spoken(answer).texts
    dutch = [text for language, text in spoken if language == "nl"]
    others = [text for language, text in spoken if language != "nl"]
    assert not [text for text in others if DUTCH.search(text)]
    assert any(words in text for text in dutch)
    assert any(chrome in text for text in others)


def test_titles_of_rounds_in_preparation_stay_unknown_to_a_receipt(site: Site, scene: Scene) -> None:
    browser = site.browser(scene.clerks[0])
    receipt = f"/stembewijs/{scene.receipts[0]}"
    assert "is niet vastgelegd" in browser.get(f"{receipt}?gemist={scene.published.id}").text
    drafts = browser.get(f"{receipt}?gemist={scene.draft.id},{uuid.uuid4()}")
    assert drafts.status_code == 200
    assert "niet vastgelegd" not in drafts.text
    assert f"{scene.draft.number}. {scene.draft.title}" not in drafts.text


def test_a_pronounced_outcome_is_drawn_once_for_each_language(
    site: Site, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/vergaderingen/alv/uitslagen/{scene.published.number}"
    guest = site.browser()
    with counting(monkeypatch) as drawing:
        first = guest.get(path).text
    with counting(monkeypatch) as kept:
        assert site.browser().get(path).text.count("Gemeente 1") == first.count("Gemeente 1") > 0
    assert len(kept) < len(drawing)
    assert not any("population" in statement for statement in kept)
    assert "Zo is het gerekend" not in english(site, scene).get(path).text
    with db.transaction():
        rounds.annul(db.session.get_one(Round, scene.published.id), "De zaal stemde dubbel.", None)
    void = guest.get(path).text
    assert "De zaal stemde dubbel." in void
    assert "Zo is het gerekend" in void


def test_who_asks_how_it_stands_again_and_again_costs_the_database_one_look(
    site: Site, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standings, "KEEP", 60)
    first = site.browser().get(STAND)
    vote(scene, 2, {r.id: "for" for r in scene.open})
    with counting(monkeypatch) as sent:
        again = [site.browser(who).get(STAND) for who in (None, scene.clerks[0])]
    assert [answer.text for answer in again] == [first.text] * 2
    assert not [statement for statement in sent if "ballot" in statement or "round" in statement]
    monkeypatch.setattr(standings, "KEEP", 0)
    assert site.browser().get(STAND).text != first.text


def test_a_stand_that_is_as_it_was_is_not_sent_again(site: Site, scene: Scene) -> None:
    guest = site.browser()
    first = guest.get(STAND)
    assert first.headers["Cache-Control"] == "public, max-age=1"
    same = guest.get(STAND, headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    vote(scene, 2, {r.id: "for" for r in scene.open})
    other = guest.get(STAND, headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200
    assert other.headers["ETag"] != first.headers["ETag"]


def test_nothing_is_remembered_of_a_meeting_that_is_not_there(site: Site, scene: Scene) -> None:
    for _ in range(2):
        assert site.browser().get("/vergaderingen/geen/stand.json").status_code == 404
    kept = site.app.extensions["alv_standings"]
    site.browser().get(STAND)
    assert set(kept._kept) == {"alv"}
