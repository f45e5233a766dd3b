"""Marks in the HTML of a text: where each numbered line begins, and where the words stand that somebody looks for.

The HTML is what ``proposals.markdown.to_html`` makes: safe and well-formed. Marks are put between its characters; no
character of it changes.
"""

from functools import lru_cache

from markupsafe import Markup

from vng_alv.domain.searching import find
from vng_alv.proposals.lines import paragraphs

_LINE = Markup('<span class="alv-line" id="r{0}" data-r="{0}" aria-hidden="true"></span>')
#: On a broad column the text goes to a new line there, so that lines look as they are numbered.
_BREAK = Markup('<span class="alv-line alv-line--on" id="r{0}" data-r="{0}" aria-hidden="true"></span>')
_FIRST_HIT = Markup('<mark class="alv-hit" id="z{}">{}</mark>')
_HIT = Markup('<mark class="alv-hit">{}</mark>')


def _put(html: Markup, marks: list[tuple[int, int, Markup]]) -> Markup:
    """The HTML with marks (from, up to, what comes there)."""
    done, pieces = 0, []
    for start, end, mark in marks:
        pieces += [html[done:start], mark]
        done = end
    return Markup("").join([*pieces, html[done:]])


@lru_cache(maxsize=4_096)
def numbered(html: Markup, first: int) -> tuple[Markup, int]:
    """A text with a mark where each line begins, counted from ``first``, and the number of its lines."""
    marks: list[tuple[int, int, Markup]] = []
    for one in paragraphs(html):
        for nth, (start, runs_on) in enumerate(one.lines):
            place = one.place(start) if nth else one.begins
            marks.append((place, place, (_BREAK if runs_on else _LINE).format(first + len(marks))))
    return _put(html, marks), len(marks)


def marked(html: Markup, words: str, first: int) -> tuple[Markup, int]:
    """A text with what says ``words`` (of ``searching.wanted``) marked, counted from ``first``, and how often."""
    marks: list[tuple[int, int, Markup]] = []
    hits = 0
    for one in paragraphs(html):
        for start, end in find(one.text, words):
            for nth, (begin, stop) in enumerate(one.stretches(start, end)):
                inside = html[begin:stop]
                marks.append((begin, stop, _HIT.format(inside) if nth else _FIRST_HIT.format(first + hits, inside)))
            hits += 1
    return _put(html, marks), hits
