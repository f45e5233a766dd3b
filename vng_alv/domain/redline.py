"""What changed between two texts, word by word (docs/rules.md, amendments).

How the work stays bounded: what both texts begin and end with is left out; long texts are first pinned together where
eight tokens in a row stand once in both (sorting, so about linear); what lies between the pins is compared word by
word as long as ``BUDGET`` lasts, and what is left after that counts as one change. Pins and not equal lines, because
one word replaced throughout leaves hardly a line equal.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise

#: Characters that are a token of their own; everything else that is no white space belongs to a word, so that
#: soft hyphens, combining marks and joined emoji never come apart.
_MARKS = (
    r"!-/:-@\[-`{-~\u00a1-\u00a9\u00ab\u00ac\u00ae-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7"
    r"\u2010-\u2027\u2030-\u205e\u20a0-\u20c0"
)
_LETTER = rf"[^\s{_MARKS}]"
#: Inside a word ("foto's", "e-mail", "1.500") these belong to it.
JOINERS = frozenset("-'’‐‑.,")
_TOKEN = re.compile(
    rf"[\r\n]+|[^\S\r\n]+|{_LETTER}+(?:(?:[-'’‐‑]|(?<=\d)[.,](?=\d)){_LETTER}+)*|(?P<mark>[{_MARKS}])(?P=mark)*"
)
_WORD = re.compile(_LETTER)

#: A word of at most so many characters between two changes is not worth showing as unchanged.
SHORT = 3
#: So many tokens in a row that stand once in both texts pin the texts together.
PIN = 8
#: Passages with fewer pairs of tokens than this are compared at once, without pins.
LARGE = 1_000_000
#: How often pins are looked for inside what lies between pins.
ROUNDS = 3
#: Steps that comparing word by word may take in one redline, were each of them the worst case (some seconds).
BUDGET = 200_000_000

#: From where to where in the old tokens, and from where to where in the new ones.
Passage = tuple[int, int, int, int]


class Change(StrEnum):
    """What became of words."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class Span:
    """A run of text with one fate."""

    change: Change
    text: str


@dataclass(frozen=True, order=True)
class Edit:
    """Tokens ``start`` up to ``end`` of the old text give way to ``text``; an insertion has ``start == end``."""

    start: int
    end: int
    text: str


def tokens(text: str) -> list[str]:
    """The words, blanks, line ends and punctuation marks of a text; joined they are the text again."""
    return [found.group() for found in _TOKEN.finditer(text)]


def is_word(token: str) -> bool:
    """Whether a token is a word or number, and no blank, line end or punctuation mark."""
    return _WORD.match(token) is not None


def is_line_end(token: str) -> bool:
    """Whether a token is one or more line ends."""
    return token[0] in "\r\n"


def _is_blank(token: str) -> bool:
    return token.isspace() and not is_line_end(token)


def redline(old: str, new: str) -> tuple[Span, ...]:
    """The new text with what was added and removed, in whole words.

    Neighbouring spans differ in kind, and what was removed stands before what took its place.
    """
    was, now = tokens(old), tokens(new)
    spans: list[Span] = []
    done = 0
    for i1, i2, j1, j2 in _passages(was, now):
        spans += [
            Span(Change.SAME, "".join(was[done:i1])),
            Span(Change.REMOVED, "".join(was[i1:i2])),
            Span(Change.ADDED, "".join(now[j1:j2])),
        ]
        done = i2
    spans.append(Span(Change.SAME, "".join(was[done:])))
    return tuple(span for span in spans if span.text)


def edits(old: str, new: str) -> tuple[Edit, ...]:
    """The changes of a redline as edits of the tokens of the old text, in order and apart.

    A passage that was rewritten is one edit, short words that happened to survive included: were these left out,
    merging could weave somebody else's word into a rewritten sentence without anybody noticing.
    """
    was, now = tokens(old), tokens(new)
    return tuple(Edit(i1, i2, "".join(now[j1:j2])) for i1, i2, j1, j2 in _passages(was, now))


def before(spans: Iterable[Span]) -> str:
    """The old text of a redline."""
    return "".join(span.text for span in spans if span.change is not Change.ADDED)


def after(spans: Iterable[Span]) -> str:
    """The new text of a redline."""
    return "".join(span.text for span in spans if span.change is not Change.REMOVED)


def apply(old: str, spans: Sequence[Span]) -> str:
    """The new text. Raises ``ValueError`` when the redline was not made of this old text."""
    if before(spans) != old:
        raise ValueError("this redline was made of another text")
    return after(spans)


def summary(spans: Iterable[Span]) -> tuple[int, int]:
    """How many words a redline adds and how many it removes."""
    words = Counter[Change]()
    for span in spans:
        words[span.change] += sum(map(is_word, tokens(span.text)))
    return words[Change.ADDED], words[Change.REMOVED]


def _passages(was: Sequence[str], now: Sequence[str]) -> list[Passage]:
    """What changed, in order, with at least one equal token between two passages."""
    found: list[Passage] = []
    for passage in _settled(was, now, _differences(was, now)):
        if found and _trifling(was[found[-1][1] : passage[0]]):
            found[-1] = (found[-1][0], passage[1], found[-1][2], passage[3])
        else:
            found.append(passage)
    return found


def _trifling(between: Sequence[str]) -> bool:
    """Whether equal tokens between two changes only break up the reading; lines and table cells stay apart."""
    words = [token for token in between if is_word(token)]
    return not any(is_line_end(token) or token[0] == "|" for token in between) and (
        not words or (len(words) == 1 and len(words[0]) <= SHORT)
    )


