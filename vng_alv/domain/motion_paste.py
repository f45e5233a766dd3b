"""A motion that was written elsewhere, cut into its groups (docs/rules.md, amendments and motions)."""

import re
from dataclasses import dataclass, field

from vng_alv.domain.motions import Group

#: How the words above a group are written. Long forms first: what matches is what falls away.
_MARKS: dict[Group, str] = {
    Group.NOTING: r"(?:constaterende|constateert|gelezen\s+hebbende|gehoord\s+hebbende)(?:\s*,?\s*dat\b)?",
    Group.CONSIDERING: r"(?:overwegende|overweegt|van\s+mening\s+zijnde)(?:\s*,?\s*dat\b)?",
    Group.DECLARES: r"spreekt\s+(?:(?:als|haar|zijn|de|het|mening|oordeel|wens)\s+){0,4}uit(?:\s*,?\s*dat\b)?",
    Group.REQUESTS: (
        r"(?:verzoekt(?:\s+(?:hierbij\s+)?het\s+(?:vng-)?bestuur(?:\s+van\s+de\s+vng)?)?"
        r"|(?:roept|draagt)\s+het\s+(?:vng-)?bestuur(?:\s+van\s+de\s+vng)?\s+op)"
    ),
}
#: The words of a mark, and what may stand around them: stars, hashes and quotes of a word processor or of Markdown.
_ANY = "|".join(f"(?P<{group.value}>{words})" for group, words in _MARKS.items())
_MARK = re.compile(rf"^[\s#*_>]*(?:{_ANY})(?=\W|$)(?P<rest>.*)$", re.IGNORECASE | re.DOTALL)
_CLOSING = re.compile(
    r"^[\s*_]*en\s+gaa[tn]\s+over\s+tot\s+de\s+orde\s+van\s+de\s+dag\s*[.,;:]?[\s*_]*$", re.IGNORECASE
)
#: Where a mark begins inside a line of text.
_INSIDE = re.compile(
    r"(?<=[;,.])\s+(?=(?:constaterende|overwegende|spreekt\s(?:\w+\s){0,4}?uit|verzoekt\s+het\s+(?:vng-)?bestuur"
    r"|en\s+gaat\s+over\s+tot\s+de\s+orde)\b)",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s*(?:[-*•–·▪○◦]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+")
_DAT = re.compile(r"^dat\s+(?=\S)", re.IGNORECASE)
#: What may end the line of a mark: 'verzoekt het bestuur om:'.
_EMPTY_REST = re.compile(r"^[\s*_]*,?\s*(?:om)?[\s*_]*:?[\s*_]*$", re.IGNORECASE)


@dataclass
class Cut:
    """A pasted motion: items by group, and all that stood before and after them."""

    groups: dict[Group, list[str]] = field(default_factory=lambda: {group: [] for group in Group})
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    @property
    def found(self) -> bool:
        """Whether any group was recognised."""
        return any(self.groups.values())


def cut(text: str) -> Cut:
    """Cut a whole motion into its four groups. Nothing is lost but the words above the groups, the marks of lists, a
    'dat' that those words say already, and the closing formula; what belongs to no group is before or after them."""
    found, group, closed, fresh = Cut(), None, False, True
    for typed in _INSIDE.sub("\n", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n"):
        line = typed
        if _CLOSING.match(line):
            closed, group = True, None
            continue
        mark = None if closed else _MARK.match(line)
        if mark:
            group = next(one for one in Group if mark[one.value] is not None)
            line, fresh = _rest(mark["rest"]), True
        if group is None:
            if line.strip():
                (found.after if closed else found.before).append(line.strip())
            continue
        fresh = _take(found.groups[group], line, fresh, said_dat=group is not Group.REQUESTS)
    for items in found.groups.values():
        items[:] = [item for item in (_tidy(item) for item in items) if item]
    return found


def _rest(words: str) -> str:
    return "" if _EMPTY_REST.match(words) else words.lstrip(" \t*_:,")


def _take(items: list[str], line: str, fresh: bool, *, said_dat: bool) -> bool:
    """Put a line with the items of its group: a bullet or an empty line before it makes it a new one. Answers whether
    the next line begins a new one."""
    if not line.strip():
        return True
    bullet = _BULLET.match(line)
    words = line[bullet.end() :].strip() if bullet else line.strip()
    if bullet or fresh or not items:
        items.append(_DAT.sub("", words) if said_dat else words)
    else:
        items[-1] += "\n" + words
    return False


def _tidy(item: str) -> str:
    return re.sub(r"(?:;\s*(?:en)?|,)$", "", item.strip()).strip()
