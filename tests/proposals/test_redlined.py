"""Redlines as people read them: no marks of Markdown, nothing lost, and each change where it is (docs/rules.md §3)."""

import time
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vng_alv.domain.readable import PARAGRAPH, Line, Run
from vng_alv.domain.redline import Change, after, before, redline
from vng_alv.proposals.redlined import redlined, signs

#: Words, and what means something in Markdown where it stands right.
PARTS = ["de", "leden", "3", " ", " ", "\n", "\n\n", "- ", "  - ", "1. ", "2) ", "**", "*", "_", "`", "| a | b |\n",
         "| --- | --- |\n", "|", "#### ", "> ", "\\", "[x](https://e.nl)", "![x](y)", "---\n", "    ", "```\n", "&amp;",
         "<b>", "  \n"]  # fmt: skip
texts = st.lists(st.sampled_from(PARTS), max_size=25).map("".join)


def lines(old: str, new: str) -> list[Line]:
    return [line for block in redlined(redline(old, new)) for line in block.lines]


def said(runs: Iterable[Run]) -> str:
    """Words as {+added+} and [-removed-], with how they look."""
    signs = {Change.SAME: "{}", Change.ADDED: "{{+{}+}}", Change.REMOVED: "[-{}-]"}
    looks = {"strong": "B", "em": "I", "code": "C"}
    found = []
    for run in runs:
        dressed = [
            "".join(sign for look, sign in looks.items() if look in piece.looks) + ":" + piece.text
            if piece.looks & looks.keys()
            else piece.text
            for piece in run.pieces
        ]
        found.append(signs[run.change].format("".join(dressed)))
    return "".join(found)


def shown(old: str, new: str) -> list[str]:
    """The redline line by line: what it is and how deep, then its cells."""
    return [
        f"{line.place.kind.value}{line.place.depth or ''} " + " | ".join(map(said, line.cells))
        for line in lines(old, new)
    ]


def read(text: str) -> str:
    """What a reader sees of a text."""
    return "".join(sign.text for sign in signs(text))


@given(texts, texts)
def test_the_redline_reads_as_both_texts_do(old: str, new: str) -> None:
    spans = redline(old, new)
    assert (before(spans), after(spans)) == (old, new)
    for without, text in ((Change.ADDED, old), (Change.REMOVED, new)):
        runs = [run for line in lines(old, new) for run in line.runs if run.change is not without]
        words = "".join(piece.text for run in runs for piece in run.pieces)
        assert words.replace(PARAGRAPH, "") == read(text)


@given(texts)
def test_a_text_beside_itself_has_no_change(text: str) -> None:
    assert {run.change for line in lines(text, text) for run in line.runs} <= {Change.SAME}
    assert {run.change for line in lines("", text) for run in line.runs} <= {Change.ADDED}


@given(texts, texts)
def test_words_of_one_fate_stand_together(old: str, new: str) -> None:
    for line in lines(old, new):
        for cell in line.cells:
            changes = [run.change for run in cell]
            assert all(one is not other for one, other in pairwise(changes))
            assert all(piece.text for run in cell for piece in run.pieces)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Wij bouwen.", "Wij slopen.", ["text Wij [-bouwen-]{+slopen+}."]),
        ("Wij bouwen.", "Wij **bouwen**.", ["text Wij [-bouwen-]{+B:bouwen+}."]),
        ("**Vet** en *schuin* dit", "**Vet** en *schuin* dat", ["text B:Vet en I:schuin [-dit-]{+dat+}"]),
        ("- een\n- twee\n", "- een\n- nieuw\n- twee\n", ["item1 • een", "item1 {+• nieuw+}", "item1 • twee"]),
        ("- een\n- twee\n- drie", "- een\n- drie", ["item1 • een", "item1 [-• twee-]", "item1 • drie"]),
        ("- een", "- een\n  - onder", ["item1 • een", "item2 {+◦ onder+}"]),
        ("een", "- een", ["item1 {+• +}een"]),
        ("3. drie", "4. drie", ["item1 [-3-]{+4+}. drie"]),
        ("- een\n\n  meer", "- een\n\n  veel meer", ["item1 • een", "text1 {+veel +}meer"]),
        ("Een.\n\nTwee.", "Een. Twee.", ["text Een.[-¶-]", "text {+ +}Twee."]),
        ("Een. Twee.", "Een.\n\nTwee.", ["text Een.[- -]{+¶+}", "text Twee."]),
        ("Een.\n\nTwee.", "Een.\n\nNieuw.\n\nTwee.", ["text Een.", "text {+Nieuw.+}", "text Twee."]),
        ("Een regel\ndie doorgaat", "Een regel die doorgaat", ["text Een regel die doorgaat"]),
        ("a  \nb", "a b", ["text a[-\n-]{+ +}b"]),
        ("Kop\n\ntekst", "#### Kop\n\ntekst", ["text [-Kop-]{+B:Kop+}", "text tekst"]),
        ("#### Kop", "##### Kop", ["text [-B:Kop-]{+B:Kop+}"]),
        ("> Zo is het", "> Zo was het", ["quote Zo [-is-]{+was+} het"]),
        ("> zo", "zo", ["text [-zo-]{+zo+}"]),
        ("De `code` is", "De `kode` is", ["text De [-C:code-]{+C:kode+} is"]),
        ("[hier](https://a.nl)", "[hier](https://b.nl)", ["text hier (https://[-a-]{+b+}.nl)"]),
        ("1 \\* 2", "1 \\* 3", ["text 1 * [-2-]{+3+}"]),
        ("a\n\n---\n\nb", "a\n\nb", ["text a", "text [-———-]", "text b"]),
        (
            "| a | b |\n|---|---|\n| 10 | 20 |",
            "| a | b |\n|---|---|\n| 11 | 20 |\n| 1 | |",
            ["row B:a | B:b", "row [-10-]{+11+} | 20", "row {+1+} | "],
        ),
        (
            "| a |\n|---|\n| 1 |",
            "| a | b |\n|---|---|\n| 1 | 2 |",
            ["row B:a | {+B:b+}", "row 1 | {+2+}"],
        ),
        ("Heel anders.", "- iets", ["text [-Heel anders.-]", "item1 {+• iets+}"]),
        ("Een.\n\nTwee.\n\nDrie", "Vier", ["text [-Een.-]", "text [-Twee.-]", "text [-Drie-]", "text {+Vier+}"]),
        ("weg", "", ["text [-weg-]"]),
        ("", "", []),
    ],
)  # fmt: skip
def test_a_change_is_read_where_it_is(old: str, new: str, expected: list[str]) -> None:
    assert shown(old, new) == expected


def test_a_long_text_takes_no_minutes() -> None:
    old = "".join(
        f"Alinea {n} met **vette** en gewone woorden, en meer.\n\n- punt {n}\n- nog een\n\n" for n in range(800)
    )
    begun = time.process_time()
    assert (
        sum(run.change is Change.ADDED for line in lines(old, old.replace("gewone", "andere")) for run in line.runs)
        == 800
    )
    assert time.process_time() - begun < 20  # about a second
