"""PDFs: what a screen reader and an archive need, whatever people wrote, and what is told when it fails."""

import io
import re
from dataclasses import replace
from typing import Any

import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf.generic import ContentStream, NameObject

from tests.exports.making import AT, HOSTILE, PLACE, RICH, amendment, application, meeting, motion, text
from vng_alv.exports import papers, pdf
from vng_alv.exports.trees import plain, tree


def made(template: str, data: dict[str, Any]) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf.make(template, data)))


def spoken(page: pypdf.PageObject) -> str:
    """The words of a page without what is an artifact: a screen reader does not say that."""
    content = ContentStream(page["/Contents"].get_object(), page.pdf, "bytes")
    within: list[bool] = []
    kept = []
    for operands, operator in content.operations:
        within += [operands[0] == "/Artifact"] if operator in (b"BMC", b"BDC") else []
        kept += [] if any(within) else [(operands, operator)]
        del within[len(within) - (operator == b"EMC") :]
    alone = pypdf.PdfWriter().add_page(page)
    content.operations = kept
    alone[NameObject("/Contents")] = content
    return alone.extract_text()


def words_of(reader: pypdf.PdfReader) -> str:
    """The words of all pages, with words that were broken off joined and without the numbers of lines."""
    found = "\n".join(spoken(page) for page in reader.pages)
    return re.sub(r"\s+", " ", re.sub(r"[-\u2010\u00ad]\n", "", found))


def outline(reader: pypdf.PdfReader) -> list[str]:
    """The titles of all bookmarks, in order."""

    def flat(found: Any) -> list[str]:
        return [t for one in found for t in (flat(one) if isinstance(one, list) else [str(one.title)])]

    return flat(reader.outline)


def tags(reader: pypdf.PdfReader) -> set[str]:
    """Every kind of element in the structure of a document."""
    found, waiting = set(), [reader.root_object["/StructTreeRoot"]]
    while waiting:
        one = waiting.pop().get_object()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            found.add(str(one.get("/S")))
            waiting += [one["/K"]] if "/K" in one else []
    return found


@pytest.fixture(scope="module")
def whole() -> pypdf.PdfReader:
    with application().test_request_context():
        return made("set", papers.set_paper(meeting(), AT))


def test_a_screen_reader_finds_what_it_needs(whole: pypdf.PdfReader) -> None:
    root = whole.root_object
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].startswith("nl")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert whole.metadata is not None
    assert (whole.metadata.title, whole.metadata.author) == ("Vergaderset ALV zomer", PLACE.association)
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/L", "/LI", "/Link", "/BlockQuote"} <= tags(whole)


def test_it_says_that_it_is_for_the_archive_and_for_everybody(whole: pypdf.PdfReader) -> None:
    told = whole.root_object["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfaid:part>2<", told)
    assert re.search(r"pdfaid:conformance>A<", told)
    assert re.search(r"pdfuaid:part>1<", told)


def test_the_set_has_everything_in_its_place(whole: pypdf.PdfReader) -> None:
    found = outline(whole)
    order = ["Agenda", "1. Opening en besluiten", "Resolutie R1: Besluit R1", "Amendementen op R1",
             "Amendement A1: Meer huizen", "Andere stukken", "Resolutie R2: Besluit R2", "Moties",
             "Motie M1: Meer huizen"]  # fmt: skip
    assert [title for title in found if title in order] == order
    said = words_of(whole)
    for words in ("Fryslân", "“samen”", "’s-Hertogenbosch", "€ 1.500", "coöperatie", "Dit onderdeel wordt geschrapt.",
                  "[erbij: meer]", "[weg: Water", "Advies van het bestuur: ontraden", "Utrecht, met Zeist",
                  "ab" * 32, "te handelen;", "Een diepe kop"):  # fmt: skip
        assert words.replace("-", "") in re.sub("[-\u00ad]", "", said), words  # a line may end after a hyphen
    addresses = {
        str(note.get_object()["/A"].get("/URI"))
        for page in whole.pages
        for note in page.get("/Annots", [])
        if "/A" in note.get_object()
    }
    assert "https://example.org/bron" in addresses


@pytest.mark.parametrize("is_example", [True, False])
def test_an_example_says_so_on_its_pages(is_example: bool) -> None:
    with application().test_request_context():
        reader = made("text", papers.text_paper(replace(PLACE, example=is_example), text()))
    assert all(("VOORBEELD" in page.extract_text()) is is_example for page in reader.pages)


