"""Putting changes of one text together, word by word (docs/rules.md, amendments).

When two changes clash:

- They rewrite or remove the same words in a different way, or words right beside each other. With an untouched word,
  blank or line end between them they stand together, and so do two cells of a table row; a hyphen, apostrophe, full
  stop or comma alone does not keep words apart.
- They insert something different at the same place.
- One inserts something inside or right beside what the other rewrites or removes. A word that is inserted carries the
  blank before it and so hangs on the word it follows: it stands when only the word after it is changed.
- Whole lines hang on nothing: a paragraph, item or row can be inserted or removed beside a line that is changed.

Equal edits agree, and so do edits that make the same words of the same passage.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Generic, TypeAlias, TypeVar

from vng_alv.domain.redline import JOINERS, Edit, edits, is_line_end, tokens

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Agreed(Generic[K]):
    """Words that stand, and which changes put them there: none for the base's own; '' where they only remove."""

    text: str
    keys: frozenset[K]


@dataclass(frozen=True)
class Clash(Generic[K]):
    """A passage of the base ('' for a place between words) and what each change that touches it makes of it."""

    base: str
    options: Mapping[K, str]


Piece: TypeAlias = Agreed[K] | Clash[K]


class Side(StrEnum):
    """The keys of a change that is carried over."""

    NEW = "new"  # what became of the base
    OURS = "ours"  # the change that is carried


def merge(base: str, changed: Mapping[K, str]) -> tuple[Piece[K], ...]:
    """All changes in one text, in the order of the base; each changed text is what one change makes of the base."""
    return _merged(tokens(base), {key: edits(base, text) for key, text in changed.items()})


def rebase(base: str, new_base: str, changed: str) -> tuple[Piece[Side], ...]:
    """A change that was made on ``base``, carried over to ``new_base``."""
    return merge(base, {Side.NEW: new_base, Side.OURS: changed})


def clashes(pieces: Iterable[Piece[K]]) -> tuple[Clash[K], ...]:
    """The passages that need a choice, in order."""
    return tuple(piece for piece in pieces if isinstance(piece, Clash))


def text_of(pieces: Iterable[Piece[K]], choices: Mapping[int, str] | None = None) -> str:
    """The merged text, with for each clash, by its place in ``clashes``, the words that were chosen.

    Raises ``ValueError`` when a clash has no choice, or a choice no clash.
    """
    left = dict(choices or {})
    text: list[str] = []
    number = 0
    for piece in pieces:
        if isinstance(piece, Agreed):
            text.append(piece.text)
            continue
        if number not in left:
            raise ValueError(f"no choice was made for clash {number}")
        text.append(left.pop(number))
        number += 1
    if left:
        raise ValueError(f"there is no clash {min(left)}")
    return "".join(text)


def collisions(base: str, changed: Mapping[K, str]) -> frozenset[frozenset[K]]:
    """The pairs of changes that clash when they are merged without the others."""
    words = tokens(base)
    made = {key: edits(base, text) for key, text in changed.items()}
    return frozenset(
        frozenset(pair) for pair in combinations(made, 2) if clashes(_merged(words, {key: made[key] for key in pair}))
    )


def _merged(words: Sequence[str], made: Mapping[K, Sequence[Edit]]) -> tuple[Piece[K], ...]:
    by_edit: dict[Edit, set[K]] = {}
    for key, own in made.items():
        for edit in own:
            by_edit.setdefault(edit, set()).add(key)
    pieces: list[Piece[K]] = []
    done = 0
    for passage in _passages(words, by_edit):
        start, end = min(edit.start for edit in passage), max(edit.end for edit in passage)
        keys = {key for edit in passage for key in by_edit[edit]}
        options = {key: _edited(words, start, end, [edit for edit in passage if key in by_edit[edit]]) for key in keys}
        if done < start:
            pieces.append(Agreed("".join(words[done:start]), frozenset()))
        outcomes = set(options.values())
        pieces.append(
            Agreed(outcomes.pop(), frozenset(keys)) if len(outcomes) == 1 else Clash("".join(words[start:end]), options)
        )
        done = end
    if done < len(words):
        pieces.append(Agreed("".join(words[done:]), frozenset()))
    return tuple(pieces)


def _passages(words: Sequence[str], found: Iterable[Edit]) -> list[list[Edit]]:
    """The edits in order, those that cannot stand together in one list."""
    passages: list[list[Edit]] = []
    for edit in sorted(found):
        if passages and not all(_apart(words, other, edit) for other in passages[-1]):
            passages[-1].append(edit)
        else:
            passages.append([edit])
    return passages


def _apart(words: Sequence[str], left: Edit, right: Edit) -> bool:
    """Whether two different edits can stand together; ``left`` comes first in order."""
    if between := words[left.end : right.start]:
        return len(between) > 1 or between[0] not in JOINERS
    if left.end > right.start or left.start == right.end:
        return False
    return _whole_lines(words, left) or _lines_after(words, right)


def _whole_lines(words: Sequence[str], edit: Edit) -> bool:
    """Whether an edit inserts, removes or rewrites lines from their first word up to and including the line end."""
    return (
        (edit.start == 0 or is_line_end(words[edit.start - 1]))
        and (edit.start == edit.end or is_line_end(words[edit.end - 1]))
        and (not edit.text or is_line_end(edit.text[-1]))
    )


def _lines_after(words: Sequence[str], edit: Edit) -> bool:
    """The same from the end of the line before, as at the end of a text without a last line end."""
    return (
        edit.start > 0  # or else an edit of the whole text could be both this and whole lines, and join its neighbours
        and (edit.start == edit.end or is_line_end(words[edit.start]))
        and (edit.end == len(words) or is_line_end(words[edit.end]))
        and (not edit.text or is_line_end(edit.text[0]))
    )


def _edited(words: Sequence[str], start: int, end: int, own: Sequence[Edit]) -> str:
    """Tokens ``start`` up to ``end`` with the edits of one change."""
    text: list[str] = []
    for edit in own:
        text += [*words[start : edit.start], edit.text]
        start = edit.end
    return "".join([*text, *words[start:end]])
