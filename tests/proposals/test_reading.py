"""Reading what people have: Word, OpenDocument and PDF as they come, and writing a text back as Markdown."""

import io
from pathlib import Path

import docx
import odfdo
import pytest
from docx.shared import Mm
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.proposals import making
from tests.proposals.making import cell, open_document, p, pdf, row, run, word
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.sections import SectionText
from vng_alv.errors import Refused
from vng_alv.proposals import reading
from vng_alv.proposals.forms import REMARKS
from vng_alv.proposals.markdown import Document, Remark, parse, to_html, to_markdown
from vng_alv.proposals.reading import archive, kinds
from vng_alv.proposals.reading.blocks import Inline
from vng_alv.proposals.reading.writing import CODES


def read(data: bytes) -> Document:
    """What the child would say, without a child."""
    return kinds.document_of(data)


def remarks(document: Document) -> dict[str, int]:
    return {remark.code: remark.number for remark in document.remarks}


def only(document: Document) -> SectionText:
    assert len(document.sections) == 1
    return document.sections[0]


def body(content: str, **parts: str) -> tuple[str, dict[str, int]]:
    """The words under a single heading, with the remarks."""
    document = read(word(p("T", "Titel") + p("Kop", "Kop1") + content, **parts))
    return only(document).body, remarks(document)


# --- Word


def test_dutch_styles_and_automatic_numbers_make_sections() -> None:
    document = read(
        word(
            p("Resolutie", "Titel")
            + p("Inleiding.")
            + p("Inhoud 1", "Inhopg1")
            + p("Deel A", "Kop1", more='<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>')
            + p("Vooraf.")
            + p("Wonen", "Kop2")
            + p("Tekst.")
            + p("Zorg", "Kop2")
            + p("Deel B", "Eigen", "1")
            + p("Geld", "Kop2")
        )
    )
    assert (document.title, document.preamble) == ("Resolutie", "Inleiding.")
    assert document.sections == (
        SectionText("A1", "Wonen", "Tekst.", "A. Deel A", "Vooraf."),
        SectionText("A2", "Zorg", "", "A. Deel A"),
        SectionText("B1", "Geld", "", "B. Deel B"),
    )
    assert remarks(document) == {"contents_dropped": 1}


def test_a_document_of_python_docx_with_200_sections_and_pictures() -> None:
    made = docx.Document()
    made.add_heading("Lange resolutie", 0)
    for number in range(1, 201):
        made.add_heading(f"{number}. Onderdeel met “krullen” {number}", 1)
        made.add_paragraph(f"Tekst\u00a0{number} met co\u00adöpe\u00adratie.")
        made.add_paragraph("")
        made.add_paragraph("punt", style="List Bullet")
    picture = Path(making.__file__).parents[2] / "docs" / "images" / "ballot.png"
    made.paragraphs[-1].add_run().add_picture(str(picture), Mm(10))
    out = io.BytesIO()
    made.save(out)
    document = read(out.getvalue())
    assert document.title == "Lange resolutie"
    assert [s.number for s in document.sections] == [str(n) for n in range(1, 201)]
    assert document.sections[6] == SectionText(
        "7", "Onderdeel met “krullen” 7", "Tekst\u00a07 met coöperatie.\n\n- punt"
    )
    assert Remark("images_dropped", 1, "200") in document.remarks
    assert Remark("soft_hyphens", 400, "1, 2, 3 …") in document.remarks


