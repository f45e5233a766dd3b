"""Reading a Word document (.docx): what its reader sees, with changes accepted and what cannot be text left out."""

import posixpath
import re
from collections.abc import Iterator

from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.proposals.reading.archive import Archive, Element, attribute, child, local
from vng_alv.proposals.reading.blocks import Block, Content, Inline, Left, Limits, flat, table
from vng_alv.proposals.reading.docx_styles import Numbering, Styles

#: What only holds other things.
THROUGH = {"smartTag", "sdt", "sdtContent", "fldSimple", "customXml", "bdo", "dir", "ins", "moveTo", "Choice",
           "AlternateContent", "ruby", "rubyBase"}  # fmt: skip
ADDRESS = re.compile(r'\bHYPERLINK\s+"([^"]+)"')
#: What stands in headers and footers beside words.
PAGES = re.compile(r"\b(?:pagina|page|van|of|blz)\b|[\W\d_]", re.IGNORECASE)


def main_part(archive: Archive) -> str:
    """The name of the part that holds the text, or '' where this is no Word document."""
    relations = archive.xml("_rels/.rels")
    for relation in () if relations is None else relations:
        if attribute(relation, "Type").endswith("/officeDocument"):
            name = attribute(relation, "Target").lstrip("/")
            return name if name.startswith("word/") and name in archive.names else ""
    return "word/document.xml" if "word/document.xml" in archive.names else ""


def read(archive: Archive, main: str) -> Content:
    """The content of a Word document. Raises ``Refused`` for macros and for what is damaged or too complex."""
    types = archive.bytes_of("[Content_Types].xml")
    if b"macroEnabled" in types or any(name.lower().endswith("vbaproject.bin") for name in archive.names):
        raise Refused(Refusal.DOCUMENT_HAS_MACROS)
    return _Reader(archive, main).content


