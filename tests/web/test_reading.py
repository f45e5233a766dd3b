"""Reading a text: line numbers, what stands beside it, one section with its trace, versions compared, searching."""

import re
import uuid
from datetime import timedelta
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from tests import factories
from tests.web.inline import inline_parts
from tests.web.site import Browser, Scene, Site, amend
from tests.web.test_consultation import NASTY, over
from tests.web.test_queries import counting
from vng_alv import db
from vng_alv.amendments.models import Amendment, AmendmentSection, SectionSource
from vng_alv.consultation import service as consultation
from vng_alv.consultation.models import Comment, CommentTheme, Consultation, Position, Theme
from vng_alv.domain.answering import Outcome
from vng_alv.domain.lines import lines
from vng_alv.domain.permissions import Role
from vng_alv.domain.searching import find, wanted
from vng_alv.domain.submissions import SubmissionKind, SubmissionState
from vng_alv.proposals import service as proposals
from vng_alv.proposals.markdown import to_html
from vng_alv.proposals.models import Proposal
from vng_alv.proposals.queries import published, sections_of
from vng_alv.results.marking import marked, numbered
from vng_alv.submissions.models import Submission

ALV = "/vergaderingen/alv/stukken/"
R1, R2 = ALV + "R1", ALV + "R2"
SECOND = """# Een besluit

Wij besluiten dit nu samen.

## Deel A

### A1. Water

Wij houden droge voeten.

### A2. Wonen

Wij bouwen veel meer.

## Deel B

### B1. Lucht

Wij ademen schone lucht.
"""
MARKDOWN = st.lists(
    st.sampled_from(["woord ", "een **vet** ", "[link hier](http://a.nl) ", "`code` ", "\n\n", "\n- ", "\n1. ", "\\\n",
                     "&amp; ", "<b> ", "\n\n|a|b|\n|-|-|\n|c d|e|\n\n", "\n\n```\nx  y\n\nz\n```\n\n", "> ",
                     "\n\n---\n\n", "*", "**", "![plaat](x.png)", "véél ", "y" * 90 + " "]),
    max_size=40,
).map("".join)  # fmt: skip
TAG = re.compile(r"<[^>]*>")


def publish(code: str, text: str) -> Proposal:
    """A new version of a text of the scene."""
    with db.transaction():
        found = db.session.scalars(select(Proposal).where(Proposal.code == code)).one()
        proposals.import_text(found, proposals.read_text(text.encode()), None)
        db.session.expire(found)
        proposals.publish(found, None)
        return found


# --- Line numbers


@given(MARKDOWN, st.integers(1, 999))
def test_numbers_change_no_character_and_are_continuous(text: str, first: int) -> None:
    html = to_html(text)
    shown, number = numbered(html, first)
    marks = re.compile(r'<span class="alv-line[^>]*></span>')
    assert marks.sub("", shown) == html
    assert [int(n) for n in re.findall(r'id="r(\d+)"', shown)] == list(range(first, first + number))


@given(MARKDOWN)
def test_a_paragraph_has_the_lines_that_its_words_have(text: str) -> None:
    html = to_html(" ".join(text.split()).replace("|", "").replace("`", ""))
    if html.count("<p>") == 1 and html.startswith("<p>") and html.endswith("</p>\n"):
        shown, number = numbered(html, 1)
        words = unescape(TAG.sub("", html.replace("<br>", "\n")))
        assert number == len(lines(words.strip("\n")))
        pieces = re.split(r'<span class="alv-line[^>]*></span>', shown)[1:]
        assert [" ".join(unescape(TAG.sub("", one)).split()) for one in pieces] == lines(words)


@given(MARKDOWN, st.sampled_from(["woord", "vet link", "veel", "een vet link hier code", "&", "<b>", "x y"]))
def test_marks_change_no_character_and_stand_around_what_was_asked(text: str, typed: str) -> None:
    html, _ = numbered(to_html(text), 1)
    shown, hits = marked(html, wanted(typed), 1)
    assert re.sub(r"</?mark[^>]*>", "", shown) == html
    assert shown.count('id="z') == hits
    assert not re.search(r"<mark[^>]*>[^<]*<(?!/mark)", shown)  # no tag within a mark
    if not hits:
        assert not any(find(part, wanted(typed)) for part in map(unescape, TAG.split(to_html(text))))


def test_rows_of_a_table_are_lines_and_a_mark_stands_in_a_cell() -> None:
    shown, number = numbered(to_html(f"|a|b|\n|-|-|\n|{'lang ' * 40}|c|"), 1)
    assert number == 2
    assert '<td><span class="alv-line" id="r2" data-r="2" aria-hidden="true"></span>lang' in shown


