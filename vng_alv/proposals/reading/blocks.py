"""What a document consists of, whatever wrote it: blocks of words, with marks where something was left out."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused

MAX_BLOCKS = 10_000
MAX_TABLES = 500
MAX_CELLS = 20_000

LINK = re.compile(r"(?:https?://|mailto:)[^\s<>\\]+", re.IGNORECASE)
SPACE = " \t\n"


class Left(StrEnum):
    """What was left out or changed at a place: a character of private use, taken out again when the text is cut."""

    IMAGE = "\ue001"
    COMMENT = "\ue002"
    CHANGE = "\ue003"
    BOX = "\ue004"
    HIDDEN = "\ue005"
    MERGED = "\ue006"
    NESTED = "\ue007"
    LONG_HEADING = "\ue008"
    GUESSED = "\ue009"
    SOFT_HYPHEN = "\u00ad"


MARKS = re.compile("[\ue000-\ue00f\u00ad]")

# What would be Markdown where it was only a sign.
_SIGNS = re.compile(r"[\\`*]|(?<!\w)_|_(?!\w)|<(?=[a-zA-Z/!?])|&(?=#?\w+;)|\](?=[(\[:])")
_LINE = re.compile(r"^(?:[-+](?=\s|$)|-(?=[-\s]*$)|=(?==*\s*$)|>|#(?=#{0,5}(?:\s|$))|~(?=~~)|[|:](?=[|:\-\s]+$))")
_ORDERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")


def escape(text: str) -> str:
    """Words as Markdown that reads as just these words, within a line."""
    return _SIGNS.sub(r"\\\g<0>", text)


def escape_line(line: str) -> str:
    """A line that does not begin a list, heading or quotation."""
    return _ORDERED.sub(r"\1\\\2", _LINE.sub(r"\\\g<0>", line))


@dataclass
class Inline:
    """Words with their dress: (text, bold, italic, address), as many pieces as the writing program made of them."""

    pieces: list[tuple[str, bool, bool, str]] = field(default_factory=list)

    def add(self, text: str, bold: bool = False, italic: bool = False, href: str = "") -> None:
        """Words at the end."""
        if text:
            self.pieces.append((text, bold, italic, href if LINK.fullmatch(href) else ""))

    def leave(self, what: Left) -> None:
        """Something that is left out here."""
        self.pieces.append((what.value, False, False, ""))

    def plain(self) -> str:
        """The words alone, on one line."""
        return re.sub(r"[ \t\n]+", " ", "".join(piece[0] for piece in self.pieces)).strip(SPACE)

    def all_bold(self) -> bool:
        """Whether every word is bold."""
        words = [bold for text, bold, _, _ in self.pieces if MARKS.sub("", text).strip()]
        return bool(words) and all(words)

    def markdown(self) -> str:
        """The words as one paragraph of Markdown; a forced line break stays one."""
        made = re.sub(r"[ \t]+", " ", self._dressed())
        lines = [line.strip(SPACE) for line in made.split("\n")]
        return "\\\n".join(escape_line(line) for line in lines if line.strip())

    def _dressed(self) -> str:
        made = ""
        merged = self._merged()
        for i, (text, bold, italic, href) in enumerate(merged):
            mark = "**" * bold + "*" * italic
            core = text.strip()
            if not core or not (mark or href):
                made += escape(text)
                continue
            start = text.index(core[0])
            before, after = text[:start], text[start + len(core) :]
            follows = after or (merged[i + 1][0] if i + 1 < len(merged) else "")
            if mark and not href:
                # A mark of emphasis next to a letter only holds if the letter is on both its sides.
                while core and follows[:1].isalnum() and not core[-1].isalnum():
                    core, after, follows = core[:-1], core[-1] + after, core[-1]
                last = (made + before)[-1:]
                while core and last.isalnum() and not core[0].isalnum():
                    before, last, core = before + core[0], core[0], core[1:]
                before += core[: len(core) - len(core.lstrip())]
                after = core[len(core.rstrip()) :] + after
                core = core.strip()
                if not core or (made + before).endswith("*"):
                    mark = ""
            words = escape(core)
            words = f"[{words}]({href.replace('(', '%28').replace(')', '%29')})" if href else words
            made += escape(before) + mark + words + mark + escape(after)
        return made

    def _merged(self) -> list[tuple[str, bool, bool, str]]:
        """Neighbours in the same dress as one piece, white space in that of what stands before it; lines apart."""
        merged: list[tuple[str, bool, bool, str]] = []
        for text, bold, italic, href in self.pieces:
            for part in re.split(r"(\n)", text):
                last = merged[-1] if merged else None
                neutral = not MARKS.sub("", part).strip()
                if last and "\n" not in (part, last[0]) and (neutral or last[1:] == (bold, italic, href)):
                    merged[-1] = (last[0] + part, *last[1:])
                elif part:
                    merged.append((part, False, False, "") if neutral else (part, bold, italic, href))
        return merged


@dataclass
class Block:
    """A ``title``, ``heading``, ``paragraph``, ``item`` (of a list; no mark: goes on with the one before) or ``table``.

    ``level`` is 1 for the highest heading and 0 for a list that stands in no other one. ``mark`` is that of an item, or
    the automatic number that a heading begins with.
    """

    kind: str
    text: str = ""
    plain: str = ""
    level: int = 0
    mark: str = ""
    bold: bool = False
    rows: list[list[str]] = field(default_factory=list)
    #: Numbers of the notes that it refers to.
    notes: list[int] = field(default_factory=list)


@dataclass
class Content:
    """What a reader found in a file. ``dropped`` are remarks that belong to no place, with how often."""

    blocks: list[Block] = field(default_factory=list)
    notes: dict[int, str] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)


class Limits:
    """Counts while reading, and refuses what no text to vote on has."""

    def __init__(self) -> None:
        self.blocks = self.tables = self.cells = 0

    def count(self, blocks: int = 0, tables: int = 0, cells: int = 0) -> None:
        """Add to the counts. Raises ``Refused(DOCUMENT_TOO_COMPLEX)``."""
        self.blocks += blocks
        self.tables += tables
        self.cells += cells
        if self.blocks > MAX_BLOCKS or self.tables > MAX_TABLES or self.cells > MAX_CELLS:
            raise Refused(Refusal.DOCUMENT_TOO_COMPLEX)


def flat(blocks: list[Block]) -> str:
    """The blocks of a cell or a note on one line."""
    words = []
    for block in blocks:
        if block.kind == "table":
            words.append(Left.NESTED + " ".join(cell for row in block.rows for cell in row if cell))
        else:
            words.append(f"{block.mark} {block.text}".strip().replace("\\\n", " "))
    return " ".join(word for word in words if word).replace("\n", " ")


def table(rows: list[list[str]], merged: int, notes: list[int]) -> list[Block]:
    """A table, or the paragraph that a box of one cell stands for."""
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        return []
    if len(rows) == len(rows[0]) == 1:
        return [Block("paragraph", escape_line(rows[0][0]), rows[0][0], notes=notes)]
    rows[0][0] = Left.MERGED * merged + rows[0][0]
    return [Block("table", rows=rows, notes=notes)]
