"""The workbench as it is shown: the words in order with who put them there, the clashes between them, the outcome."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from vng_alv.amendments.models import Amendment
from vng_alv.amendments.workbench import Bench
from vng_alv.domain.merge import Agreed, Piece
from vng_alv.domain.redline import Change, Span, redline


@dataclass(frozen=True)
class Option:
    """One way out of a clash: what the amendments ``by`` make of the passage."""

    key: str
    by: list[Amendment]
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Passage:
    """Words that stand with the amendments that put them there, or a clash with its name and options."""

    text: str
    by: list[Amendment]
    name: str = ""
    options: tuple[Option, ...] = ()

    @property
    def spans(self) -> tuple[Span, ...]:
        """The words as they stand, in the shape of a redline."""
        return (Span(Change.SAME, self.text),)


def passages(bench: Bench, amendments: Mapping[str, Amendment]) -> tuple[list[list[Passage]], list[list[Passage]]]:
    """Heading and text of a section: runs of words that stand, and clashes, each in a list of its own."""
    heading = _passages(bench.part.heading, amendments, 0)
    body = _passages(bench.part.body, amendments, sum(bool(one.name) for one in heading))
    return _runs(heading), _runs(body)


def _runs(found: Iterable[Passage]) -> list[list[Passage]]:
    return [list(run) for _, run in groupby(found, key=lambda one: one.name)]


def _passages(pieces: Iterable[Piece[str]], amendments: Mapping[str, Amendment], number: int) -> list[Passage]:
    found = []
    for piece in pieces:
        if isinstance(piece, Agreed):
            found.append(Passage(piece.text, by(piece.keys, amendments)))
            continue
        grouped: dict[str, list[str]] = {}
        for key, text in piece.options.items():
            grouped.setdefault(text, []).append(key)
        options = []
        for text, keys in grouped.items():
            who = by(keys, amendments)
            options.append(Option(str(who[0].submission_id), who, text, redline(piece.base, text)))
        options.sort(key=lambda option: option.by[0].submission.number or 0)
        found.append(Passage(piece.base, [], str(number), tuple(options)))
        number += 1
    return found


def by(keys: Iterable[str], amendments: Mapping[str, Amendment]) -> list[Amendment]:
    """These amendments, by number."""
    return sorted((amendments[key] for key in keys), key=lambda one: one.submission.number or 0)


def redlined(bench: Bench) -> tuple[tuple[Span, ...], ...]:
    """What becomes of heading and text, as far as it has been decided."""
    base = bench.part.base
    words = bench.drafted if bench.missing else bench.outcome.words
    was, now = (base.heading, base.body) if base else ("", ""), (words.heading, words.body) if words else ("", "")
    return tuple(redline(one, other) for one, other in zip(was, now, strict=True))
