"""Reading an OpenDocument text (.odt): what its reader sees; the file keeps deleted words elsewhere."""

import re
from collections.abc import Iterator

from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.proposals.reading.archive import Archive, Element, attribute, child, local
from vng_alv.proposals.reading.blocks import Block, Content, Inline, Left, Limits, flat, table
from vng_alv.proposals.reading.docx import PAGES
from vng_alv.proposals.reading.docx_styles import HEADING, TITLE, spelled

KINDS = ("application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text-template")
SKIPPED = {"tracked-changes", "sequence-decls", "forms", "variable-decls", "user-field-decls", "soft-page-break",
           "note-citation", "ruby-text", "change-end", "annotation-end", "hidden-paragraph", "index-title"}  # fmt: skip
INDEXES = {"table-of-content", "illustration-index", "table-index", "alphabetical-index", "bibliography", "user-index"}
MAX_REPEAT = 64
MAX_CHAIN = 20


def is_odt(archive: Archive) -> bool:
    """Whether the file says that it is an OpenDocument text."""
    return archive.bytes_of("mimetype").decode("ascii", "replace").strip() in KINDS


def read(archive: Archive) -> Content:
    """The content of an OpenDocument text. Raises ``Refused`` for a password, macros, damage, or too much of it."""
    if b"encryption-data" in archive.bytes_of("META-INF/manifest.xml"):
        raise Refused(Refusal.DOCUMENT_LOCKED)
    if any(name.startswith(("Basic/", "Scripts/")) for name in archive.names):
        raise Refused(Refusal.DOCUMENT_HAS_MACROS)
    return _Reader(archive).content


class _List:
    """A list while it is read: its kind of labels and how far it counted, by level from 1."""

    def __init__(self, style: Element | None, counts: dict[int, int]) -> None:
        self.levels = {attribute(level, "level"): level for level in (() if style is None else style)}
        self.counts = counts

    def label(self, depth: int, start: str = "") -> str:
        """The label of the next item at a level; '' for a bullet."""
        level = self.levels.get(str(depth))
        first = attribute(level, "start-value", "1")
        self.counts[depth] = int(start) if start.isdigit() else self.counts.get(depth, self._number(first) - 1) + 1
        for deeper in [key for key in self.counts if key > depth]:
            del self.counts[deeper]
        form = attribute(level, "num-format")
        if level is None or "bullet" in local(level) or not form:
            return ""
        shown = min(self._number(attribute(level, "display-levels", "1")), depth)
        numbers = [
            spelled(self.counts.get(at, 1), attribute(self.levels.get(str(at)), "num-format") or form)
            for at in range(depth - shown + 1, depth + 1)
        ]
        return (attribute(level, "num-prefix") + ".".join(numbers) + attribute(level, "num-suffix")).strip()

    @staticmethod
    def _number(text: str) -> int:
        return int(text) if text.isdigit() else 1


