"""Word documents: headings, lists and tables as Word has them, and changes as its own insertions and deletions."""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from docx import Document as new_document
from docx.enum.section import WD_ORIENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from vng_alv.domain.redline import Change, redline
from vng_alv.exports.lasting import made_at, repacked
from vng_alv.exports.trees import Node, plain, tidy, tree

FONT = "Calibri"
INK = RGBColor(0x15, 0x42, 0x73)
#: How deep headings and lists go in Word.
DEEPEST = 9
_SIZES = {"Title": 24, "Heading 1": 16, "Heading 2": 13, "Heading 3": 12}
_TAGS = {Change.ADDED: "w:ins", Change.REMOVED: "w:del"}
_BULLETS = "•–◦"


def _element(tag: str, **attributes: object) -> Any:
    found = OxmlElement(tag)
    for name, value in attributes.items():
        found.set(qn(f"w:{name}"), str(value))
    return found


class Paper:
    """A Word document that is being written, from top to bottom."""

    def __init__(self, title: str, author: str, *, lang: str = "nl", head: str = "", foot: str = "") -> None:
        self._document: Any = new_document()
        about = self._document.core_properties
        about.title, about.author, about.language = tidy(title)[:255], tidy(author)[:255], lang
        about.comments, about.created = "", made_at().replace(tzinfo=None)
        page = self._document.sections[0]
        page.orientation, page.page_width, page.page_height = WD_ORIENT.PORTRAIT, Cm(21), Cm(29.7)
        page.left_margin = page.right_margin = Cm(2.5)
        page.header.paragraphs[0].text, page.footer.paragraphs[0].text = tidy(head), tidy(foot)
        self._changes = 0
        self._dress()
        self._bullets, self._numbers = self._lists()

    def _dress(self) -> None:
        styles = self._document.styles
        languages = styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr/w:lang")
        for one in languages:
            one.set(qn("w:val"), "nl-NL")
        for name in ("Normal", "Title", *(f"Heading {n}" for n in range(1, DEEPEST + 1))):
            style = styles[name]
            style.font.name = FONT
            fonts = style.element.rPr.rFonts
            for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(qn(f"w:{theme}"), None)  # a theme's font would go before this one
            if name != "Normal":
                style.font.color.rgb, style.font.size = INK, Pt(_SIZES.get(name, 11))
        styles["Normal"].font.size = Pt(11)
        styles["Normal"].paragraph_format.space_after = Pt(6)

    def _lists(self) -> tuple[int, int]:
        """The kinds of list that every list of this document is one of: with bullets, and with numbers."""
        root = self._document.part.numbering_part.element
        made = []
        for number in (900, 901):
            levels = "".join(
                f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/>'
                + (
                    f'<w:numFmt w:val="bullet"/><w:lvlText w:val="{_BULLETS[level % 3]}"/>'
                    if number == 900
                    else f'<w:numFmt w:val="decimal"/><w:lvlText w:val="%{level + 1}."/>'
                )
                + f'<w:pPr><w:ind w:left="{360 * (level + 1)}" w:hanging="360"/></w:pPr></w:lvl>'
                for level in range(DEEPEST)
            )
            kind = parse_xml(
                f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}">'
                f'<w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
            )
            root.insert(0, kind)  # before all lists, as the format wants it
            made.append(number)
        return made[0], made[1]

    def _list(self, *, numbered: bool, level: int, start: int) -> int:
        """A new list, with its own count; its number."""
        numbering = self._document.part.numbering_part.element
        one = numbering.add_num(self._numbers if numbered else self._bullets)
        if numbered:
            one.add_lvlOverride(ilvl=level).add_startOverride(start)
        return int(one.numId)

    # --- Text

    def title(self, words: str) -> None:
        """The title of the document."""
        self._document.add_paragraph(tidy(words), style="Title")

    def heading(self, words: str, level: int) -> None:
        """A heading; levels beyond Word's last are its last."""
        self._document.add_paragraph(tidy(words), style=f"Heading {min(level, DEEPEST)}")

    def line(self, words: str, *, strong: bool = False) -> None:
        """A paragraph of plain words."""
        self._document.add_paragraph().add_run(tidy(words)).bold = strong or None

    def grid(self, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table of plain words."""
        cells = [[[{"t": "s", "s": tidy(words)}] for words in row] for row in (header, *rows)]
        self._table({"head": cells[0], "rows": cells[1:]})

    def rows(self, pairs: Iterable[Sequence[str]]) -> None:
        """Names in bold with their words, each on a line."""
        for name, words in pairs:
            paragraph = self._document.add_paragraph()
            paragraph.paragraph_format.space_after = Pt(0)
            paragraph.add_run(f"{tidy(name)}: ").bold = True
            paragraph.add_run(tidy(words))

    def markdown(self, text: str, level: int) -> None:
        """A text of people below a heading of some level."""
        self._blocks(tree(text), level)

    def _blocks(self, blocks: Iterable[Node], level: int) -> None:
        for block in blocks:
            match block["t"]:
                case "p":
                    self._pieces(self._document.add_paragraph(), block["c"])
                case "h":
                    self.heading(plain(block["c"]), level + block["n"])
                case "ul" | "ol":
                    self._items(block, level, 0)
                case "quote":
                    self._quote(block["c"], level)
                case "code":
                    for line in block["s"].split("\n"):
                        self._document.add_paragraph().add_run(line).font.name = "Consolas"
                case "table":
                    self._table(block)

    def _quote(self, blocks: Sequence[Node], level: int) -> None:
        before = len(self._document.paragraphs)
        self._blocks(blocks, level)
        for paragraph in self._document.paragraphs[before:]:
            if paragraph.paragraph_format.left_indent is None:
                paragraph.paragraph_format.left_indent = Cm(1)

    def _items(self, block: Node, level: int, depth: int) -> None:
        depth = min(depth, DEEPEST - 1)
        list_id = self._list(numbered=block["t"] == "ol", level=depth, start=block.get("start", 1))
        for item in block["items"]:
            numbered = False
            for one in item or [{"t": "p", "c": []}]:
                if one["t"] == "p":
                    paragraph = self._document.add_paragraph()
                    if numbered:
                        paragraph.paragraph_format.left_indent = Cm(0.635 * (depth + 1))
                    else:
                        properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
                        properties.get_or_add_ilvl().val, properties.get_or_add_numId().val = depth, list_id
                        numbered = True
                    self._pieces(paragraph, one["c"])
                elif one["t"] in ("ul", "ol"):
                    self._items(one, level, depth + 1)
                else:
                    self._blocks([one], level)

    def _table(self, block: Node) -> None:
        rows = [block["head"], *block["rows"]]
        table = self._document.add_table(len(rows), len(block["head"]), style="Table Grid")
        for number, (row, cells) in enumerate(zip(table.rows, rows, strict=True)):
            for cell, words in zip(row.cells, cells, strict=False):
                self._pieces(cell.paragraphs[0], words, bold=number == 0)
        head = table.rows[0]._tr.get_or_add_trPr()
        head.append(_element("w:tblHeader"))  # said again on each page, and by a screen reader
        self._document.add_paragraph()

    def _pieces(self, paragraph: Any, pieces: Iterable[Node], *, bold: bool = False, italic: bool = False) -> None:
        for piece in pieces:
            match piece["t"]:
                case "b":
                    self._pieces(paragraph, piece["c"], bold=True, italic=italic)
                case "i":
                    self._pieces(paragraph, piece["c"], bold=bold, italic=True)
                case "a":
                    self._link(paragraph, piece, bold=bold, italic=italic)
                case "br":
                    paragraph.add_run().add_break()
                case kind:
                    run = paragraph.add_run(piece["s"])
                    run.bold, run.italic = bold or None, italic or None
                    if kind == "code":
                        run.font.name = "Consolas"

    def _link(self, paragraph: Any, piece: Node, *, bold: bool, italic: bool) -> None:
        key = self._document.part.relate_to(piece["u"], RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), key)
        before = len(paragraph._p)
        self._pieces(paragraph, piece["c"], bold=bold, italic=italic)
        runs = list(paragraph._p)[before:]
        paragraph._p.append(link)
        for run in runs:
            if run.tag == qn("w:r"):
                shown = run.get_or_add_rPr()
                shown.append(_element("w:color", val="154273"))
                shown.append(_element("w:u", val="single"))
            link.append(run)

    # --- Changes

    def change(self, old: str, new: str, author: str, at: datetime) -> None:
        """What was ``old`` and becomes ``new``: a paragraph for each line, with changes that Word can accept or reject.

        A line end that comes or goes is a changed paragraph mark, as Word keeps it itself.
        """
        said = {"author": tidy(author)[:255], "date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        paragraph = self._changing()
        for span in redline(tidy(old), tidy(new)):
            for number, line in enumerate(span.text.split("\n")):
                if number:
                    self._mark(paragraph, span.change, said)
                    paragraph = self._changing()
                if line:
                    self._run(paragraph, span.change, line, said)

    def _changing(self) -> Paragraph:
        paragraph: Paragraph = self._document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(3)
        return paragraph

    def _changed(self, change: Change, said: dict[str, str]) -> Any:
        self._changes += 1
        return _element(_TAGS[change], id=self._changes, **said)

    def _mark(self, paragraph: Paragraph, change: Change, said: dict[str, str]) -> None:
        """Say of the end of a paragraph that it was added or removed."""
        if change is not Change.SAME:
            dress = _element("w:rPr")
            dress.append(self._changed(change, said))
            paragraph._p.get_or_add_pPr().append(dress)

    def _run(self, paragraph: Paragraph, change: Change, words: str, said: dict[str, str]) -> None:
        run, text = _element("w:r"), _element("w:delText" if change is Change.REMOVED else "w:t")
        text.text = words
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        run.append(text)
        if change is Change.SAME:
            paragraph._p.append(run)
        else:
            changed = self._changed(change, said)
            changed.append(run)
            paragraph._p.append(changed)

    def bytes(self) -> bytes:
        """The file."""
        out = io.BytesIO()
        self._document.save(out)
        return repacked(out.getvalue())
