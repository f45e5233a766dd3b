"""Markdown: cutting a document into numbered sections, and showing text safely."""

import re
from dataclasses import dataclass
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from vng_alv.domain.sections import SectionText

_parser = MarkdownIt("commonmark", {"html": False}).enable("table")

#: 'A1.', '1)', '2.3', 'B.' before the words of a heading.
NUMBER = re.compile(r"^((?:[A-Z]{1,2}\s?)?\d{1,3}(?:\.\d{1,3})*|[A-Z])[.)]?\s+(?=\S)")
HTML = re.compile(r"<[a-zA-Z/!][^>\n]*>")
MAX_SECTIONS = 500
TAGS = {"p", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre", "br", "hr", "a",
        "table", "thead", "tbody", "tr", "th", "td", "h4", "h5", "h6"}  # fmt: skip


@dataclass(frozen=True)
class Document:
    """A text as it was read. ``remarks`` are codes of what a person should look at."""

    title: str
    preamble: str
    sections: tuple[SectionText, ...]
    remarks: tuple[str, ...]


@lru_cache(maxsize=4_096)
def to_html(text: str) -> Markup:
    """Markdown as safe HTML: no raw HTML, no images, links only to http(s) and mail addresses."""
    return Markup(
        nh3.clean(
            _parser.render(text),
            tags=TAGS,
            attributes={"a": {"href"}, "ol": {"start"}},
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener noreferrer",
        )
    )


def _headings(tokens: list[Token]) -> list[tuple[int, str, int, int]]:
    """(level, text, first line, line after) of each heading that stands by itself."""
    return [
        (int(token.tag[1]), tokens[i + 1].content.strip(), token.map[0], token.map[1])
        for i, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map
    ]


def _numbered(heading: str, fallback: str) -> tuple[str, str]:
    found = NUMBER.match(heading)
    if not found:
        return fallback, heading
    return found[1].replace(" ", ""), heading[found.end() :].strip()


def parse(text: str) -> Document:
    """Cut Markdown into a title, a preamble and numbered sections.

    The first ``#`` is the title. Sections stand under ``###`` where there are any, with ``##`` above them as groups,
    and under ``##`` otherwise. Nothing is dropped: deeper headings stay in the text of their section.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    headings = _headings(_parser.parse(text))
    title = next((words for level, words, _, _ in headings if level == 1), "")
    level = 3 if any(h[0] == 3 for h in headings) else 2
    marks = [h for h in headings if h[0] <= level]
    remarks = ["html_shown_as_text"] if HTML.search(text) else []
    if not title:
        remarks.append("no_title")

    def between(start: int, i: int) -> str:
        end = marks[i + 1][2] if i + 1 < len(marks) else len(lines)
        return "\n".join(lines[start:end]).strip()

    preamble = [between(0, -1)] if marks and marks[0][2] > 0 else []
    sections: list[SectionText] = []
    group, lead = "", ""
    for i, (depth, words, _, after) in enumerate(marks):
        body = between(after, i)
        if depth == level:
            number, heading = _numbered(words, str(len(sections) + 1))
            sections.append(SectionText(number, heading, body, group, lead))
            lead = ""
        elif depth == 1 and words == title:
            preamble.append(body)
        else:
            group = words
            lead = body
    if not marks:
        preamble.append(text.strip())
    return Document(title, "\n\n".join(filter(None, preamble)), _unique(sections, remarks), tuple(remarks))


def _unique(sections: list[SectionText], remarks: list[str]) -> tuple[SectionText, ...]:
    """Sections with numbers that occur once: a number that comes back makes all of them count on from 1."""
    numbers = [section.number for section in sections]
    if len(set(numbers)) == len(numbers):
        return tuple(sections)
    remarks.append("numbered_anew")
    return tuple(SectionText(str(n), s.heading, s.body, s.group, s.lead) for n, s in enumerate(sections, 1))
