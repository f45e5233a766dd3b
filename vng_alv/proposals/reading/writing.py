"""From blocks to Markdown, and from there to our document with its remarks."""

import re
from collections.abc import Iterable

from vng_alv.proposals.markdown import Document, Remark, heading_line, parse
from vng_alv.proposals.reading.blocks import MARKS, Block, Content, Left
from vng_alv.proposals.reading.guessing import guess

#: The remark of each mark that stands in the text.
CODES = {
    Left.IMAGE: "images_dropped",
    Left.COMMENT: "comments_dropped",
    Left.CHANGE: "changes_accepted",
    Left.BOX: "boxes_dropped",
    Left.HIDDEN: "hidden_dropped",
    Left.MERGED: "merged_cells",
    Left.NESTED: "nested_tables",
    Left.LONG_HEADING: "long_headings",
    Left.GUESSED: "headings_guessed",
    Left.SOFT_HYPHEN: "soft_hyphens",
}
MAX_HEADING = 300
#: How many sections a remark names.
PLACES = 3
NOTES = "**Noten**"
HEADINGS = ("title", "heading")


def document_of(content: Content) -> Document:
    """The document that these blocks are, with a remark for each kind of thing that was left out."""
    titled = any(block.kind == "title" for block in content.blocks)
    blocks, guessed = guess(content.blocks)
    document = parse(write(blocks, content.notes))
    remarks = [Remark(code, number) for code, number in content.dropped.items() if number]
    if guessed and not titled:
        remarks.append(Remark("title_guessed"))
    return _marks_to_remarks(document, remarks)


def _marks_to_remarks(document: Document, remarks: list[Remark]) -> Document:
    texts = [("", document.title + document.preamble)]
    texts += [(s.number, s.heading + s.group + s.lead + s.body) for s in document.sections]
    for mark, code in CODES.items():
        places = [(place, count) for place, text in texts if (count := text.count(mark))]
        if places:
            named = [place for place, _ in places if place]
            shown = ", ".join(named[:PLACES]) + (" …" if len(named) > PLACES else "")
            remarks.append(Remark(code, sum(count for _, count in places), "" if code == "headings_guessed" else shown))
    # What looks like HTML was only words in a file of this kind.
    remarks += [remark for remark in document.remarks if remark.code != "html_shown_as_text"]
    sections = tuple(type(s)(s.number, *map(_clean, (s.heading, s.body, s.group, s.lead))) for s in document.sections)
    return Document(_clean(document.title), _clean(document.preamble), sections, tuple(remarks))


def _clean(text: str) -> str:
    """Without marks, and without the empty lines that they leave."""
    if not MARKS.search(text):
        return text
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"(?m)[ \t]+$", "", MARKS.sub("", text))).strip("\n ")


def write(blocks: Iterable[Block], notes: dict[int, str]) -> str:
    """Blocks as Markdown. Headings get the levels that ``parse`` reads; notes stand at the end of their section."""
    parts: list[str] = []
    items: list[Block] = []
    cited: list[int] = []
    blocks = _levelled(list(blocks))

    def close() -> None:
        if items:
            parts.append(_list(items))
            items.clear()

    def close_notes() -> None:
        close()
        if known := [n for n in cited if n in notes]:
            parts.append(NOTES)
            parts.append("\n".join(f"{n}. {notes[n]}" for n in known))
        cited.clear()

    for block in blocks:
        if block.kind == "item" and (block.mark or items):
            items.append(block)
        elif block.kind in HEADINGS:
            close_notes()
            words = MARKS.sub("", block.plain).strip()
            parts.append(heading_line(block.level, words))
            parts.append("".join(MARKS.findall(block.plain)))
        else:
            close()
            parts.append(_table(block.rows) if block.kind == "table" else block.text)
        cited += block.notes
    close_notes()
    return "\n\n".join(part for part in parts if part)


def _kept(blocks: list[Block]) -> list[Block]:
    """Blocks that have words. A mark without words goes to what stands before it."""
    kept: list[Block] = []
    for block in blocks:
        words = MARKS.sub("", block.plain if block.kind in HEADINGS else block.text).strip()
        if block.kind in HEADINGS and len(words) > MAX_HEADING:
            kept.append(Block("paragraph", Left.LONG_HEADING + block.text, block.plain, notes=block.notes))
        elif words or block.kind == "table":
            kept.append(block)
        elif marks := "".join(MARKS.findall(block.text)):
            if kept and kept[-1].kind != "table":
                kept[-1].text += marks
                kept[-1].plain += marks
            else:
                kept.append(Block("paragraph", marks, marks))
    return kept


def _levelled(blocks: list[Block]) -> list[Block]:
    """Blocks with headings at the levels of Markdown: 1 the title, 2 and 3 what is cut, deeper stays in the text."""
    kept = _kept(blocks)
    headings = [block for block in kept if block.kind in HEADINGS]
    first = headings[0] if headings else None
    if first and first.kind == "heading" and headings[1:] and all(h.level > first.level for h in headings[1:]):
        first.kind, first.plain = "title", first.plain.removeprefix(first.mark).strip()  # one heading above all others
    levels = sorted({block.level for block in headings if block.kind == "heading"})
    for block in headings:
        if block.kind == "heading":
            block.level = min(2 + levels.index(block.level), 6)
        else:
            block.level = 1 if block is first else 2
    return kept


def _table(rows: list[list[str]]) -> str:
    width = max(len(row) for row in rows)
    lines = [
        "| " + " | ".join(cell.replace("|", "\\|") for cell in [*row, *[""] * (width - len(row))]) + " |"
        for row in rows
    ]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def _list(items: list[Block]) -> str:
    """Items with the numbers that they had; another sign after the number begins another list."""
    lines: list[str] = []
    widths: list[int] = []
    last: dict[int, tuple[int, str]] = {}
    for item in items:
        depth = min(item.level, len(widths))
        if not item.mark:  # goes on with the item before
            indent = " " * sum(widths[: item.level + 1])
            lines += ["", *(indent + line for line in item.text.split("\n"))]
            continue
        mark, deeper = item.mark, depth >= len(widths)
        indent = " " * sum(widths[:depth])
        number = re.match(r"\d+", mark)
        if number:
            before, sign = last.get(depth, (None, "."))
            if before is not None and int(number[0]) != before + 1:
                sign = ")" if sign == "." else "."
            last[depth] = (int(number[0]), sign)
            mark = f"{number[0]}{sign}"
            if deeper and depth and number[0] != "1":
                lines.append("")  # a list that begins at another number needs room before it
        else:
            last.pop(depth, None)
        last = {key: value for key, value in last.items() if key <= depth}
        widths = [*widths[:depth], len(mark) + 1]
        first, *more = item.text.split("\n")
        lines.append(f"{indent}{mark} {first}")
        lines += [indent + " " * widths[-1] + line for line in more]
    return "\n".join(lines)
