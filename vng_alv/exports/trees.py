"""Markdown as a tree of plain data, which a template or a Word document is made of without any markup in between.

A block is a ``p`` or ``h`` (with ``n``, its level from 1) with inline pieces in ``c``; ``ul`` or ``ol`` (with
``start``) with the blocks of each item in ``items``; ``quote`` with blocks in ``c``; ``table`` with ``head`` and
``rows`` of cells of pieces; ``code`` with its text in ``s``; or ``hr``. A piece is text (``s``, in ``s``), ``b``, ``i``
or ``a`` (with ``u``, its address) with pieces in ``c``, ``code``, ``img`` (its description, in ``s``) or ``br``.

Where lines are numbered a piece ``ln`` stands before the first word of each (``n``, its number, and ``on``: the words
before it would run on into it), and ``code`` has in ``ln`` the number of each line of its text, 0 for one without.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from vng_alv.domain.lines import WORD
from vng_alv.proposals.lines import lines_of

Node = dict[str, Any]

_parser = MarkdownIt("commonmark", {"html": False}).enable("table")
_LINK = re.compile(r"(?:https?://|mailto:)[^\s<>\"\\]{1,2000}\Z", re.IGNORECASE)
_INLINE = {"strong": "b", "em": "i"}
#: Control characters and what turns the order of words around: no document needs them, and XML and PDF refuse most.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffe\uffff\ud800-\udfff]"
)


def tidy(text: str) -> str:
    """Text without characters that nobody sees, with letters and their accents joined and plain line ends."""
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def tree(markdown: str, first: int | None = None) -> list[Node]:
    """The blocks of a text. Headings begin at level 1 and skip none; raw HTML is text, an image is its description.
    ``first`` is the number of its first line, if its lines are numbered."""
    root = SyntaxTreeNode(_parser.parse(markdown))
    levels = [int(node.tag[1]) for node in root.walk() if node.type == "heading"]
    blocks = _blocks(root.children, min(levels, default=1))
    _unskip(blocks)
    pen = _Pen(markdown, first)
    return [pen.block(block) for block in blocks]


def plain(pieces: list[Node]) -> str:
    """The words of inline pieces alone."""
    return "".join(p.get("s") or ("\n" if p["t"] == "br" else plain(p.get("c", []))) for p in pieces)


def _blocks(nodes: list[SyntaxTreeNode], top: int) -> list[Node]:
    return [block for node in nodes for block in _block(node, top)]


def _block(node: SyntaxTreeNode, top: int) -> list[Node]:
    match node.type:
        case "paragraph":
            return [{"t": "p", "c": _pieces(node)}]
        case "heading":
            return [{"t": "h", "n": int(node.tag[1]) - top + 1, "c": _pieces(node)}]
        case "bullet_list":
            return [{"t": "ul", "items": [_blocks(item.children, top) for item in node.children]}]
        case "ordered_list":
            start = int(node.attrs.get("start", 1))
            return [{"t": "ol", "start": start, "items": [_blocks(item.children, top) for item in node.children]}]
        case "blockquote":
            return [{"t": "quote", "c": _blocks(node.children, top)}]
        case "table":
            rows = [[_pieces(cell) for cell in row.children] for part in node.children for row in part.children]
            return [{"t": "table", "head": rows[0], "rows": rows[1:]}]
        case "fence" | "code_block":
            return [{"t": "code", "s": node.content.rstrip("\n")}]
        case "hr":
            return [{"t": "hr"}]
    return [{"t": "p", "c": [{"t": "s", "s": node.content}]}] if node.content else []


def _pieces(node: SyntaxTreeNode) -> list[Node]:
    return [piece for inline in node.children for child in inline.children for piece in _piece(child)]


def _piece(node: SyntaxTreeNode) -> list[Node]:
    inside = [piece for child in node.children for piece in _piece(child)]
    match node.type:
        case "image":
            return [{"t": "img", "s": plain(inside)}]
        case "strong" | "em":
            return [{"t": _INLINE[node.type], "c": inside}]
        case "link":
            address = str(node.attrs.get("href", ""))
            return [{"t": "a", "u": address, "c": inside}] if inside and _LINK.match(address) else inside
        case "code_inline":
            return [{"t": "code", "s": node.content}]
        case "softbreak":
            return [{"t": "s", "s": " "}]
        case "hardbreak":
            return [{"t": "br"}]
    return inside or ([{"t": "s", "s": node.content}] if node.content else [])


def _unskip(blocks: list[Node], last: int = 0) -> int:
    """Take every heading to at most one level below the one before it: readers of a PDF go by levels."""
    for block in blocks:
        if block["t"] == "h":
            block["n"] = last = min(block["n"], last + 1)
        for inner in [block.get("c", [])] if block["t"] == "quote" else block.get("items", []):
            last = _unskip(inner, last)
    return last


class _Pen:
    """Makes the words of a tree tidy and, if there is a first number, marks where its lines begin."""

    def __init__(self, markdown: str, first: int | None) -> None:
        marks = [] if first is None else [(at, on, n) for n, (at, on) in enumerate(lines_of(markdown), first)]
        self._marks = marks[::-1]
        self._letters = 0

    def block(self, block: Node) -> Node:
        """A block and what is in it."""
        match block["t"]:
            case "p" | "h":
                return {**block, "c": self._pieces(block["c"])}
            case "ul" | "ol":
                return {**block, "items": [[self.block(one) for one in item] for item in block["items"]]}
            case "quote":
                return {**block, "c": [self.block(one) for one in block["c"]]}
            case "table":
                head, *rows = [[self._pieces(cell) for cell in row] for row in (block["head"], *block["rows"])]
                return {**block, "head": head, "rows": rows}
            case "code":
                return self._code(block)
        return block

    def _pieces(self, pieces: list[Node]) -> list[Node]:
        return [made for piece in pieces for made in self._piece(piece)]

    def _piece(self, piece: Node) -> list[Node]:
        match piece["t"]:
            case "b" | "i" | "a":
                return [{**piece, "c": self._pieces(piece["c"])}]
            case "s" | "code":
                parts = self._parts(piece["s"])
                return [
                    one if one["t"] == "ln" else {**piece, "s": _line(one["s"])} for one in parts if one.get("s") != ""
                ]
            case "img":  # a page does not show it, so its words are in no line
                return [{**piece, "s": _line(piece["s"])}]
        return [piece]

    def _parts(self, words: str) -> Iterator[Node]:
        """Words (in ``s``), cut where lines begin; no space is left where they would have run on."""
        done = 0
        for word in WORD.finditer(words) if self._marks else ():
            if self._marks and self._marks[-1][0] <= self._letters:
                _, on, n = self._marks.pop()
                before = words[done : word.start()]
                yield {"t": "s", "s": before.rstrip() if on else before}
                yield {"t": "ln", "n": n, "on": on}
                done = word.start()
            self._letters += len(word[0])
        yield {"t": "s", "s": words[done:]}

    def _code(self, block: Node) -> Node:
        """Code, with an end of line more where a line is too long, and the numbers of its lines."""
        said, numbers = "", {}
        for part in self._parts(block["s"]):
            if part["t"] == "s":
                said += tidy(part["s"])
            else:
                said += "\n" if part["on"] else ""
                numbers[said.count("\n")] = part["n"]
        return {**block, "s": said, "ln": [numbers.get(i, 0) for i in range(said.count("\n") + 1)]}


def _line(words: str) -> str:
    """Tidy words of a piece; a character for an end of line is a space there, as it is on a page."""
    return tidy(words).replace("\n", " ")
