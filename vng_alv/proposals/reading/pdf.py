"""Reading a PDF: lines of words put together again to paragraphs, with headings guessed by their numbers.

A PDF says where letters stand and not what they are, so that a person has to look over what comes out.
"""

import io
import re
from collections import Counter

import pypdf
from pypdf.errors import DependencyError, PyPdfError

from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.proposals.reading.blocks import Block, Content, Left, Limits, escape, escape_line
from vng_alv.proposals.reading.guessing import PART

MAX_PAGES = 200
#: Letters below which a whole PDF is a picture of a text.
LEAST_LETTERS = 20
#: Lines at the top and the foot of a page that may be heads and feet.
EDGE = 2
#: The part of the usual width that a line in the middle of a paragraph fills.
FULL = 0.75

PAGE_NUMBER = re.compile(
    r"(?:(?:pagina|page|blz\.?|p\.)\s*)?[-–]?\s*\d{1,4}\s*[-–]?(?:\s*(?:van|of|/)\s*\d{1,4})?", re.I
)
BULLET = re.compile(r"^[•‣◦▪●○■□·]\s+(?=\S)")
#: A bullet too, but not in the middle of a paragraph.
DASH = re.compile(r"^[*–—-]\s+(?=\S)")
ITEM = re.compile(r"^(\d{1,3})[.)]\s+(?=\S)")
HEADING = re.compile(
    r"^(?:Artikel\s+(?P<article>\d{1,3})\b|(?P<before>(?:[A-Z]{1,2}\s?)?(?:\d{1,3}\.)*)(?P<number>\d{1,3})[.)]?\s+(?=[A-ZÀ-Þ‘“]))"
)
LONGEST_HEADING = 110


def read(data: bytes) -> Content:
    """The content of a PDF. Raises ``Refused`` for a password, a scan, damage, or too many pages."""
    try:
        pages = _pages(data)
    except (MemoryError, Refused):
        raise
    except DependencyError:
        raise Refused(Refusal.DOCUMENT_LOCKED) from None
    except RecursionError:
        raise Refused(Refusal.DOCUMENT_TOO_COMPLEX) from None
    except PyPdfError as error:
        if "limit" in str(error).lower():
            raise Refused(Refusal.DOCUMENT_TOO_COMPLEX) from None
        raise Refused(Refusal.DOCUMENT_DAMAGED) from None
    except Exception:  # pypdf lets through whatever a broken file makes it stumble over
        raise Refused(Refusal.DOCUMENT_DAMAGED) from None
    content = Content()
    if sum(letter.isalpha() for page in pages for line in page for letter in line) < LEAST_LETTERS:
        raise Refused(Refusal.PDF_WITHOUT_TEXT)
    content.dropped["pages_without_text"] = sum(not page for page in pages)
    content.dropped["heads_dropped"] = _drop_edges(pages)
    content.blocks = _blocks([line for page in pages for line in page])
    content.dropped["from_pdf"] = len(pages)
    return content


def _pages(data: bytes) -> list[list[str]]:
    """The lines of each page, without empty ones."""
    reader = pypdf.PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Refused(Refusal.DOCUMENT_LOCKED)
    declared = reader.root_object["/Pages"].get_object().get("/Count", 0)  # type: ignore[union-attr]
    if declared > MAX_PAGES or len(reader.pages) > MAX_PAGES:
        raise Refused(Refusal.TOO_MANY_PAGES, pages=MAX_PAGES)
    return [
        [kept for line in page.extract_text().splitlines() if (kept := re.sub(r"[ \t]+", " ", line).strip(" "))]
        for page in reader.pages
    ]


def _drop_edges(pages: list[list[str]]) -> int:
    """Take page numbers, and lines that come back on most pages, from top and foot; how many lines that were."""

    def shape(line: str) -> str:
        return re.sub(r"\d+", "0", line)

    seen = Counter(shape(line) for page in pages for line in {*page[:EDGE], *page[-EDGE:]})
    often = max(2, (len(pages) + 1) // 2)
    dropped = 0
    for page in pages:
        for end in (0, -1):
            for _ in range(EDGE):
                if page and (PAGE_NUMBER.fullmatch(page[end]) or seen[shape(page[end])] >= often):
                    page.pop(end)
                    dropped += 1
    return dropped


class _Count:
    """Accepts a heading's number only where it is the first or the next one; a column of figures is no headings."""

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}

    def level(self, line: str) -> int | None:
        """The level of a line that is a heading, or None."""
        words = line.replace(Left.SOFT_HYPHEN, "")
        if len(words) > LONGEST_HEADING or words.endswith((".", ";", ",")):
            return None
        if PART.match(words):
            return 1
        found = HEADING.match(words)
        if not found:
            return None
        before, number = ("Artikel", found["article"]) if found["article"] else (found["before"], found["number"])
        if int(number) != self.seen.get(before, 0) + 1 and int(number) != 1:
            return None
        self.seen[before] = int(number)
        return 2 + before.count(".")


def _blocks(lines: list[str]) -> list[Block]:
    lengths = sorted(len(line) for line in lines)
    usual = lengths[int(len(lengths) * 0.9)] if lengths else 0
    limits, count = Limits(), _Count()
    made: list[Block] = []
    open_ = False  # whether the last block goes on with the next line
    for line in lines:
        full = len(line) >= FULL * usual
        item = ITEM.match(line)
        bullet = BULLET.match(line) or (None if open_ else DASH.match(line))
        level = None if (open_ and not item) or full else count.level(line)
        if level is not None:
            made.append(Block("heading", line, Left.GUESSED + line, level))
            open_ = False
            continue
        if bullet or item:
            start = (bullet or item).end()  # type: ignore[union-attr]
            made.append(Block("item", line[start:], line[start:], 0, f"{item[1]}." if item else "-"))
        elif open_ and made:
            made[-1].plain = made[-1].text = _joined(made[-1].text, line)
        else:
            made.append(Block("paragraph", line, line))
        limits.count(blocks=1)
        open_ = full
    for block in made:
        if block.kind != "heading":
            block.plain = block.text.replace(Left.SOFT_HYPHEN, "")
            block.text = escape_line(escape(block.plain))
        else:
            block.plain = block.plain.replace(Left.SOFT_HYPHEN, "")
    return made


def _joined(before: str, line: str) -> str:
    """Two lines as one; a word that was broken with a hyphen between small letters is whole again."""
    if before.endswith(Left.SOFT_HYPHEN):
        return before[:-1] + line
    if re.search(r"[a-zà-ÿ][-‐]$", before) and re.match(r"[a-zà-ÿ]", line) and not re.match(r"(?:en|of)\b", line):
        return before[:-1] + line
    return f"{before} {line}"