def _differences(was: Sequence[str], now: Sequence[str]) -> list[Passage]:
    """What differs, as closely as there is time for."""
    found: list[Passage] = []
    left = BUDGET
    for within in _between_pins(was, now, (0, len(was), 0, len(now)), ROUNDS):
        i1, i2, j1, j2 = within
        # Blanks are compared afterwards: half of all tokens, they would cost most and say least.
        places = [i for i in range(i1, i2) if not _is_blank(was[i])]
        others = [j for j in range(j1, j2) if not _is_blank(now[j])]
        counted = Counter(now[j] for j in others)
        # One search for the longest match visits each pair of equal tokens once, and each search finds a match.
        cost = sum(counted[was[i]] for i in places) * min(len(places), len(others))
        if not cost or cost > left:
            found.append(within)
            continue
        left -= cost
        matcher = SequenceMatcher(None, [was[i] for i in places], [now[j] for j in others], autojunk=False)
        for one, other, size in matcher.get_matching_blocks():
            same = list(zip(places[one : one + size], others[other : other + size], strict=True))
            for i, j in same or [(i2, j2)]:  # the last block is empty and stands for the end
                found.append(_trimmed(was, now, (i1, i, j1, j)))
                i1, j1 = i + 1, j + 1
    return [passage for passage in found if passage[0] < passage[1] or passage[2] < passage[3]]


def _trimmed(was: Sequence[str], now: Sequence[str], within: Passage) -> Passage:
    """A passage without the tokens that both texts begin and end with."""
    i1, i2, j1, j2 = within
    while i1 < i2 and j1 < j2 and was[i1] == now[j1]:
        i1, j1 = i1 + 1, j1 + 1
    while i1 < i2 and j1 < j2 and was[i2 - 1] == now[j2 - 1]:
        i2, j2 = i2 - 1, j2 - 1
    return i1, i2, j1, j2


def _between_pins(was: Sequence[str], now: Sequence[str], within: Passage, rounds: int) -> Iterator[Passage]:
    """The passages that differ, cut up at long runs of tokens that both texts have once."""
    i1, i2, j1, j2 = _trimmed(was, now, within)
    pins = _pins(was, now, (i1, i2, j1, j2)) if rounds and (i2 - i1) * (j2 - j1) > LARGE else []
    for i, j in pins:
        if i < i1 or j < j1:  # already inside the run from an earlier pin
            continue
        yield from _between_pins(was, now, (i1, i, j1, j), rounds - 1)
        i1, j1 = i, j
        while i1 < i2 and j1 < j2 and was[i1] == now[j1]:
            i1, j1 = i1 + 1, j1 + 1
    if pins:
        yield from _between_pins(was, now, (i1, i2, j1, j2), rounds - 1)
    elif i1 < i2 or j1 < j2:
        yield i1, i2, j1, j2


def _pins(was: Sequence[str], now: Sequence[str], within: Passage) -> list[tuple[int, int]]:
    """The most runs of ``PIN`` tokens, each once in both texts, that come in the same order in both."""
    places = _once(was, within[0], within[1])
    others = _once(now, within[2], within[3])
    pairs = [(i, others[run]) for run, i in places.items() if run in others]
    # The longest rising row: ``ends`` holds the lowest place in which a row of each length can end.
    ends: list[int] = []
    last: list[int] = []
    earlier: list[int] = []
    for n, (_, j) in enumerate(pairs):
        length = bisect_left(ends, j)
        earlier.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [j]
        last[length : length + 1] = [n]
    row: list[tuple[int, int]] = []
    n = last[-1] if last else -1
    while n >= 0:
        row.append(pairs[n])
        n = earlier[n]
    return row[::-1]


def _once(words: Sequence[str], start: int, end: int) -> dict[tuple[str, ...], int]:
    """Where each run of ``PIN`` tokens that stands there once begins, in order."""
    runs = [tuple(words[i : i + PIN]) for i in range(start, end - PIN + 1)]
    times = Counter(runs)
    return {run: start + i for i, run in enumerate(runs) if times[run] == 1}


def _settled(was: Sequence[str], now: Sequence[str], found: Sequence[Passage]) -> list[Passage]:
    """Puts each insertion and deletion where a reader would: whole lines, or else a blank with the word after it.

    "a, b" and "a, c, b" differ by ", c", " c," or "c, "; without a rule, which of them would be chance.
    """
    settled: list[Passage] = []
    for passage, following in pairwise([*found, (len(was) + 1, 0, len(now) + 1, 0)]):
        i1, i2, j1, j2 = passage
        if i1 == i2 or j1 == j2:
            words, start, end = (now, j1, j2) if i1 == i2 else (was, i1, i2)
            back = j1 - settled[-1][3] - 1 if settled else j1
            ahead = following[2] - j2 - 1
            first = last = 0
            while -first < back and words[start + first - 1] == words[end + first - 1]:
                first -= 1
            while last < ahead and words[start + last] == words[end + last]:
                last += 1
            best = max(range(first, last + 1), key=lambda by: (_neat(words, start + by, end + by), -by))
            i1, i2, j1, j2 = i1 + best, i2 + best, j1 + best, j2 + best
        settled.append((i1, i2, j1, j2))
    return settled


def _neat(words: Sequence[str], start: int, end: int) -> int:
    if (start == 0 or is_line_end(words[start - 1])) and is_line_end(words[end - 1]):
        return 2
    return int(_is_blank(words[start]))
