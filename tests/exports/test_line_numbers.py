"""Line numbers on paper are those on the site, and nobody has to hear them."""

import io
import re
import unicodedata
from dataclasses import replace
from html import unescape
from typing import Any

import pypdf
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.exports.making import AT, HOSTILE, PLACE, RICH, application, meeting, motion, text
from tests.exports.test_pdf import outline, spoken, words_of
from vng_alv.domain.lines import lines
from vng_alv.domain.sections import SectionText
from vng_alv.exports import papers, pdf
from vng_alv.exports.trees import Node, tidy, tree
from vng_alv.proposals.markdown import to_html
from vng_alv.results.marking import numbered

LONG = (
    "De leden besluiten dat gemeenten, provincies en waterschappen samen zorgen voor genoeg betaalbare woningen, "
    "schoon water en een veilige leefomgeving."
)
NESTED = f"""- {LONG}
- twee
  1. **{LONG}** en [een {LONG}](https://example.org/)
     - diep `code met woorden` {LONG}

       > citaat\\
       > {LONG}

  2. sub

| Kop | |
|---|---|
| {LONG} | *c* |
| | 3 |
| | |

```
x = 1

    y = "{LONG}"
```

#### {LONG}
##### kop

na\\
een harde regel ![plaat {LONG}](x.png) {LONG}
"""
MARKDOWN = st.lists(
    st.sampled_from(["woord ", "een **vet** ", "[link hier](http://a.nl) ", "[js](javascript:x) ", "`code  x` ", "\n\n",
                     "\n- ", "\n  - ", "\n1. ", "\\\n", "&amp; ", "<b> ", "\n\n|a|b|\n|-|-|\n|c d|e|\n| |f|g|\n\n",
                     "\n\n```\nx  y\n\nz\n```\n\n", "\n\n    code " + "lang " * 30, "> ", "\n\n---\n\n", "*", "**", "[",
                     "](http://b.nl)", "![een *plaat*](x.png) ", "ve\u0301e\u0301l\u200b ", "&nbsp;", "&#10;", "&#13;",
                     "\u2028", "\x0c", "y" * 90 + " ", "\n## kop\n", "\n#### kop\n", LONG, "een \\\n&nbsp;\\\n twee"]),
    max_size=40,
).map("".join)  # fmt: skip


def bare(words: str) -> str:
    """The characters of words, however they were put together."""
    return unicodedata.normalize("NFC", "".join(tidy(words).split()))


def on_the_site(markdown: str, first: int) -> dict[int, str]:
    """The characters of each line of a text, by its number, as a page has them."""
    shown, _ = numbered(to_html(markdown), first)
    _, *found = re.split(r'<span class="alv-line[^>]*data-r="(\d+)"[^>]*></span>', shown)
    return {
        int(n): bare(unescape(re.sub(r"<[^>]*>", "", said))) for n, said in zip(found[::2], found[1::2], strict=True)
    }


def on_paper(blocks: list[Node]) -> dict[int, str]:
    """The same, as a template gets them."""
    found: dict[int, str] = {}

    def add(words: str) -> None:
        if bare(words):
            found[max(found)] += words

    def see(node: Any) -> None:
        if isinstance(node, list):
            for one in node:
                see(one)
        elif node["t"] == "ln":
            found[node["n"]] = ""
        elif node["t"] == "code" and "ln" in node:
            for n, words in zip(node["ln"], node["s"].split("\n"), strict=True):
                found.update({n: ""} if n else {})
                add(words)
        elif node["t"] in ("s", "code"):
            add(node["s"])
        elif node["t"] == "table":
            see([node["head"], *node["rows"]])
        else:
            see(node.get("c", node.get("items", [])))

    see(blocks)
    return {n: bare(said) for n, said in found.items()}


@given(MARKDOWN, st.integers(1, 999))
@example(NESTED, 1)
@example(RICH, 7)
@example(HOSTILE, 1)
@example("<script>x</script> " * 20, 1)
def test_each_line_has_the_number_and_the_words_that_it_has_on_the_site(markdown: str, first: int) -> None:
    assert on_paper(tree(markdown, first)) == on_the_site(markdown, first)


@given(MARKDOWN)
def test_numbers_change_no_words(markdown: str) -> None:
    def words(node: Any) -> str:
        if isinstance(node, list):
            return "".join(map(words, node))
        inner = [node[name] for name in ("c", "items", "head", "rows") if name in node]
        return bare(node.get("s", "") + words(inner))

    assert words(tree(markdown, 1)) == words(tree(markdown))


def test_only_where_words_would_run_on_a_new_line_is_begun() -> None:
    [block] = tree(f"{LONG}\\\nnieuw", 4)
    assert [(one["n"], one["on"]) for one in block["c"] if one["t"] == "ln"] == [(4, False), (5, True), (6, False)]


# --- On a page


def paper_of(template: str, data: dict[str, Any]) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf.make(template, data)))


@pytest.fixture(scope="module")
def reader() -> pypdf.PdfReader:
    body = f"{LONG} {LONG}\n\n- {LONG}\n  - {LONG}\n\n#### Kop {LONG}"
    with application().test_request_context():
        return paper_of("text", papers.text_paper(PLACE, text(body=body)))


def test_a_page_has_the_lines_of_the_site_with_their_numbers(reader: pypdf.PdfReader) -> None:
    parts = ["Wij besluiten.", "Inleiding bij het deel.", f"{LONG} {LONG}", LONG, LONG, f"Kop {LONG}",
             "Wij houden droge voeten."]  # fmt: skip
    wanted = [line for part in parts for line in lines(part)]
    said = "\n".join(page.extract_text() for page in reader.pages)
    found = re.findall(r"^[•–◦‣]?(\d+) (?!\d)(.*?) *$", said, re.MULTILINE)
    assert [(int(n), words) for n, words in found] == list(enumerate(wanted, 1))


def test_the_numbers_are_seen_and_not_heard(reader: pypdf.PdfReader) -> None:
    heard = "\n".join(map(spoken, reader.pages))
    assert LONG in words_of(reader)
    assert not re.search(r"^\W*\d+\b", heard, re.MULTILINE)
    assert f"Kop {LONG}" in outline(reader)
    told = reader.root_object["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfuaid:part>1<", told)


def test_each_text_of_a_set_begins_at_one_and_a_motion_has_no_numbers() -> None:
    with application().test_request_context():
        chapters = pdf.dressed(papers.set_paper(meeting(), AT))["chapters"]
        alone = pdf.dressed(papers.motion_paper(PLACE, motion()))
    one, other, moved = (found for chapter in chapters for found in chapter["texts"])
    assert list(on_paper(one["preamble"])) == list(on_paper(other["preamble"])) == [1]
    assert list(on_paper(one["sections"][0]["lead"])) == [2]
    assert "'ln'" in repr(one)
    assert "'ln'" not in repr([moved, alone])


def test_the_introduction_of_a_section_comes_before_its_text() -> None:
    sections = (SectionText("1", "Een", "body", "", "lead"), SectionText("2", "Twee", "body", "", ""))
    told = papers._sections(replace(text(), sections=sections), papers._numbered())
    assert [(one["lead"].first, one["body"].first) for one in told] == [(1, 2), (3, 3)]
