"""Finding the title and the headings of a document whose writer only made them bold, or only numbered them."""

import re
from dataclasses import replace

from vng_alv.proposals.reading.blocks import MARKS, Block, Left

LONGEST = 150
NUMBERED = re.compile(
    r"(?:Artikel\s+\d{1,3}[a-z]?\b|(?:[A-Z]{1,2}\s?)?\d{1,3}(?:\.\d{1,3}){0,3}(?:[.):]\s+|\s+)(?=[A-ZÀ-Þ‘“'\"])|[A-Z][.)]\s+)"
)
PART = re.compile(r"(?:Deel|Hoofdstuk|Onderdeel|Thema)\s+(?:\d{1,3}|[A-Z]|[IVX]{1,5})\b")
MOTION = re.compile(
    r"(?:constaterende|overwegende|gehoord|gelezen|gezien|in aanmerking nemende|van mening zijnde|van mening|spreekt|"
    r"verzoekt?|roept|draagt|besluit|dragen)\b[^.;]{0,80}[:,]?$",
    re.IGNORECASE,
)


def guess(blocks: list[Block]) -> tuple[list[Block], bool]:
    """The blocks with headings and a title where it had none, and whether the title was guessed.

    A title is guessed only before the first heading, and nothing at all where the writer used styles for headings.
    """
    titled = any(block.kind == "title" for block in blocks)
    styled = sum(block.kind == "heading" for block in blocks)
    if not styled or (styled == 1 and blocks[0].kind == "heading" and not titled):
        blocks = _headed(blocks)
    if titled or any(block.kind == "heading" and block.level == 0 for block in blocks):
        return blocks, False
    return _titled(blocks)


def _short(block: Block) -> bool:
    return block.kind in ("paragraph", "item") and 0 < len(MARKS.sub("", block.plain)) <= LONGEST and not block.level


def _headed(blocks: list[Block]) -> list[Block]:
    """Bold numbered lines as headings; without them numbered lines by themselves, or the parts of a motion."""

    def words(block: Block) -> str:
        return MARKS.sub("", f"{block.mark if block.mark != '-' else ''} {block.plain}").strip()

    short = [i for i, block in enumerate(blocks) if _short(block)]
    bold = [i for i in short if blocks[i].bold and NUMBERED.match(words(blocks[i]))]
    found = bold or [
        i for i in short if re.match(r"Artikel\s+\d", words(blocks[i])) and not words(blocks[i]).endswith((".", ";"))
    ]
    if not found:
        found = [i for i in short if MOTION.match(words(blocks[i])) and blocks[i].kind == "paragraph"]
    parts = [i for i in short if PART.match(words(blocks[i])) and (blocks[i].bold or not bold)] if found else []
    made = list(blocks)
    for i in {*found, *parts}:
        text = words(blocks[i])
        made[i] = replace(
            blocks[i], kind="heading", plain=Left.GUESSED + "".join(MARKS.findall(blocks[i].plain)) + text,
            text=text, mark="", level=1 if i in parts else 2,
        )  # fmt: skip
    return made


def _titled(blocks: list[Block]) -> tuple[list[Block], bool]:
    """The first line as the title, where it is short and bold, or stands before a heading and is no sentence."""
    if not blocks or not _short(blocks[0]) or blocks[0].kind != "paragraph":
        return blocks, False
    levels = [block.level for block in blocks if block.kind == "heading"]
    words = MARKS.sub("", blocks[0].plain).strip()
    if blocks[0].bold or (levels and not words.endswith((".", ";", ",", ":"))):
        return [replace(blocks[0], kind="title"), *blocks[1:]], True
    return blocks, False