def test_lines_are_numbered_through_the_text_and_may_be_hidden(site: Site, scene: Scene) -> None:
    shown = site.browser().get(R1).text
    assert re.findall(r'id="r(\d+)"', shown) == ["1", "2", "3"]
    assert 'id="r3" data-r="3" aria-hidden="true"></span>Wij houden droge voeten.' in shown
    assert 'id="r3" data-r="3"' in site.browser().get(R1 + "/onderdelen/A2").text
    plain = site.browser().get(R1 + "?regels=uit").text
    assert not re.findall(r'id="r\d+"', plain)
    assert "Toon de regelnummers" in plain
    assert 'href="#o-A2"' in shown
    assert 'id="o-A2"' in shown


# --- Searching


def test_words_are_marked_counted_and_led_to(site: Site, scene: Scene) -> None:
    shown = site.browser().get(R1 + "?zoek=WÍJ").text
    assert "“WÍJ” staat 3 keer in deze tekst." in shown
    assert re.findall(r'<mark class="alv-hit" id="(z\d)">Wij</mark>', shown) == ["z1", "z2", "z3"]
    assert re.search(r'href="#z2">A1 <span lang="nl">Wonen</span></a> <span class="alv-quiet">1</span>', shown)
    assert 'href="#z1">vorige</a>' in shown
    assert '<mark class="alv-hit" id="z1">Deel A</mark>' in site.browser().get(R1 + "?zoek=deel+a").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("x", "ten minste twee"), (" ", "Zoek in deze tekst"), ("zebra", "staat niet in deze tekst"),
        ("%22%3E%3Cscript%3E", "staat niet in deze tekst"),
        ("%CC%81%CC%81", "ten minste twee"), ("(%5B*", "staat niet in deze tekst"), ("wij" * 900, "niet in deze tekst"),
        ("%ff%fe", "Zoek in deze tekst"), ("%F0%9F%91%A9", "ten minste twee"),
    ],
)  # fmt: skip
def test_odd_things_to_look_for_are_answered(site: Site, scene: Scene, typed: str, said: str) -> None:
    answer = site.browser().get(f"{R1}?zoek={typed}")
    assert answer.status_code == 200
    assert said in answer.text
    assert "<script>" not in answer.text
    assert not inline_parts(answer)


def test_a_word_that_is_everywhere_is_marked_up_to_a_limit(site: Site, scene: Scene) -> None:
    publish("R1", "# Een besluit\n\n" + "".join(f"## {n}. Kop\n\n{'woord ' * 40}\n\n" for n in range(1, 40)))
    shown = site.browser().get(R1 + "?zoek=woord").text
    assert "staat hier heel vaak" in shown
    assert 1_000 <= shown.count('id="z') < 1_100


# --- Beside the text, and one section


def test_what_is_in_preparation_or_was_never_there_is_not_found(site: Site, scene: Scene) -> None:
    with db.transaction():
        found = db.session.scalars(select(Proposal).where(Proposal.code == "R1")).one()
        proposals.import_text(found, proposals.read_text(SECOND.encode()), None)
    for person in (None, scene.clerks[0], scene.staff[Role.SECRETARIAT]):
        browser = site.browser(person)
        for path in (f"{ALV}V1/onderdelen/geheel", f"{ALV}V1/vergelijk", f"{R1}?versie=2", f"{R1}/onderdelen/B1",
                     f"{R1}/onderdelen/A1?versie=2", f"{R1}/vergelijk?van=1&naar=2", f"{R1}/vergelijk?van=0",
                     f"{R1}/onderdelen/Z9", f"{ALV}X/onderdelen/A1", f"{R1}/onderdelen/%00"):  # fmt: skip
            assert browser.get(path).status_code == 404, path
        assert "schone lucht" not in browser.get(R1 + "/vergelijk").text
    for path in (f"{R1}/vergelijk?van=x&naar=y", f"{R1}/onderdelen/A1?bladzijde=999999999999"):
        assert site.browser().get(path).status_code == 200, path


def test_before_the_consultation_is_over_only_ones_own_reactions_are_there(site: Site, scene: Scene) -> None:
    early = {Role.RAPPORTEUR, Role.SECRETARIAT, Role.AUDITOR, Role.ADMINISTRATOR}
    for name, person in scene.everybody():
        browser = site.browser(person)
        one, whole = browser.get(R2 + "/onderdelen/A1").text, browser.get(R2).text
        assert ("Vroege reactie van GM0002" in one) is (name in early | {"other"}), name
        assert ("1 reactie" in whole) is (name in early), name
        assert ("alv-standbar--" in one) is (name in early), name
        assert "Geheim concept" not in one + whole, name
    over(scene)
    assert "Vroege reactie van GM0002" in site.browser().get(R2 + "/onderdelen/A1").text
    assert "1 reactie" in site.browser().get(R2).text