def test_split_runs_are_one_and_signs_stay_signs() -> None:
    content = p(
        run("De ", "<w:b/>") + run("AL", "<w:b/>") + run("V", "<w:b/>") + run(" besluit") + run(" nu", "<w:i/>")
    )
    content += p("1. geen lijst") + p("# geen kop") + p("2 * 3 * 4 &lt;b&gt; a_b _c_ [x](y) `z` &amp;amp; 5\\6")
    said, found = body(content)
    assert said.startswith("**De ALV** besluit *nu*\n\n1\\. geen lijst\n\n\\# geen kop\n\n")
    shown = str(to_html(said))
    assert "<p>1. geen lijst</p>" in shown
    assert "<p>2 * 3 * 4 &lt;b&gt; a_b _c_ [x](y) `z` &amp;amp; 5\\6</p>" in shown
    assert found == {}


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        ([("Let op:", True), ("daarna", False)], "<strong>Let op</strong>:daarna"),
        ([("voor", False), ("(vet)", True)], "voor(<strong>vet)</strong>"),
        ([(" vet ", True), ("x", False)], "<strong>vet</strong> x"),
        ([("a", True), ("\n", False), ("b", True)], "<strong>a</strong><br>\n<strong>b</strong>"),
        ([("*", True), ("x", False)], "*x"),
    ],
)
def test_emphasis_holds_next_to_letters_and_signs(pieces: list[tuple[str, bool]], shown: str) -> None:
    inline = Inline()
    for text, bold in pieces:
        inline.add(text, bold)
    assert str(to_html(inline.markdown())).strip() == f"<p>{shown}</p>"


@given(
    st.lists(
        st.tuples(st.text("ab .:*_[]()<>`\\\n1#-+|&;!~=\u00a0é“", max_size=6), st.booleans(), st.booleans()), max_size=6
    )
)
@settings(max_examples=250, deadline=None)
def test_words_in_any_dress_are_the_same_words(pieces: list[tuple[str, bool, bool]]) -> None:
    inline = Inline()
    for text, bold, italic in pieces:
        inline.add(text, bold, italic)
    shown = docx_text(str(to_html(inline.markdown())))
    assert shown.split() == "".join(text for text, *_ in pieces).split()


def docx_text(html: str) -> str:
    """The words of HTML."""
    root = archive.etree.fromstring(f"<r>{html.replace('<br>', '<br/>')}</r>".replace("&nbsp;", "\u00a0"))
    return "".join(root.itertext())


def test_lists_keep_their_depth_and_numbers() -> None:
    said, _ = body(
        p("een", numbered="3") + p("onder a", numbered="3", level=1) + p("onder b", numbered="3", level=1)
        + p("twee", numbered="3") + p("tussendoor") + p("drie", numbered="3") + p("anders", numbered="4")
        + p("punt", numbered="2") + p("dieper", numbered="2", level=1)
    )  # fmt: skip
    assert said == (
        "1. een\n   - (a) onder a\n   - (b) onder b\n2. twee\n\ntussendoor\n\n3. drie\n1) anders\n- punt\n  - dieper"
    )
    assert '<ol start="3">\n<li>drie</li>\n</ol>\n<ol>\n<li>anders</li>\n</ol>' in str(to_html(said))


def test_tables_keep_their_words_and_say_what_was_merged() -> None:
    table = "<w:tbl>" + row("Wie", cell("Wat | hoe", '<w:gridSpan w:val="2"/>'))
    table += row(cell("Rijk", '<w:vMerge w:val="restart"/>'), "a", p("b") + p("c"))
    table += row(cell("", "<w:vMerge/>"), "d", f"<w:tbl>{row('e', 'f')}</w:tbl>" + p("")) + "</w:tbl>"
    said, found = body(table + f"<w:tbl>{row('1. kader')}</w:tbl>")
    assert said == "| Wie | Wat \\| hoe |  |\n| --- | --- | --- |\n| Rijk | a | b c |\n|  | d | e f |\n\n1\\. kader"
    assert found == {"merged_cells": 2, "nested_tables": 1}


