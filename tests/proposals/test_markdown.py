"""Markdown: cut into sections and written back, without losing a word."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vng_alv.demo.seed import DATA
from vng_alv.domain.sections import SectionText
from vng_alv.proposals.markdown import parse, to_markdown

LINES = ["# T", "# T2", "#", "## G", "##", "### s", "###", "### A1. Foo", "### C #", "### B.", "### 1. 2. z",
         "#### diep", "## Artikel 3", "## Artikel 3. Geld", "### U bent", "### A.1 q",
         "Foo\nbar\n---", "T\n==", "a", "", "    ## x", "    code",
         "- a", "  b", "> q", "```", "~~~", "1. x",
         "| a |", "|---|", "\u00a0x", "\\", "<b>", "&nbsp;", "# \\#"]  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=14).map("\n".join))
@example("## G\n# T\n```")
@example("# C # #\n\n## D # #")
@example("# T\n\n## Deel\n\ntekst\n\n## Deel 2\n\n### s\n\n## Slot\n\ntekst")
@settings(max_examples=400, deadline=None)
def test_a_text_written_back_is_read_as_the_same_text(text: str) -> None:
    once = parse(text)
    again = parse(to_markdown(once))
    assert (again.title, again.preamble, again.sections) == (once.title, once.preamble, once.sections)


@given(st.lists(st.sampled_from([*LINES, "x y", "- item", "## 4 dingen"]), max_size=12).map("\n\n".join))
@settings(max_examples=200, deadline=None)
def test_no_word_of_a_text_is_lost(text: str) -> None:
    document = parse(text)
    said = (
        document.title + document.preamble + "".join("".join(vars(section).values()) for section in document.sections)
    )
    for word_ in ("x y", "item", "dingen", "diep", "code", "Foo"):
        assert (word_ in text) == (word_ in said), word_


@pytest.mark.parametrize("name", ["resolutie.md", "concept.md", "motie.md"])
def test_the_texts_of_the_demo_come_back_as_they_are(name: str) -> None:
    document = parse((DATA / name).read_text())
    assert not document.remarks
    assert parse(to_markdown(document)) == document


def test_a_part_without_sections_is_a_section_and_loses_nothing() -> None:
    document = parse(
        "# T\n\n## Inleiding\n\nWaarom.\n\n## Deel A\n\nVooraf.\n\n### A1. Geld\n\nx\n\n## Slot\n\nTot ziens."
    )
    assert document.sections == (
        SectionText("1", "Inleiding", "Waarom."),
        SectionText("A1", "Geld", "x", "Deel A", "Vooraf."),
        SectionText("3", "Slot", "Tot ziens."),
    )


def test_a_letter_needs_its_point_to_be_a_number() -> None:
    assert [s.number for s in parse("## U beslist\n\n## B. Geld\n\n## Artikel 7 Slot").sections] == ["1", "B", "7"]