def test_a_new_version_says_that_reactions_are_about_another_text(site: Site, scene: Scene) -> None:
    said = "Gegeven op versie 1; de tekst is sindsdien gewijzigd."
    assert said not in site.browser().get(R1).text
    publish("R1", SECOND)
    shown = site.browser().get(R1).text
    assert said in shown
    assert "/stukken/R1/vergelijk?van=1&amp;naar=2#o-A2" in shown
    assert said in site.browser().get(R1 + "/onderdelen/A2").text
    assert said not in site.browser().get(R1 + "?versie=1").text
    publish("R1", "# Een besluit\n\n## 1. Heel iets anders\n\nGeen woord hetzelfde gebleven hier.\n")
    shown = site.browser().get(R1).text
    assert "Reacties op vervallen onderdelen" in shown
    assert "/stukken/R1/onderdelen/A1?versie=1" in shown
    assert "Dank u." in site.browser().get(R1 + "/onderdelen/A1?versie=1").text


def test_a_section_leads_back_to_what_shaped_it(site: Site, scene: Scene) -> None:
    over(scene)
    with db.transaction():
        running = db.session.scalars(select(Consultation).where(Consultation.id == scene_consultation("R2"))).one()
        comment = db.session.scalars(
            select(Comment).where(Comment.consultation_id == running.id, Comment.sent_at.is_not(None))
        ).one()
        person_id, now = scene.staff[Role.SECRETARIAT].id, db.now()
        theme = Theme(id=uuid.uuid4(), consultation_id=running.id, title="Geld <b>", position=1, answer="Ja.",
                      outcome=Outcome.ADOPTED, answered_at=now, person_id=person_id, saved_at=now)  # fmt: skip
        db.session.add(theme)
        db.session.flush()
        db.session.add(CommentTheme(comment_id=comment.id, theme_id=theme.id, person_id=person_id, at=now))
    changed = publish("R2", SECOND)
    with db.transaction():
        version = published(db.session.get_one(Proposal, changed.id))
        assert version is not None
        one = next(s for s in sections_of(version.id) if s.heading == "Wonen")
        db.session.add(SectionSource(version_id=version.id, section_id=one.section_id,
                                     amendment_id=scene.address["submission_id"]))  # fmt: skip
    shown = site.browser().get(R2 + "/onderdelen/A2").text
    for words in ("Hoe deze tekst ontstond", "Het was onderdeel A1.", "In de tekst verwerkt:", "AM1 van Gemeente 1",
                  "van=1&amp;naar=2#o-A2", "reageerde een gemeente op dit onderdeel", "Geld &lt;b&gt;", "verwerkt",
                  "Vroege reactie van GM0002", "Wij bouwen", "<ins>"):  # fmt: skip
        assert words in shown, words
    assert "Dit onderdeel kwam erin als B1." in site.browser().get(R2 + "/onderdelen/B1").text


def scene_consultation(code: str) -> uuid.UUID:
    """The key of the consultation on a text."""
    return db.session.scalars(
        select(Consultation.id).join(Consultation.proposal).where(Proposal.code == code)
    ).one()  # fmt: skip


def test_drafts_of_amendments_are_nowhere(site: Site, scene: Scene) -> None:
    with db.transaction():
        found = db.session.scalars(select(Proposal).where(Proposal.code == "R2")).one()
        amend(found, db.session.merge(scene.members[1]), scene.clerks[1], submit=False, title="Stil plan", body="Stil.")
    for person in (None, scene.clerks[0], scene.clerks[1], scene.staff[Role.SECRETARIAT]):
        for path in (R2, R2 + "/onderdelen/A1"):
            shown = site.browser(person).get(path).text
            assert "Stil" not in shown
            assert "Meer bouwen" in shown or "1 amendement<" in shown


# --- Two versions


def test_two_versions_are_compared_section_by_section(site: Site, scene: Scene) -> None:
    publish("R1", SECOND)
    shown = site.browser().get(R1 + "/vergelijk").text
    assert "2 onderdelen gewijzigd, 1 nieuw, 0 vervallen, 0 hetzelfde" in shown
    assert "Verplaatst." in shown
    assert "Was onderdeel A1, is nu A2." in shown
    assert "Nieuw onderdeel." in shown
    assert re.search(r"<ins>.*veel meer", shown)
    back = site.browser().get(R1 + "/vergelijk?van=2&naar=1").text
    assert "Vervallen; het was onderdeel B1." in back
    assert re.search(r"<del>.*veel meer", back)
    assert "Kies twee verschillende versies." in site.browser().get(R1 + "/vergelijk?van=2&naar=2").text
    assert "Er is nog maar een versie." in site.browser().get(R2 + "/vergelijk").text