def test_changes_are_accepted_and_counted_where_they_stand() -> None:
    content = p("T", "Titel") + p("Een", "Kop1") + p("x") + p("Twee", "Kop1")
    content += p(run("oud ") + f"<w:del>{run('weg').replace('w:t', 'w:delText')}</w:del><w:ins>{run('nieuw')}</w:ins>")
    content += p("eerste helft", more="<w:rPr><w:del/></w:rPr>") + p(" tweede helft")
    document = read(word(content))
    assert document.sections[1].body == "oud nieuw\n\neerste helft tweede helft"
    assert document.remarks == (Remark("changes_accepted", 2, "2"),)


BOX = "<w:txbxContent><w:p><w:r><w:t>in een vak</w:t></w:r></w:p></w:txbxContent>"


def test_what_cannot_be_text_is_left_out_and_named() -> None:
    content = p("T", "Titel") + p("Een", "Kop1")
    content += p(run("voor") + "<w:r><w:drawing><a:blip/></w:drawing></w:r><w:r><w:commentReference w:id='1'/></w:r>")
    content += p("<w:r><w:pict><v:imagedata/></w:pict></w:r>") + p(run("geheim", "<w:vanish/>") + run("open"))
    content += p(
        "<w:r><mc:AlternateContent><mc:Choice><w:drawing><wps:txbx>" + BOX + "</wps:txbx></w:drawing></mc:Choice>"
        "<mc:Fallback><w:pict>" + BOX + "</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    document = read(word(content, header1=p("VNG concept"), footer1=p("Pagina 3 van 9")))
    assert only(document).body == "voor\n\nopen"
    assert set(document.remarks) == {
        Remark("images_dropped", 2, "1"), Remark("comments_dropped", 1, "1"), Remark("hidden_dropped", 1, "1"),
        Remark("boxes_dropped", 1, "1"), Remark("heads_dropped", 1),
    }  # fmt: skip


def test_notes_stand_at_the_end_of_their_section() -> None:
    note = '<w:r><w:footnoteReference w:id="{}"/></w:r>'
    document = read(
        word(
            p("T", "Titel") + p("Een", "Kop1") + p(run("a") + note.format(7) + run(" b")) + p("slot")
            + p("Twee", "Kop1") + p(run("c") + note.format(4)),
            footnotes='<w:footnote w:id="4">' + p("Over c.") + '</w:footnote><w:footnote w:id="7">' + p("Over a.")
            + "</w:footnote>",
        )
    )  # fmt: skip
    assert [s.body for s in document.sections] == [
        "a[1] b\n\nslot\n\n**Noten**\n\n1. Over a.",
        "c[2]\n\n**Noten**\n\n2. Over c.",
    ]
    assert '<ol start="2">' in to_html(document.sections[1].body)


def test_links_go_to_pages_and_mail_only() -> None:
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "mailto:a@b.nl" </w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("mail")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    links = f'<w:hyperlink r:id="l1">{run("site")}</w:hyperlink> <w:hyperlink r:id="l2">{run("kwaad")}</w:hyperlink>'
    said, _ = body(p(links + field + run(" uit")))
    assert said == "[site](https://vng.nl/a_%28b%29)kwaad[mail](mailto:a@b.nl) uit"


BOLD = "<w:b/>"


@pytest.mark.parametrize(
    ("content", "title", "numbers"),
    [
        (p(run("Plan", BOLD)) + p("x") + p(run("1. Wonen", BOLD)) + p("y") + p(run("2. Zorg", BOLD)), "Plan", "12"),
        (p("Statuten") + p(run("Artikel 3 Leden", BOLD)) + p("y") + p(run("Artikel 4", BOLD)), "Statuten", "34"),
        (p("Motie") + p("Constaterende dat:") + p("x;", numbered="2") + p("Verzoekt het bestuur:"), "Motie", "12"),
        (p(run("T", BOLD)) + p(run("Een", BOLD), numbered="3") + p("y") + p(run("B", BOLD), numbered="3"), "T", "12"),
    ],
)  # fmt: skip
def test_without_styles_headings_are_guessed_and_said_to_be(content: str, title: str, numbers: str) -> None:
    document = read(word(content))
    assert document.title == title
    assert [s.number for s in document.sections] == list(numbers)
    assert remarks(document) == {"title_guessed": 0, "headings_guessed": 2}


def test_a_paragraph_in_the_dress_of_a_heading_stays_a_paragraph() -> None:
    document = read(word(p("T", "Titel") + p("Een", "Kop1") + p("lang " * 80, "Kop1")))
    assert only(document).body == ("lang " * 80).strip()
    assert document.remarks == (Remark("long_headings", 1, "1"),)


# --- OpenDocument

AUTOMATIC = """
<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Title"/>
<style:style style:name="B" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>
<style:style style:name="H" style:family="text"><style:text-properties text:display="none"/></style:style>
<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>
<text:list-level-style-number text:level="2" style:num-format="a" style:num-suffix=")"/></text:list-style>
<text:list-style style:name="U"><text:list-level-style-bullet text:level="1"/></text:list-style>
"""
OUTLINE = """
<style:style style:name="Title" style:family="paragraph"/>
<text:outline-style style:name="Outline">
<text:outline-level-style text:level="1" style:num-format="A" style:num-suffix="."/>
<text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/></text:outline-style>
"""


def test_an_open_document_is_read_alike() -> None:
    item = "<text:list-item><text:p>{}</text:p>{}</text:list-item>"
    sub = item.format("sub", "")
    document = read(
        open_document(
            '<text:tracked-changes><text:changed-region><text:deletion><text:p>weg</text:p></text:deletion>'
            "</text:changed-region></text:tracked-changes>"
            '<text:p text:style-name="P1">Motie</text:p>'
            "<text:table-of-content><text:p>x</text:p></text:table-of-content>"
            '<text:h text:outline-level="1">Deel</text:h><text:h text:outline-level="2">Geld<text:change/></text:h>'
            '<text:p>\n  De<text:s text:c="3"/><text:span text:style-name="B">ALV</text:span>\u00a0besluit'
            '<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Noot.</text:p></text:note-body>'
            '</text:note><office:annotation><text:p>hm</text:p></office:annotation>'
            '<text:span text:style-name="H">geheim</text:span> <text:a xlink:href="https://vng.nl">hier</text:a>'
            "</text:p><text:p/>"
            f'<text:list text:style-name="L">{item.format("een", f"<text:list>{sub}</text:list>")}'
            f'{item.format("twee", "<text:p>nog</text:p>")}</text:list>'
            f'<text:list text:style-name="U">{item.format("punt", "")}</text:list>'
            '<table:table><table:table-row><table:table-cell table:number-columns-spanned="2"><text:p>a</text:p>'
            "</table:table-cell><table:covered-table-cell/></table:table-row><table:table-row><table:table-cell "
            '><text:p>b</text:p></table:table-cell><table:table-cell><text:p>c</text:p></table:table-cell>'
            "</table:table-row></table:table>"
            "<text:p><draw:frame><draw:image/></draw:frame><draw:frame><draw:text-box><text:p>vak</text:p></draw:text-box>"
            "</draw:frame></text:p>",
            AUTOMATIC,
            OUTLINE,
            "<style:master-page><style:header><text:p>VNG</text:p></style:header></style:master-page>",
        )
    )  # fmt: skip
    assert document.title == "Motie"
    section = only(document)
    assert (section.number, section.heading, section.group) == ("A.1", "Geld", "A. Deel")
    assert section.body == (
        "De **ALV**\u00a0besluit[1] [hier](https://vng.nl)\n\n1. een\n   - a) sub\n2. twee\n\n   nog\n- punt\n\n"
        "| a |  |\n| --- | --- |\n| b | c |\n\n**Noten**\n\n1. Noot."
    )
    assert remarks(document) == {
        "heads_dropped": 1, "contents_dropped": 1, "images_dropped": 1, "boxes_dropped": 1, "comments_dropped": 1,
        "changes_accepted": 1, "hidden_dropped": 1, "merged_cells": 1,
    }  # fmt: skip


def test_a_document_of_odfdo() -> None:
    made = odfdo.Document("text")
    made.body.clear()
    made.body.append(odfdo.Header(1, "Resolutie"))
    for number in range(1, 4):
        made.body.append(odfdo.Header(2, "Onderdeel"))
        made.body.append(odfdo.Paragraph(f"Tekst {number}"))
        made.body.append(odfdo.List(["een", "twee"]))
    out = io.BytesIO()
    made.save(out)
    document = read(out.getvalue())
    assert document.title == "Resolutie"
    assert [(s.number, s.body) for s in document.sections] == [
        (f"1.{n}", f"Tekst {n}\n\n- een\n- twee") for n in (1, 2, 3)
    ]


# --- PDF

PDF = """
#set page(header: [Concept resolutie], footer: context [Pagina #counter(page).display()])
#set text(lang: "nl", hyphenate: true)
#set par(justify: true)
#set heading(numbering: "1.")
#align(center)[#text(20pt)[*Resolutie lokaal bestuur*]]
Een inleiding.
= Wonen
Gemeenten bouwen woningen. In een verantwoordelijkheidsverdeling zijn woningbouwafspraken
en uitvoeringsvoorwaarden vanzelfsprekend. #lorem(60)

Een tweede alinea.
- een punt
- nog een punt
= Zorg
#lorem(700)
= Geld
Slot.
"""


def test_a_pdf_gets_its_paragraphs_back_and_loses_its_heads_and_feet() -> None:
    document = read(pdf(PDF))
    assert document.title == "Resolutie lokaal bestuur"
    assert document.preamble == "Een inleiding."
    assert [(s.number, s.heading) for s in document.sections] == [("1", "Wonen"), ("2", "Zorg"), ("3", "Geld")]
    said = document.sections[0].body
    assert "verantwoordelijkheidsverdeling zijn woningbouwafspraken en uitvoeringsvoorwaarden" in said
    assert said.endswith("\n\nEen tweede alinea.\n\n- een punt\n- nog een punt")
    assert "Concept resolutie" not in to_markdown(document)
    assert "Pagina" not in to_markdown(document)
    assert remarks(document) == {"from_pdf": 2, "heads_dropped": 4, "title_guessed": 0, "headings_guessed": 3}


def test_figures_in_a_pdf_are_no_headings() -> None:
    document = read(pdf("Leden\n\n1. Eerst\n\n#lorem(40)\n\n12 Amsterdam\n\n45 Utrecht\n\n2. Dan\n\nx"))
    assert [s.heading for s in document.sections] == ["Eerst", "Dan"]


# --- The door


def test_what_the_child_says_is_what_was_read() -> None:
    data = word(p("T", "Titel") + p("Een", "Kop1") + p(run("x") + "<w:r><w:drawing><a:blip/></w:drawing></w:r>"))
    assert reading.read(data, "tekst.docx") == read(data) == reading.read(data, "") == reading.read(data, "heet.pdf")
    long = "# T\n\n## Een\n\n" + "Woorden en nog meer woorden. " * 400
    assert reading.read(long.encode(), "tekst.md") == parse(long)


def test_small_text_needs_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "COMMAND", ["false"])
    assert reading.read("# Tëst".encode("cp1252"), "a.TXT").title == "Tëst"
    with pytest.raises(Refused) as refused:
        reading.read(b"a;b\n1;2\n", "leden.csv")
    assert refused.value.refusal is Refusal.NOT_DOCUMENT


def test_every_remark_has_its_sentence() -> None:
    others = {"heads_dropped", "contents_dropped", "from_pdf", "pages_without_text", "title_guessed", "no_title",
              "numbered_anew", "html_shown_as_text", "no_sections"}  # fmt: skip
    assert set(REMARKS) == set(CODES.values()) | others
