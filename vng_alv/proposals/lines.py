"""Which lines a text has (docs/rules.md §3): its paragraphs, as they stand in its HTML, with the lines of each.

The HTML is what ``markdown.to_html`` makes: safe and well-formed. A text has the same lines on a page and on paper.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from itertools import pairwise

from vng_alv.domain.lines import WORD, line_starts
from vng_alv.proposals.markdown import to_html

_PIECE = re.compile(r"""<(?P<end>/?)(?P<tag>[a-z0-9]+)(?:"[^"]*"|[^">])*>|&[#a-z0-9]+;|[^<&]+""", re.IGNORECASE)
#: What stands within a line; every other tag begins a new paragraph.
_INLINE = frozenset({"a", "code", "em", "span", "strong"})


@dataclass(frozen=True)
class _Run:
    """Characters of a paragraph that follow each other in the HTML; an entity is a run of one character."""

    start: int
    length: int
    html_start: int
    html_length: int


@dataclass
class Paragraph:
    """A paragraph, item, piece of code or row of a table: its words, and where they stand in the HTML."""

    begins: int
    row: bool = False
    begins_in_cell: bool = False
    words: list[str] = field(default_factory=list)
    runs: list[_Run] = field(default_factory=list)
    size: int = 0

    @cached_property
    def text(self) -> str:
        """All its words."""
        return "".join(self.words)

    @property
    def lines(self) -> list[tuple[int, bool]]:
        """Of each line where it begins in the words, and whether the words before it would run on into it."""
        if not self.text.strip():
            return []
        starts = [0] if self.row else line_starts(self.text)
        return [(b, a >= 0 and "\n" not in self.text[a:b]) for a, b in pairwise([-1, *starts])]

    def add(self, words: str, html_start: int, html_length: int) -> None:
        """More words, which stand there in the HTML."""
        self.runs.append(_Run(self.size, len(words), html_start, html_length))
        self.words.append(words)
        self.size += len(words)

    def _run(self, offset: int) -> int:
        return bisect_right(self.runs, offset, key=lambda one: one.start) - 1

    def place(self, offset: int) -> int:
        """Where a character of the words stands in the HTML."""
        run = self.runs[self._run(offset)]
        return run.html_start + offset - run.start

    def stretches(self, start: int, end: int) -> list[tuple[int, int]]:
        """The places in the HTML, without a tag within, of the words from ``start`` up to ``end``."""
        found: list[tuple[int, int]] = []
        for run in self.runs[self._run(start) : self._run(end - 1) + 1]:
            begin = run.html_start + max(start - run.start, 0)
            stop = run.html_start + min(end - run.start, run.length)
            if run.html_length != run.length:  # an entity is marked as a whole, and what is no character not at all
                begin, stop = run.html_start, run.html_start + run.html_length
            if found and found[-1][1] == begin:
                found[-1] = (found[-1][0], stop)
            elif begin < stop:
                found.append((begin, stop))
        return found


def paragraphs(html: str) -> list[Paragraph]:
    """The paragraphs of a text; some hold no words, and have no lines."""
    found = [Paragraph(0)]
    code = False
    for piece in _PIECE.finditer(html):
        start, end = piece.span()
        tag, now = (piece["tag"] or "").lower(), found[-1]
        if not tag:
            words = unescape(piece[0])
            now.add(words if code else words.replace("\n", " "), start, end - start)
        elif tag == "br":
            now.add("\n", end, 0)
        elif tag in {"td", "th"} and now.row:
            if not now.begins_in_cell and not piece["end"]:
                now.begins, now.begins_in_cell = end, True  # a mark may stand in a cell, and not between the cells
            now.add(" ", end, 0)
        elif tag not in _INLINE:
            code = (tag == "pre" and not piece["end"]) or (code and tag != "pre")
            found.append(Paragraph(end, row=tag == "tr" and not piece["end"]))
    return found


def letters(words: str) -> int:
    """How many characters of words there are: however a text is shown, these are the same and in the same order."""
    return sum(len(word) for word in WORD.findall(words))


def lines_of(text: str) -> Iterator[tuple[int, bool]]:
    """Of each line of a text in Markdown how many ``letters`` come before it, and whether these run on into it."""
    before = 0
    for one in paragraphs(to_html(text)):
        done = 0
        for start, runs_on in one.lines:
            before += letters(one.text[done:start])
            done = start
            yield before, runs_on
        before += letters(one.text[done:])
