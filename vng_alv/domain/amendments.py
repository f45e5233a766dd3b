"""What an amendment makes of a section, and which amendments touch the same words (docs/rules.md, amendments)."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from vng_alv.domain.merge import clashes, merge

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Wording:
    """The words of a section: its heading, and its body in Markdown with plain line ends."""

    heading: str
    body: str

    @property
    def text(self) -> str:
        """Heading and body in one text, as they are compared."""
        return f"{self.heading}\n\n{self.body}"


def tidied(heading: str, body: str) -> Wording:
    """Words as they are kept: without what a form adds around them, so that a text that was left alone stays equal."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n").rstrip().split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    return Wording(" ".join(heading.split()), "\n".join(lines[first:]))


def changes(base: Wording | None, words: Wording | None) -> bool:
    """Whether a section becomes something else. Without ``base`` it is a new one, without ``words`` it goes."""
    if base is None or words is None:
        return base is not words and words != Wording("", "")
    return tidied(base.heading, base.body) != words


def touching(base: str, mine: str, others: Mapping[K, str]) -> dict[K, tuple[str, ...]]:
    """The others that cannot go together with mine, each with the passages of the base that both touch ('' for a place
    between two words). A section that goes is the text ''."""
    found = {}
    for key, text in others.items():
        if clashing := clashes(merge(base, {True: mine, False: text})):
            found[key] = tuple(clash.base for clash in clashing)
    return found
