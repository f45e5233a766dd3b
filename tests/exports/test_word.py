"""Word documents: what changed can be accepted and rejected, and a text comes back as it was."""

import io
import re
import zipfile
from dataclasses import replace
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.exports.making import AT, HOSTILE, PLACE, RICH, amendment, application, text
from vng_alv.domain.sections import SectionText
from vng_alv.exports.trees import tidy
from vng_alv.exports.word import Paper
from vng_alv.exports.word_papers import amendment_in_word, compared_in_word, text_in_word
from vng_alv.proposals.reading import read

INS, DEL, P = qn("w:ins"), qn("w:del"), qn("w:p")


def body_of(file: bytes) -> Any:
    return docx.Document(io.BytesIO(file)).element.body


def resolved(paragraphs: list[Any], *, accept: bool) -> str:
    """The text of these paragraphs once all changes are accepted, or rejected, as Word does it."""
    gone = DEL if accept else INS
    said = ""
    for number, paragraph in enumerate(paragraphs, 1):
        for run in paragraph.iter(qn("w:t"), qn("w:delText")):
            if not any(parent.tag == gone for parent in run.iterancestors()):
                said += run.text or ""
        mark = paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}/{gone}")
        if number < len(paragraphs) and mark is None:
            said += "\n"
    return said


_WORDS = st.lists(
    st.sampled_from(["wonen", "water", " ", "\n", "\n\n", ".", "- ", "één", "**", "<b>", "x"]), max_size=25
)


@given(_WORDS.map("".join), _WORDS.map("".join))
@settings(max_examples=80, deadline=None)
@example("a\n\nb", "")
@example("", "a\nb\n")
@example(HOSTILE, HOSTILE + "\n")
def test_accepting_gives_the_new_text_and_rejecting_the_old_one(old: str, new: str) -> None:
    paper = Paper("T", "V")
    paper.change(old, new, "Utrecht", AT)
    paragraphs = list(body_of(paper.bytes()).iter(P))
    assert resolved(paragraphs, accept=True) == tidy(new)
    assert resolved(paragraphs, accept=False) == tidy(old)


def sections_in(body: Any) -> dict[str, list[Any]]:
    """The paragraphs under each heading."""
    found: dict[str, list[Any]] = {}
    current: list[Any] = []
    for paragraph in body.iter(P):
        style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        if style is not None and style.get(qn("w:val")).startswith("Heading"):
            current = found.setdefault("".join(t.text for t in paragraph.iter(qn("w:t"))), [])
        else:
            current.append(paragraph)
    return found


def test_an_amendment_is_changes_by_its_municipality() -> None:
    with application().test_request_context():
        body = body_of(amendment_in_word(PLACE, amendment()))
    found = sections_in(body)
    assert resolved(found["A1 Wonen"], accept=True) == "Wonen\n\nWij bouwen meer."
    assert resolved(found["A1 Wonen"], accept=False) == "Wonen\n\nWij bouwen."
    assert resolved(found["A2 Water"][1:], accept=True) == ""
    assert resolved(found["A2 Water"][1:], accept=False) == "Water\n\nWij houden droge voeten."
    assert resolved(found["Nieuw onderdeel na A2"], accept=True) == "Energie\n\n- zon\n- wind"
    assert resolved(found["Nieuw onderdeel na A2"], accept=False) == ""
    assert {"Toelichting", "Advies van het bestuur: ontraden"} <= set(found)
    changes = list(body.iter(INS, DEL))
    assert {one.get(qn("w:author")) for one in changes} == {"Utrecht"}
    assert {one.get(qn("w:date")) for one in changes} == {"2026-06-03T11:00:00Z"}
    assert len({one.get(qn("w:id")) for one in changes}) == len(changes)


def test_two_versions_are_compared_section_by_section() -> None:
    old = text()
    sections = (
        replace(old.sections[0], body="Wij slopen."),
        SectionText("A2", "Energie", "Zon.", "Deel A"),
    )
    new = replace(old, version=3, title="Nieuw besluit", sections=sections)
    with application().test_request_context():
        found = sections_in(body_of(compared_in_word(PLACE, old, new, [(0, 0), (1, None), (None, 1)])))
    assert list(found)[-4:] == ["Titel en inleiding", "A1. Wonen", "A2. Water (vervallen)", "A2. Energie (nieuw)"]
    assert resolved(found["Titel en inleiding"], accept=True) == "Nieuw besluit\n\nWij besluiten."
    assert resolved(found["A1. Wonen"], accept=True).endswith("A1. Wonen\n\nWij slopen.")
    assert resolved(found["A2. Water (vervallen)"], accept=True) == ""
    assert resolved(found["A2. Energie (nieuw)"], accept=False) == ""


def _said(words: str) -> list[str]:
    return re.findall(r"\w+", words)


@pytest.mark.parametrize("group", ["Deel A", ""])
def test_a_text_is_read_in_again_as_it_was(group: str) -> None:
    body = RICH if group else RICH.replace("#### Een diepe kop", "Geen diepe kop")
    given = text(body=body)
    first, second = (replace(s, group=group, lead="") for s in given.sections)
    given = replace(given, sections=(replace(first, lead="Vooraf." if group else ""), second))
    with application().test_request_context():
        found = read(text_in_word(PLACE, given), "r1.docx")
    assert found.title == given.title
    assert found.preamble == given.preamble
    assert [(s.number, s.heading, s.group) for s in found.sections] == [
        (s.number, s.heading, s.group) for s in given.sections
    ]
    for was, now in zip(given.sections, found.sections, strict=True):
        assert _said(now.body) == _said(was.body)
    body = found.sections[0].body
    assert "| Gaasterlân | [bron](https://example.org/bron) |" in body
    assert "- twee\n  1. sub een\n  2. sub twee" in body
    assert "**meer**" in body
    assert "*bouwen*" in body


def test_each_numbered_list_has_its_own_count() -> None:
    paper = Paper("T", "V")
    paper.markdown("1. een\n2. twee\n\ntussen\n\n1. weer een\n\nen\n\n7. zeven\n8. acht", 0)
    found = read(paper.bytes(), "t.docx").preamble
    assert re.findall(r"(\d+)[.)] (\w+)", found) == [
        ("1", "een"), ("2", "twee"), ("1", "weer"), ("7", "zeven"), ("8", "acht"),
    ]  # fmt: skip


def test_the_document_says_what_it_is_and_points_nowhere() -> None:
    with application().test_request_context():
        file = text_in_word(replace(PLACE, example=True), text(body=f"{HOSTILE} [x](javascript:alert(1)) \x0b\x01"))
    about = docx.Document(io.BytesIO(file))
    assert about.core_properties.title == "Besluit R1"
    assert about.core_properties.author == PLACE.association
    assert "VOORBEELD" in about.sections[0].header.paragraphs[0].text
    assert "ab" * 32 in about.sections[0].footer.paragraphs[0].text
    with zipfile.ZipFile(io.BytesIO(file)) as pack:
        assert b"javascript" not in pack.read("word/_rels/document.xml.rels")
        assert b'w:val="nl-NL"' in pack.read("word/styles.xml")
