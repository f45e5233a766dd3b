"""The report of answers: the same in three kinds of file."""

import io
import re
from dataclasses import replace

import docx
import pypdf
import pytest
from python_calamine import CalamineWorkbook

from tests.exports.making import HOSTILE, application
from vng_alv.exports.answers_report import AnswersReport, Reaction, Theme, to_docx, to_pdf, to_xlsx

REPORT = AnswersReport(
    title="Nota van beantwoording",
    association="Vereniging van Voorbeelden",
    meeting="ALV zomer",
    text="Resolutie R1, versie 1",
    example=True,
    themes=(
        Theme("Woningbouw", "overgenomen", "Wij nemen dit **over**.", ("Utrecht", "Zeist"), ("A1", "A2")),
        Theme("Zonder antwoord", "", "", ("Gouda",)),
    ),
    reactions=(
        Reaction("Zeist", "A1", "eens mits", "Bouw *meer*.", theme="Woningbouw", outcome="overgenomen"),
        Reaction("Utrecht", "", "", "=SOM(1;2)", theme="Woningbouw", outcome="overgenomen"),
        Reaction("Gouda", "A2", "oneens", HOSTILE, outcome="niet overgenomen", answer="Dat kan **niet**."),
    ),
)
SAID = ("Woningbouw", "Wat ermee gebeurt: overgenomen", "Gemeenten: 2: Utrecht, Zeist", "Onderdelen: A1, A2",
        "Wij nemen dit over.", "nog geen antwoord", "Reacties met een eigen antwoord", "Gouda", "niet overgenomen",
        "Dat kan niet.", "Bijlage: alle reacties per gemeente", "Bouw meer.", "=SOM(1;2)",
        "Antwoord: zie het thema Woningbouw.", "#import", "VOORBEELD", "ALV zomer")  # fmt: skip


def words_of(kind: str) -> str:
    """All words of a report in a kind of file."""
    with application().test_request_context():
        if kind == "pdf":
            return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(to_pdf(REPORT))).pages)
        found = docx.Document(io.BytesIO(to_docx(REPORT)))
    return "\n".join(p.text for p in [*found.sections[0].header.paragraphs, *found.paragraphs])


@pytest.mark.parametrize("kind", ["pdf", "docx"])
def test_it_tells_what_is_done_with_every_reaction(kind: str) -> None:
    said = re.sub(r"\s+", " ", words_of(kind))
    assert [words for words in SAID if words not in said] == []


def test_word_and_pdf_have_headings() -> None:
    with application().test_request_context():
        styles = [p.style.name for p in docx.Document(io.BytesIO(to_docx(REPORT))).paragraphs if p.style]
        reader = pypdf.PdfReader(io.BytesIO(to_pdf(REPORT)))
    assert styles.count("Heading 1") == 3
    assert styles.count("Heading 2") == 2 + 1 + 3
    titles = [str(one.title) for one in reader.outline if not isinstance(one, list)]
    assert titles == ["Antwoorden per thema", "Reacties met een eigen antwoord", "Bijlage: alle reacties per gemeente"]


def test_the_workbook_has_themes_and_reactions() -> None:
    with application().test_request_context():
        book = CalamineWorkbook.from_filelike(io.BytesIO(to_xlsx(REPORT)))
    assert book.sheet_names == ["Thema's", "Reacties"]
    themes, reactions = (book.get_sheet_by_index(n).to_python() for n in (0, 1))
    assert themes[1] == ["Woningbouw", "overgenomen", "Wij nemen dit **over**.", 2, "Utrecht, Zeist", "A1, A2",
                         "voorbeeld"]  # fmt: skip
    assert [row[0] for row in reactions] == ["Gemeente", "Zeist", "Utrecht", "Gouda"]
    assert reactions[2][3] == "=SOM(1;2)"


def test_without_reactions_it_says_so() -> None:
    empty = replace(REPORT, themes=(), reactions=(), example=False)
    with application().test_request_context():
        said = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(to_pdf(empty))).pages)
        assert "Er zijn geen reacties verstuurd." in said
        assert "VOORBEELD" not in said
        assert docx.Document(io.BytesIO(to_docx(empty))).paragraphs[-1].text == "Er zijn geen reacties verstuurd."
        assert to_xlsx(empty).startswith(b"PK")