class _Reader:
    def __init__(self, archive: Archive) -> None:
        root, common = archive.xml("content.xml"), archive.xml("styles.xml")
        body = child(root, "body", "text")
        if body is None:
            raise Refused(Refusal.DOCUMENT_DAMAGED)
        places = [child(common, "styles"), child(common, "automatic-styles"), child(root, "automatic-styles")]
        found = [style for place in places if place is not None for style in place]
        self.styles = {(attribute(s, "family"), attribute(s, "name")): s for s in found if local(s) == "style"}
        self.list_styles = {attribute(s, "name"): s for s in found if local(s) == "list-style"}
        self.outline = _List(next((s for s in found if local(s) == "outline-style"), None), {})
        self.limits = Limits()
        self.content = Content()
        self.new: list[int] = []
        self.last_lists: dict[str, _List] = {}
        self.content.blocks = self.blocks(body)
        masters = child(common, "master-styles")
        self.content.dropped["heads_dropped"] = sum(
            bool(PAGES.sub("", "".join(element.itertext())))
            for element in (() if masters is None else masters.iter())
            if local(element) in ("header", "footer", "header-first", "footer-first", "header-left", "footer-left")
        )

    # --- Styles

    def _chain(self, family: str, name: str) -> Iterator[Element]:
        for _ in range(MAX_CHAIN):
            style = self.styles.get((family, name))
            if style is None:
                return
            yield style
            name = attribute(style, "parent-style-name")

    def _says(self, family: str, name: str, what: str) -> str:
        for style in self._chain(family, name):
            if said := attribute(child(style, "text-properties"), what):
                return said
        return ""

    def _level(self, element: Element, style: str) -> int | None:
        if local(element) == "h":
            level = attribute(element, "outline-level", "1")
            return int(level) if level.isdigit() else 1
        chain = list(self._chain("paragraph", style))
        names = [style, *(attribute(s, what) for s in chain for what in ("name", "display-name"))]
        for name in (name.replace("_20_", " ").lower() for name in names):
            if name in TITLE:
                return 0
            if found := HEADING.fullmatch(name):
                return int(found[1])
        return None

    # --- Blocks

    def blocks(self, parent: Element) -> list[Block]:
        made: list[Block] = []
        for element in parent:
            name = local(element)
            if name in ("p", "h"):
                made += self._paragraph(element)
            elif name == "list":
                made += self._list(element, 1, None)
            elif name == "table":
                made += self._table(element)
            elif name in INDEXES:
                self.content.dropped["contents_dropped"] = 1
            elif name in ("frame", "custom-shape", "change", "change-start", "annotation"):
                inline = Inline()
                self._special(element, name, inline)
                made.append(Block("paragraph", inline.markdown(), inline.plain()))
            elif name not in SKIPPED:
                made += self.blocks(element)
        return made

    def _paragraph(self, element: Element, label: str | None = None) -> list[Block]:
        self.limits.count(blocks=1)
        style = attribute(element, "style-name")
        level = self._level(element, style)
        if label is None and local(element) == "h" and attribute(element, "is-list-header") != "true":
            label = self.outline.label(level or 1, attribute(element, "start-value"))
        inline = Inline()
        self._inline(element, inline, style, ())
        if not inline.plain():
            return []
        notes, self.new = self.new, []
        plain = inline.plain()
        if level is not None:
            words = f"{label or ''} {plain}".strip()
            return [Block("heading" if level else "title", inline.markdown(), words, level, label or "", notes=notes)]
        return [Block("paragraph", inline.markdown(), plain, bold=inline.all_bold(), notes=notes)]

    def _list(self, element: Element, depth: int, above: _List | None) -> list[Block]:
        style = attribute(element, "style-name")
        current = above
        if current is None or (style and style in self.list_styles):
            goes_on = attribute(element, "continue-numbering") == "true" or bool(attribute(element, "continue-list"))
            before = self.last_lists.get(style) if goes_on else None
            current = _List(self.list_styles.get(style), before.counts if before else {})
            self.last_lists[style] = current
        made: list[Block] = []
        for item in element:
            label = ""
            if local(item) == "list-item":
                label = current.label(depth, attribute(item, "start-value"))
            first = local(item) == "list-item"
            for part in item:
                if local(part) == "list":
                    made += self._list(part, depth + 1, current)
                    continue
                found = self._paragraph(part, label if first else "") if local(part) in ("p", "h") else []
                made += [self._item(block, depth - 1, label, first) for block in found]
                first = first and not found
        return made

    @staticmethod
    def _item(block: Block, level: int, label: str, first: bool) -> Block:
        if block.kind != "paragraph":
            return block
        block.kind, block.level = "item", level
        if first:
            block.mark = f"{label.rstrip('.)')}." if re.fullmatch(r"\d{1,9}[.)]?", label) else "-"
            if block.mark == "-" and label:
                block.text, block.plain = f"{label} {block.text}", f"{label} {block.plain}"
        return block

    def _table(self, element: Element) -> list[Block]:
        self.limits.count(tables=1)
        rows: list[list[str]] = []
        merged = 0
        for row in self._rows(element):
            cells: list[str] = []
            for cell in row:
                if local(cell) not in ("table-cell", "covered-table-cell"):
                    continue
                self.limits.count(cells=1)
                spans = (attribute(cell, f"number-{way}-spanned", "1") for way in ("columns", "rows"))
                merged += any(span != "1" for span in spans)
                words = flat(self.blocks(cell)) if local(cell) == "table-cell" else ""
                cells += [words] * self._repeated(cell, "number-columns-repeated")
            if cells:
                rows += [cells] * (self._repeated(row, "number-rows-repeated") if any(cells) else 1)
                self.limits.count(cells=len(cells))
        notes, self.new = self.new, []
        return table([list(row) for row in rows], merged, notes)

    @staticmethod
    def _repeated(element: Element, what: str) -> int:
        times = attribute(element, what, "1")
        return min(int(times), MAX_REPEAT) if times.isdigit() else 1

    def _rows(self, element: Element) -> Iterator[Element]:
        for part in element:
            if local(part) == "table-row":
                yield part
            elif local(part) in ("table-header-rows", "table-rows", "table-row-group"):
                yield from self._rows(part)

    # --- Within a paragraph

    def _inline(self, parent: Element, inline: Inline, style: str, spans: tuple[str, ...], href: str = "") -> None:
        bold = self._dress("font-weight", style, spans) in ("bold", "600", "700", "800", "900")
        italic = self._dress("font-style", style, spans) in ("italic", "oblique")
        hidden = self._dress("display", style, spans) == "none"

        def words(text: str | None) -> None:
            if text and hidden:
                inline.leave(Left.HIDDEN)
            elif text:
                inline.add(re.sub(r"[ \t\r\n]+", " ", text), bold, italic, href)

        words(parent.text)
        for element in parent:
            name = local(element)
            if name == "span":
                self._inline(element, inline, style, (attribute(element, "style-name"), *spans), href)
            elif name == "a":
                self._inline(element, inline, style, spans, attribute(element, "href"))
            elif name == "hidden-text":
                inline.leave(Left.HIDDEN)
            elif not self._special(element, name, inline) and name not in SKIPPED:
                self._inline(element, inline, style, spans, href)
            words(element.tail)

    def _dress(self, what: str, style: str, spans: tuple[str, ...]) -> str:
        said = next((found for span in spans if (found := self._says("text", span, what))), "")
        return said or self._says("paragraph", style, what)

    def _special(self, element: Element, name: str, inline: Inline) -> bool:
        """Spaces, breaks, notes and what is left out; whether the element was one of these."""
        if name in ("s", "tab"):
            inline.add(" ")
        elif name == "line-break":
            inline.add("\n")
        elif name == "note":
            inline.add(f"[{self._note(element)}]")
        elif name == "annotation":
            inline.leave(Left.COMMENT)
        elif name in ("change", "change-start"):
            inline.leave(Left.CHANGE)
        elif name == "frame" or name.endswith("-shape"):
            inside = {local(e) for e in element.iter()}
            if inside & {"image", "object", "object-ole"} and "text-box" not in inside:
                inline.leave(Left.IMAGE)
            elif "".join(element.itertext()).strip():
                inline.leave(Left.BOX)
        else:
            return False
        return True

    def _note(self, element: Element) -> int:
        number = len(self.content.notes) + 1
        self.content.notes[number] = ""
        kept, self.new = self.new, []
        body = child(element, "note-body")
        self.content.notes[number] = flat(self.blocks(body)) if body is not None else ""
        self.new = [*kept, number]
        return number
