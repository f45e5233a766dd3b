"""A document of headings, lines and tables, which PDF and Word are both made of, so that they say the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vng_alv.exports import pdf, words
from vng_alv.exports.pdf import Markdown
from vng_alv.exports.word import Paper


@dataclass(frozen=True)
class Head:
    """A heading of level 1, 2 or 3."""

    level: int
    said: str


@dataclass(frozen=True)
class Line:
    """A paragraph; ``strong`` for what is decided, ``quiet`` for what explains it."""

    said: str
    strong: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class Rows:
    """Names with their words, each on a line."""

    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Grid:
    """A table with a header; columns ``numbers`` (from 0) hold numbers."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Prose:
    """Markdown of people."""

    text: str


Block = Head | Line | Rows | Grid | Prose


@dataclass(frozen=True)
class Report:
    """A document; ``example`` marks an invented one, ``mark`` says what it is not yet (a draft), or ''."""

    title: str
    author: str
    running: str
    foot: str
    lang: str
    example: bool
    blocks: Sequence[Block]
    mark: str = ""

    @property
    def marked(self) -> str:
        """What stands at the top of each page: that it is invented, or a draft, or both."""
        return ", ".join(filter(None, (words.example(self.example), self.mark)))


def to_pdf(report: Report) -> bytes:
    """The report as PDF. Raises ``pdf.NotMade``."""
    return pdf.make("report", data_of(report))


def data_of(report: Report) -> dict[str, Any]:
    """The report as the data of its template."""
    return {
        "lang": report.lang,
        "title": report.title,
        "author": report.author,
        "running": report.running,
        "foot": report.foot,
        "example": report.marked,
        "words": words.frame(),
        "blocks": [_data(block) for block in report.blocks],
    }


def _data(block: Block) -> dict[str, Any]:
    match block:
        case Head():
            return {"t": "head", "level": block.level, "said": block.said}
        case Line():
            return {"t": "line", "said": block.said, "strong": block.strong, "quiet": block.quiet}
        case Rows():
            return {"t": "rows", "pairs": [list(pair) for pair in block.pairs]}
        case Grid():
            return {
                "t": "grid",
                "header": list(block.header),
                "rows": [list(row) for row in block.rows],
                "numbers": sorted(block.numbers),
            }
        case Prose():
            return {"t": "prose", "blocks": Markdown(block.text)}


def to_docx(report: Report) -> bytes:
    """The report as a Word document."""
    head = " · ".join(filter(None, (report.author, report.running, report.marked.upper())))
    paper = Paper(report.title, report.author, lang=report.lang, head=head, foot=report.foot)
    paper.title(report.title)
    for block in report.blocks:
        match block:
            case Head():
                paper.heading(block.said, block.level)
            case Line():
                paper.line(block.said, strong=block.strong)
            case Rows():
                paper.rows(block.pairs)
            case Grid():
                paper.grid(block.header, block.rows)
            case Prose():
                paper.markdown(block.text, 3)
    return paper.bytes()
