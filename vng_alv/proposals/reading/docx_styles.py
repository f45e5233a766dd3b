"""What a Word document says in its styles and its automatic numbering."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from vng_alv.proposals.reading.archive import Element, attribute, child, local

HEADING = re.compile(r"(?:heading|kop|header|überschrift|titre)\s?([1-9])")
TITLE = {"title", "titel"}
CONTENTS = re.compile(r"(?:toc|inhopg)\s?\d|toc heading|kopvaninhoudsopgave|kop van inhoudsopgave|table of figures")
MAX_CHAIN = 20


class Styles:
    """Styles by id. A style may go on from another one, and says only what differs from that."""

    def __init__(self, root: Element | None) -> None:
        self._styles = {attribute(s, "styleId"): s for s in (() if root is None else root) if local(s) == "style"}

    def chain(self, style_id: str) -> Iterator[Element]:
        """The style and those that it is based on, nearest first."""
        for _ in range(MAX_CHAIN):
            style = self._styles.get(style_id)
            if style is None:
                return
            yield style
            style_id = attribute(child(style, "basedOn"), "val")

    def names(self, style_id: str) -> Iterator[str]:
        """Names in lower case, of the style and those that it is based on."""
        yield style_id.lower()
        for style in self.chain(style_id):
            yield attribute(child(style, "name"), "val").lower()

    def heading(self, style_id: str, properties: Element | None) -> int | None:
        """The level of a heading, 0 for a title, None for other paragraphs."""
        outline = attribute(child(properties, "outlineLvl"), "val")
        if outline.isdigit():
            return int(outline) + 1 if int(outline) < 9 else None
        for name in self.names(style_id):
            if name in TITLE:
                return 0
            if found := HEADING.fullmatch(name):
                return int(found[1])
        for style in self.chain(style_id):
            outline = attribute(child(style, "pPr", "outlineLvl"), "val")
            if outline.isdigit():
                return int(outline) + 1 if int(outline) < 9 else None
        return None

    def of_contents(self, style_id: str) -> bool:
        """Whether this is a line of the table of contents."""
        return any(CONTENTS.fullmatch(name) for name in self.names(style_id))

    def switched(self, what: str, run: Element | None, *style_ids: str) -> bool:
        """Whether ``b``, ``i`` or ``vanish`` is on for a run: its own word first, then its styles'."""
        places = [run, *(child(style, "rPr") for style_id in style_ids for style in self.chain(style_id))]
        for place in places:
            found = child(place, what)
            if found is not None:
                return attribute(found, "val", "1").lower() not in ("0", "false", "off")
        return False


class Label(NamedTuple):
    """What Word writes before a numbered paragraph: ``text`` is empty for a bullet; ``level`` counts from 0."""

    text: str
    level: int


class Numbering:
    """Counts the paragraphs of each list as Word does."""

    def __init__(self, root: Element | None, styles: Styles) -> None:
        self._styles = styles
        parts = list(() if root is None else root)
        self._kinds = {attribute(p, "abstractNumId"): p for p in parts if local(p) == "abstractNum"}
        self._lists = {attribute(p, "numId"): p for p in parts if local(p) == "num"}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[str] = set()

    def label(self, properties: Element | None, style_id: str) -> Label | None:
        """The label of the next paragraph with these properties, or None where it has no number or bullet."""
        own = child(properties, "numPr")
        list_id, level = attribute(child(own, "numId"), "val"), attribute(child(own, "ilvl"), "val")
        if not list_id:
            for style in self._styles.chain(style_id):
                given = child(style, "pPr", "numPr")
                if given is not None and (list_id := attribute(child(given, "numId"), "val")):
                    level = level or attribute(child(given, "ilvl"), "val")
                    level = level or self._level_of_style(list_id, attribute(style, "styleId"))
                    break
        kind = self._kind(list_id)
        if kind is None:
            return None
        depth = min(int(level), 8) if level.isdigit() else 0
        return Label(self._count(list_id, kind, depth), depth)

    def _kind(self, list_id: str) -> Element | None:
        kind = self._kinds.get(attribute(child(self._lists.get(list_id), "abstractNumId"), "val"))
        if link := attribute(child(kind, "numStyleLink"), "val"):
            for style in self._styles.chain(link):
                other = attribute(child(style, "pPr", "numPr", "numId"), "val")
                if other and other != list_id:
                    return self._kinds.get(attribute(child(self._lists.get(other), "abstractNumId"), "val"))
        return kind

    def _level_of_style(self, list_id: str, style_id: str) -> str:
        for level in () if (kind := self._kind(list_id)) is None else kind:
            if attribute(child(level, "pStyle"), "val") == style_id:
                return attribute(level, "ilvl")
        return ""

    def _level(self, list_id: str, kind: Element, depth: int) -> Element | None:
        for override in self._lists[list_id]:
            if attribute(override, "ilvl") == str(depth) and (own := child(override, "lvl")) is not None:
                return own
        return next((lvl for lvl in kind if local(lvl) == "lvl" and attribute(lvl, "ilvl") == str(depth)), None)

    def _count(self, list_id: str, kind: Element, depth: int) -> str:
        level = self._level(list_id, kind, depth)
        counts = self._counts.setdefault(attribute(kind, "abstractNumId"), {})
        if list_id not in self._begun:
            self._begun.add(list_id)
            for override in self._lists[list_id]:
                begin = attribute(child(override, "startOverride"), "val")
                if local(override) == "lvlOverride" and begin.isdigit():
                    counts[int(attribute(override, "ilvl", "0"))] = int(begin) - 1
        counts[depth] = counts.get(depth, self._start(level) - 1) + 1
        for deeper in [key for key in counts if key > depth]:
            del counts[deeper]
        if level is None or attribute(child(level, "numFmt"), "val") in ("bullet", "none"):
            return ""
        legal = child(level, "isLgl") is not None

        def number(found: re.Match[str]) -> str:
            at = int(found[1]) - 1
            other = self._level(list_id, kind, at)
            value = counts.get(at, self._start(other))
            return spelled(value, "decimal" if legal else attribute(child(other, "numFmt"), "val"))

        return re.sub(r"%([1-9])", number, attribute(child(level, "lvlText"), "val")).strip()

    @staticmethod
    def _start(level: Element | None) -> int:
        start = attribute(child(level, "start"), "val")
        return int(start) if start.isdigit() else 1


def spelled(value: int, form: str) -> str:
    """A number in the form that Word or OpenDocument asks for; decimal for forms that no Dutch text uses."""
    if form in ("lowerLetter", "upperLetter", "a", "A") and value > 0:
        letters = chr(ord("a") + (value - 1) % 26) * min((value - 1) // 26 + 1, 20)
        return letters.upper() if form in ("upperLetter", "A") else letters
    if form in ("lowerRoman", "upperRoman", "i", "I") and 0 < value < 4000:
        made, left = "", value
        for worth, sign in zip(
            (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
            ("m", "cm", "d", "cd", "c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"),
            strict=True,
        ):
            made += sign * (left // worth)
            left %= worth
        return made.upper() if form in ("upperRoman", "I") else made
    return f"{value:02d}" if form == "decimalZero" else str(value)