class _Reader:
    def __init__(self, archive: Archive, main: str) -> None:
        root = archive.xml(main)
        body = child(root, "body")
        if body is None:
            raise Refused(Refusal.DOCUMENT_DAMAGED)
        folder = posixpath.dirname(main)
        self.styles = Styles(archive.xml(f"{folder}/styles.xml"))
        self.numbering = Numbering(archive.xml(f"{folder}/numbering.xml"), self.styles)
        relations = archive.xml(f"{folder}/_rels/{posixpath.basename(main)}.rels")
        self.links = {
            attribute(r, "Id"): attribute(r, "Target")
            for r in (() if relations is None else relations)
            if attribute(r, "Type").endswith("/hyperlink") and attribute(r, "TargetMode") == "External"
        }
        self.limits = Limits()
        self.content = Content()
        self.cited: list[tuple[str, str]] = []
        self.new: list[int] = []
        self.fields: list[tuple[str, bool]] = []
        self.pending: Inline | None = None
        self.content.blocks = self.blocks(body)
        self.content.blocks += self._left_open()
        self._notes({kind: archive.xml(f"{folder}/{kind}s.xml") for kind in ("footnote", "endnote")})
        self.content.dropped["heads_dropped"] = sum(
            self._has_words(archive.xml(name))
            for name in sorted(archive.names)
            if re.fullmatch(rf"{folder}/(?:header|footer)\d*\.xml", name)
        )

    # --- Blocks

    def blocks(self, parent: Element) -> list[Block]:
        made: list[Block] = []
        for element in parent:
            name = local(element)
            if name == "p":
                made += self._paragraph(element)
            elif name == "tbl":
                made += self._table(element)
            elif name in THROUGH:
                made += self.blocks(element)
        return made

    def _left_open(self) -> list[Block]:
        """The last paragraph of which the end was deleted."""
        return [Block("paragraph", self.pending.markdown(), self.pending.plain())] if self.pending else []

    def _paragraph(self, element: Element) -> list[Block]:
        self.limits.count(blocks=1)
        properties = child(element, "pPr")
        style = attribute(child(properties, "pStyle"), "val")
        if self.styles.of_contents(style):
            self.content.dropped["contents_dropped"] = 1
            return []
        inline = self.pending or Inline()
        self.pending = None
        self._inline(element, inline, style)
        if child(properties, "rPr", "del") is not None:
            self.pending = inline  # its end was deleted: the next paragraph goes on in it
            return []
        level, label = self.styles.heading(style, properties), self.numbering.label(properties, style)
        if not inline.plain():
            return []
        notes, self.new = self.new, []
        if level is not None:
            number = label.text if label else ""
            text = f"{number} {inline.plain()}".strip()
            return [Block("heading" if level else "title", inline.markdown(), text, level, number, notes=notes)]
        text, plain, bold = inline.markdown(), inline.plain(), inline.all_bold()
        if label is None:
            return [Block("paragraph", text, plain, bold=bold, notes=notes)]
        mark = f"{label.text.rstrip('.)')}." if re.fullmatch(r"\d{1,9}[.)]?", label.text) else "-"
        if mark == "-" and label.text:
            text, plain = f"{label.text} {text}", f"{label.text} {plain}"
        return [Block("item", text, plain, label.level, mark, bold, notes=notes)]

    def _table(self, element: Element) -> list[Block]:
        self.limits.count(tables=1)
        rows: list[list[str]] = []
        merged = 0
        for row in self._inside(element, "tr"):
            cells: list[str] = []
            gone = child(row, "trPr", "del") is not None
            for cell in self._inside(row, "tc"):
                self.limits.count(cells=1)
                properties = child(cell, "tcPr")
                span = attribute(child(properties, "gridSpan"), "val", "1")
                more = min(int(span), 63) - 1 if span.isdigit() else 0
                down = child(properties, "vMerge")
                goes_on = down is not None and attribute(down, "val") != "restart"
                merged += (more > 0) + (down is not None and not goes_on)
                cells += ["" if goes_on else flat(self.blocks(cell)), *[""] * more]
            if cells:
                rows.append([Left.CHANGE] if gone else cells)
        notes, self.new = self.new, []
        return table(rows, merged, notes)

    def _inside(self, parent: Element, wanted: str) -> Iterator[Element]:
        for element in parent:
            if local(element) == wanted:
                yield element
            elif local(element) in THROUGH:
                yield from self._inside(element, wanted)

    # --- Within a paragraph

    def _inline(self, parent: Element, inline: Inline, style: str, href: str = "") -> None:
        for element in parent:
            name = local(element)
            if name == "r":
                self._run(element, inline, style, href)
            elif name in ("del", "moveFrom"):
                if name == "del":
                    inline.leave(Left.CHANGE)
            elif name == "hyperlink":
                self._inline(element, inline, style, self.links.get(attribute(element, "id"), ""))
            elif name in ("oMath", "oMathPara"):
                inline.add("".join(t.text or "" for t in element.iter() if local(t) == "t"))
            elif name in THROUGH:
                if name in ("ins", "moveTo"):
                    inline.leave(Left.CHANGE)
                self._inline(element, inline, style, href)

    def _run(self, run: Element, inline: Inline, style: str, href: str) -> None:
        properties = child(run, "rPr")
        styles = (attribute(child(properties, "rStyle"), "val"), style)
        if self.styles.switched("vanish", properties, *styles):
            if any(local(e) == "t" and (e.text or "").strip() for e in run):
                inline.leave(Left.HIDDEN)
            return
        bold, italic = (self.styles.switched(what, properties, *styles) for what in ("b", "i"))
        for element in run.iter():
            name = local(element)
            if name in ("drawing", "pict", "object"):
                self._drawing(element, inline)
            if name == "fldChar":
                self._field(attribute(element, "fldCharType"))
            elif name == "instrText" and self.fields:
                self.fields[-1] = (self.fields[-1][0] + (element.text or ""), False)
            elif self._in_drawing(element, run):
                continue
            elif name in ("footnoteReference", "endnoteReference"):
                inline.add(f"[{self._cite(name.removesuffix('Reference'), attribute(element, 'id'))}]")
            elif name == "commentReference":
                inline.leave(Left.COMMENT)
            else:
                inline.add(self._words(element, name), bold, italic, href or self._field_address())

    @staticmethod
    def _in_drawing(element: Element, run: Element) -> bool:
        while (element := element.getparent()) is not run and element is not None:
            if local(element) in ("drawing", "pict", "object", "Fallback"):
                return True
        return False

    @staticmethod
    def _words(element: Element, name: str) -> str:
        if name == "t":
            return str(element.text or "").replace("\n", " ")
        if name == "br":
            return "" if attribute(element, "type") in ("page", "column") else "\n"
        if name == "sym":
            code = attribute(element, "char").upper()
            return "→" if code in ("F0E0", "F0E8") else "•"
        return {"tab": " ", "cr": "\n", "noBreakHyphen": "\u2011", "softHyphen": "\u00ad"}.get(name, "")

    def _drawing(self, element: Element, inline: Inline) -> None:
        inside = {local(e) for e in element.iter()}
        if "txbxContent" in inside:
            if any(local(e) == "t" and (e.text or "").strip() for e in element.iter()) and not self._fallback(element):
                inline.leave(Left.BOX)
        elif inside & {"blip", "imagedata", "chart", "relIds", "OLEObject"} and not self._fallback(element):
            inline.leave(Left.IMAGE)

    @staticmethod
    def _fallback(element: Element) -> bool:
        return any(local(above) in ("Fallback", "txbxContent") for above in element.iterancestors())

    def _field(self, kind: str) -> None:
        if kind == "begin":
            self.fields.append(("", False))
        elif kind == "separate" and self.fields:
            self.fields[-1] = (self.fields[-1][0], True)
        elif kind == "end" and self.fields:
            self.fields.pop()

    def _field_address(self) -> str:
        for code, shown in reversed(self.fields):
            if shown and (found := ADDRESS.search(code)):
                return found[1]
        return ""

    # --- Notes, headers and footers

    def _cite(self, kind: str, note_id: str) -> int:
        if (kind, note_id) not in self.cited:
            self.cited.append((kind, note_id))
        number = self.cited.index((kind, note_id)) + 1
        self.new.append(number)
        return number

    def _notes(self, roots: dict[str, Element | None]) -> None:
        found = {
            (kind, attribute(note, "id")): note
            for kind, root in roots.items()
            for note in (() if root is None else root)
        }
        for number, key in enumerate(tuple(self.cited), 1):
            if key in found:
                self.content.notes[number] = flat(self.blocks(found[key]))

    @staticmethod
    def _has_words(root: Element | None) -> bool:
        words = "".join(e.text or "" for e in (() if root is None else root.iter()) if local(e) == "t")
        return bool(PAGES.sub("", words))