def test_no_text_becomes_more_than_words_on_any_of_these_pages(site: Site, scene: Scene) -> None:
    nasty = "\n\n".join(NASTY)
    publish(
        "R1", f"# <b>Titel</b>\n\n{nasty}\n\n## 1. <img src=x onerror=alert(1)>\n\n{nasty}\n\n## 2. Rest\n\nRust.\n"
    )
    for path in ("", "?zoek=script", "?zoek=%3Csvg", "/onderdelen/1", "/vergelijk", "?regels=uit"):
        answer = site.browser().get(R1 + path)
        assert answer.status_code == 200, path
        assert not inline_parts(answer), path
        assert not re.search(r"<script>alert|<img|<svg/|<iframe|<style", answer.text), path


# --- Numbers


def fill(code: str, sections: int, members: int, amendments: int) -> None:
    """A text in two versions with so many sections, a reaction of so many members on five of them, and so many
    amendments."""
    now = db.now()
    at = factories.meeting(code)
    words = "Gemeenten en Rijk maken afspraken over geld, taken en tempo. " * 6
    text = "# Groot\n\n" + "".join(f"## {n}. Kop {n}\n\n{words}\n\n- een {n}\n\n" for n in range(1, sections + 1))
    made = factories.proposal(at, text)
    version = published(made)
    assert version is not None
    keys = [section.section_id for section in sections_of(version.id)]
    running = consultation.open_consultation(made, now + timedelta(hours=1), None)
    joined = [factories.member(members * 10 + n) for n in range(members)]
    writer = factories.person(f"schrijver-{code}").id
    said = [
        {"id": uuid.uuid4(), "consultation_id": running.id, "member_id": m.id,
         "section_id": keys[(i * 5 + k) % sections], "body": words, "position": Position.AGREE, "revision": 1,
         "author_id": writer, "saved_at": now, "sent_body": words,
         "sent_position": list(Position)[k % 3], "sent_at": now}
        for i, m in enumerate(joined) for k in range(5)
    ]  # fmt: skip
    db.session.execute(insert(Comment), said)
    brought = [uuid.uuid4() for _ in range(amendments)]
    db.session.execute(insert(Submission), [
        {"id": key, "meeting_id": at.id, "kind": SubmissionKind.AMENDMENT, "member_id": joined[n % members].id,
         "number": n + 1, "title": f"Amendement {n}", "reason": "", "state": SubmissionState.SUBMITTED, "revision": 1,
         "author_id": writer, "created_at": now, "saved_at": now, "submitted_at": now, "late_reason": "",
         "closing_note": ""}
        for n, key in enumerate(brought)
    ])  # fmt: skip
    db.session.execute(insert(Amendment), [
        {"submission_id": key, "proposal_id": made.id, "version_id": version.id, "misfits": []} for key in brought
    ])  # fmt: skip
    db.session.execute(insert(AmendmentSection), [
        {"amendment_id": key, "section_id": keys[n % sections], "heading": f"Kop {n % sections + 1}",
         "body": "Anders.", "removed": False}
        for n, key in enumerate(brought)
    ])  # fmt: skip
    running.opened_at, running.closes_at = now - timedelta(hours=2), now - timedelta(hours=1)
    proposals.import_text(made, proposals.read_text(text.replace("tempo", "rust").encode()), None)
    db.session.expire(made)
    proposals.publish(made, None)


def statements(browser: Browser, path: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of the database for a page, the second time."""
    assert browser.get(path).status_code == 200
    with counting(monkeypatch) as sent:
        assert browser.get(path).status_code == 200
    return sent


def test_pages_take_as_many_statements_for_a_large_text_as_for_a_small_one(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction():
        factories.association()
        secretariat = factories.person("secretariaat", roles=[Role.SECRETARIAT]).id
        fill("klein", 5, 5, 5)
        fill("groot", 200, 200, 100)
    sent: dict[str, list[int]] = {"klein": [], "groot": []}
    for code, found in sent.items():
        text = f"/vergaderingen/{code}/stukken/R1"
        for path in ("", "?versie=1", "?zoek=afspraken", "/onderdelen/1", "/onderdelen/geheel", "/vergelijk"):
            for who in (None, secretariat):
                asked = statements(site.browser(who), text + path, monkeypatch)
                found.append(len(asked))
                counts_only = not path.startswith("/onderdelen")
                assert not (counts_only and any("sent_body" in one for one in asked)), path
    assert sent["klein"] == sent["groot"]
    assert max(sent["groot"]) <= 35
