"""Redlines of texts in Markdown as people read them: without its marks, and with what those say."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from markdown_it.token import Token

from vng_alv.domain.readable import Block, Kind, Place, Sign, What, readable
from vng_alv.domain.redline import Span, after, before
from vng_alv.proposals.markdown import parser

#: What stands before an item, by its depth, and in the place of a line across the page.
BULLETS, RULE = "•◦▪", "———"


def redlined(spans: Iterable[Span]) -> tuple[Block, ...]:
    """A redline as it is read. The redline itself stays what it is: exact, and of the text as it is kept."""
    found = tuple(spans)
    return _kept(before(found), after(found))


@lru_cache(maxsize=1_024)
def _kept(old: str, new: str) -> tuple[Block, ...]:
    return readable(signs(old), signs(new))


def signs(text: str) -> list[Sign]:
    """What a reader sees of a text in Markdown."""
    writer = _Writer()
    for token in parser.parse(text):
        writer.write(token)
    return writer.signs


class _Writer:
    """Writes down what the parser read."""

    def __init__(self) -> None:
        self.signs: list[Sign] = []
        self.place = Place()
        #: Lists and quotations that the words stand in.
        self.lists = self.quotes = 0
        self.looks: list[str] = []
        #: Whether an item or row has begun, and its first words go on in the same line.
        self.begun = False

    def write(self, token: Token) -> None:
        """One token of the parser."""
        opens, inline = token.nesting > 0, token.type == "inline"
        match token.type.removesuffix("_open").removesuffix("_close"):
            case "bullet_list" | "ordered_list":
                self.lists += token.nesting
            case "blockquote":
                self.quotes += token.nesting
            case "list_item" if opens:
                self._item(token)
            case "tr" if opens:
                self._line(Kind.ROW)
                self.begun = True
            case "th" | "td" if opens:
                if not self.begun:
                    self.signs.append(Sign("", place=self.place, what=What.CELL))
                self.begun = False
                self.looks = ["strong"] if token.type == "th_open" else []
            case "paragraph" | "heading" if opens:
                if not self.begun:
                    self._line(Kind.QUOTE if self.quotes else Kind.TEXT)
                self.begun = False
                self.looks = [token.tag, "strong"] if token.tag != "p" else []
            case "fence" | "code_block":
                self._line(Kind.TEXT)
                self._say(token.content.rstrip("\n"), "code")
            case "hr":
                self._line(Kind.TEXT)
                self._say(RULE)
            case _ if inline:
                self._inline(token.children or ())

    def _line(self, kind: Kind) -> None:
        """Something that begins on a new line."""
        if self.signs:
            self.signs.append(Sign("", place=self.place, what=What.END))
        self.place, self.looks, self.begun = Place(kind, self.lists), [], False

    def _item(self, token: Token) -> None:
        self._line(Kind.ITEM)
        depth = self.lists - 1
        mark = f"{token.info}{token.markup}" if token.info else BULLETS[min(depth, len(BULLETS) - 1)]
        self._say(f"{mark} ", f"depth{depth}")  # the same mark elsewhere is another one
        self.begun = True

    def _inline(self, tokens: Sequence[Token]) -> None:
        links: list[tuple[str, int]] = []
        for token in tokens:
            match token.type:
                case "text":
                    self._say(token.content)
                case "softbreak":
                    self._say(" ")
                case "hardbreak":
                    self._say("\n")
                case "code_inline":
                    self._say(token.content, "code")
                case "image":  # pages show none; the words about it are here
                    self._say(f"![{token.content}]({token.attrGet('src')})")
                case "link_open":
                    links.append((str(token.attrGet("href")), len(self.signs)))
                case "link_close":
                    address, start = links.pop()
                    if address != "".join(sign.text for sign in self.signs[start:]):
                        self._say(f" ({address})")
                case _ if token.nesting > 0:
                    self.looks.append(token.tag)
                case _:
                    self.looks.remove(token.tag)

    def _say(self, words: str, *more: str) -> None:
        looks = frozenset((*self.looks, *more, *(["quote"] if self.quotes else [])))
        self.signs += [Sign(sign, looks, self.place) for sign in words]