def test_the_frame_speaks_the_language_of_the_reader() -> None:
    with application("en").test_request_context():
        reader = made("amendments", papers.amendments_paper(PLACE, text(), [amendment()]))
    assert reader.root_object["/Lang"].startswith("en")
    assert "Utrecht, with Zeist" in words_of(reader)


@pytest.mark.parametrize("place", ["body", "title", "redline", "reason"])
def test_what_people_write_is_never_code(place: str) -> None:
    change = amendment(old=HOSTILE, new=f"{HOSTILE} en {HOSTILE}")
    about = replace(change.about, reason=HOSTILE if place == "reason" else "", title=HOSTILE)
    with application().test_request_context():
        if place in ("body", "title"):
            shown = replace(text(body=HOSTILE), title=HOSTILE if place == "title" else "T")
            reader = made("text", papers.text_paper(replace(PLACE, title=HOSTILE), shown))
        else:
            reader = made("amendments", papers.amendments_paper(PLACE, text(), [replace(change, about=about)]))
    said = words_of(reader)
    assert '#read("/etc/passwd")' in said.replace(" ", "")
    assert "root:" not in said


_WRITTEN = st.text(st.characters(codec="utf-8"), max_size=200)


@given(one=_WRITTEN, other=_WRITTEN)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_typed_a_pdf_comes(one: str, other: str) -> None:
    change = amendment(old=one, new=other)
    with application().test_request_context():
        paper = papers.amendments_paper(PLACE, replace(text(), title=other), [change])
        assert pdf.make("amendments", paper).startswith(b"%PDF")
        assert pdf.make("text", papers.text_paper(PLACE, text(body=f"{one}\n\n{other}"))).startswith(b"%PDF")


def test_every_character_that_is_let_through_has_a_font() -> None:
    known = "".join(c for c in map(chr, range(0x20, 0xFFFF)) if not pdf._ABSENT.match(c))
    assert len(known) > 2500
    body = "".join(f"\\{c}" if c.isascii() and not c.isalnum() and c != " " else c for c in known)
    with application().test_request_context():
        for words in (body, f"**{body}**", f"*{body}*"):
            assert pdf.make("text", papers.text_paper(PLACE, text(body=words)))


def test_a_character_without_a_font_gets_a_sign() -> None:
    with application().test_request_context():
        said = words_of(made("motion", papers.motion_paper(PLACE, replace(motion(), text=text(body="Zo \u4e2d zo.")))))
    assert "Zo ▯ zo." in said


def test_deep_lists_and_quotes_end_well() -> None:
    deep = "\n".join("  " * n + "- " + "> " * (n % 3) + f"laag {n}" for n in range(60)) + "\n\n" + ">" * 200 + " diep"
    with application().test_request_context():
        assert pdf.make("text", papers.text_paper(PLACE, text(body=deep)))


def test_headings_begin_at_one_and_skip_no_level() -> None:
    found = tree("#### vier\n\n###### zes\n\n- ##### vijf\n")
    assert [found[0]["n"], found[1]["n"], found[2]["items"][0][0]["n"]] == [1, 2, 2]


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "ftp://example.org/x"]
)
def test_only_addresses_of_the_web_and_of_mail_are_links(address: str) -> None:
    [block] = tree(f"[hier](<{address}>) [wel](https://example.org/)")
    assert [piece["u"] for piece in block["c"] if piece["t"] == "a"] == ["https://example.org/"]
    assert "hier" in plain(block["c"])


def test_a_document_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "PATIENCE", 0.001)
    with application().test_request_context(), pytest.raises(pdf.NotMade, match="longer"):
        pdf.make("text", papers.text_paper(PLACE, text(body=RICH)))


def test_a_template_that_fails_is_told() -> None:
    with pytest.raises(pdf.NotMade, match="TypstError"):
        pdf.make("text", {"title": "zonder de rest"})


def test_a_motion_on_the_agenda_stands_with_its_item_in_the_set() -> None:
    facts = meeting()
    placed = replace(motion("M2"), text=replace(motion("M2").text, agenda=1))
    with application().test_request_context():
        data = papers.set_paper(replace(facts, motions=(*facts.motions, placed)), AT)
        found = outline(made("set", data))
    order = ["1. Opening en besluiten", "Resolutie R1: Besluit R1", "Motie M2: Meer huizen", "Andere stukken",
             "Resolutie R2: Besluit R2", "Moties", "Motie M1: Meer huizen"]  # fmt: skip
    assert [title for title in found if title in order] == order
    listed = {item["number"]: [text["key"] for text in item["texts"]] for item in data["agenda"]}
    assert listed == {1: ["R1", "M2"], 2: []}
