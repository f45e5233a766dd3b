"""Markdown: cutting a document into numbered sections, writing it back, and showing text safely."""

import re
from dataclasses import dataclass
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from vng_alv.domain.refusals import Refusal
from vng_alv.domain.sections import SectionText
from vng_alv.errors import Refused

parser = MarkdownIt("commonmark", {"html": False}).enable("table")
#: Finds headings only; what stands within a line does not matter to where they are.
_cutter = MarkdownIt("commonmark", {"html": False}).enable("table").disable("inline")

_DIGITS = r"(?:[A-Z]{1,2}[\s.]?)?\d{1,3}(?:\.\d{1,3})*"
#: 'A1.', '1)', '2.3', 'B.' before the words of a heading, or such a number by itself with its mark.
NUMBER = re.compile(rf"^(?:({_DIGITS})(?:[.)]?\s+(?=\S)|[.)]$)|([A-Z])[.)](?:\s+(?=\S)|$))")
#: 'Artikel 3', with or without a name.
ARTICLE = re.compile(r"^Artikel\s+(\d{1,3})(?:[.:)]\s*|\s+|$)")
#: Empty lines before a text and white space after it; the indent of its first line means something.
EDGES = re.compile(r"\A(?:[^\S\n]*\n)+|\s+\Z")
HTML = re.compile(r"<[a-zA-Z/!][^>\n]*>")
MAX_SECTIONS = 500
#: Beginnings and ends of paragraphs, items, cells; a long resolution has some thousands.
MAX_TOKENS = 100_000
TAGS = {"p", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre", "br", "hr", "a",
        "table", "thead", "tbody", "tr", "th", "td", "h4", "h5", "h6"}  # fmt: skip


@dataclass(frozen=True)
class Remark:
    """What a person should look at: a code, how often (0: that does not apply) and in which sections ('A2, B1')."""

    code: str
    number: int = 0
    place: str = ""


@dataclass(frozen=True)
class Document:
    """A text as it was read: plain title and headings, the rest in Markdown."""

    title: str
    preamble: str
    sections: tuple[SectionText, ...]
    remarks: tuple[Remark, ...] = ()


@lru_cache(maxsize=4_096)
def to_html(text: str) -> Markup:
    """Markdown as safe HTML: no raw HTML, no images, links only to http(s) and mail addresses."""
    return Markup(
        nh3.clean(
            parser.render(text),
            tags=TAGS,
            attributes={"a": {"href"}, "ol": {"start"}},
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener noreferrer",
        )
    )


def _headings(tokens: list[Token]) -> list[tuple[int, str, int, int]]:
    """(level, text, first line, line after) of each heading that stands by itself."""
    return [
        (int(token.tag[1]), re.sub(r"\s*\n\s*", " ", tokens[i + 1].content).strip(), token.map[0], token.map[1])
        for i, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map
    ]


def _closing(tokens: list[Token], text: str) -> list[str]:
    """The line that a block of code at the end lacks: its part of the text may come to stand before others."""
    if not tokens or tokens[-1].type != "fence":
        return []
    _, *rest = text.rstrip().split("\n")[(tokens[-1].map or [0])[0] :]
    mark = tokens[-1].markup
    closed = rest and re.fullmatch(rf" {{0,3}}{re.escape(mark)}{mark[0]}*", rest[-1])
    return [] if closed else [mark]


def _numbered(heading: str, fallback: str) -> tuple[str, str]:
    if article := ARTICLE.match(heading):
        return article[1], heading[article.end() :].strip() or heading
    found = NUMBER.match(heading)
    if not found:
        return fallback, heading
    return re.sub(r"\s", "", found[1] or found[2]), heading[found.end() :].strip()


def parse(text: str) -> Document:
    """Cut Markdown into a title, a preamble and numbered sections.

    The first ``#`` is the title. Sections stand under ``###`` where there are any, with ``##`` above them as groups,
    and under ``##`` otherwise; a group without sections is one itself. Nothing is dropped: deeper headings stay in
    the text of their section. Raises ``Refused(DOCUMENT_TOO_COMPLEX)`` for what would take too long to show.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    tokens = _cutter.parse(text)
    if len(tokens) > MAX_TOKENS:
        raise Refused(Refusal.DOCUMENT_TOO_COMPLEX)
    lines = [*text.split("\n"), *_closing(tokens, text)]
    headings = _headings(tokens)
    title = next((words for level, words, _, _ in headings if level == 1 and words), "")
    level = 3 if any(h[0] == 3 for h in headings) else 2
    marks = [h for h in headings if h[0] <= level]
    remarks = [Remark("html_shown_as_text")] if HTML.search(text) else []
    if not title:
        remarks.append(Remark("no_title"))

    def between(start: int, i: int) -> str:
        end = marks[i + 1][2] if i + 1 < len(marks) else len(lines)
        return EDGES.sub("", "\n".join(lines[start:end]))

    preamble = [between(0, -1)] if marks and marks[0][2] > 0 else []
    sections: list[SectionText] = []
    group, lead = "", ""
    for i, (depth, words, _, after) in enumerate(marks):
        body = between(after, i)
        childless = i + 1 == len(marks) or marks[i + 1][0] < level
        if depth == 1 and words == title:
            preamble.append(body)
        elif depth == level or (childless and (words or body)):
            if depth < level:
                group, lead = "", ""
            number, heading = _numbered(words, str(len(sections) + 1))
            sections.append(SectionText(number, heading, body, group, lead))
            lead = ""
        else:
            group, lead = words, body
    if not marks:
        preamble.append(EDGES.sub("", text))
    return Document(title, "\n\n".join(filter(None, preamble)), _unique(sections, remarks), tuple(remarks))


def _unique(sections: list[SectionText], remarks: list[Remark]) -> tuple[SectionText, ...]:
    """Sections with numbers that occur once: a number that comes back makes all of them count on from 1."""
    numbers = [section.number for section in sections]
    if len(set(numbers)) == len(numbers):
        return tuple(sections)
    remarks.append(Remark("numbered_anew"))
    return tuple(SectionText(str(n), s.heading, s.body, s.group, s.lead) for n, s in enumerate(sections, 1))


def heading_line(level: int, words: str) -> str:
    """A heading as a line of Markdown; words that end in a hash keep it."""
    return f"{'#' * level} {words}{' #' if words.endswith('#') else ''}".rstrip()


def to_markdown(document: Document) -> str:
    """The Markdown that ``parse`` reads as this same document (title, preamble and sections)."""
    parts = [heading_line(1, document.title)] if document.title else []
    parts.append(document.preamble)
    level = 3 if any(s.group or s.lead for s in document.sections) else 2
    group = ""
    for section in document.sections:
        if section.group != group or section.lead:
            parts += [heading_line(2, section.group), section.lead]
        group = section.group
        parts += [heading_line(level, f"{section.number}. {section.heading}".strip()), section.body]
    return "\n\n".join(filter(None, parts)) + "\n"
