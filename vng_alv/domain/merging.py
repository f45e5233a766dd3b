"""Putting amendments into a text, section by section, and carrying the others over (docs/rules.md, amendments)."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from string import ascii_lowercase
from typing import TypeAlias, TypeVar

from vng_alv.domain.amendments import Wording
from vng_alv.domain.merge import Agreed, Clash, Piece, Side, clashes, merge, rebase, text_of
from vng_alv.domain.sections import SectionText

S = TypeVar("S", bound=Hashable)

#: The choice for the words as they stood; no amendment has this key.
BASE = "base"
#: The name of the choice what becomes of a section that one amendment takes out and another one changes.
WHOLE = "whole"
#: The name of the choice which place a new section gets among those that several amendments insert at the same place.
PLACE = "place"
#: How the name begins of the choice about an amendment that no longer fits; its key follows.
FIT = "fit:"
#: The choice that such an amendment was put in by hand.
BY_HAND = "by_hand"


class Fate(StrEnum):
    """What becomes of a section that one amendment takes out and another one changes."""

    REMOVE = "remove"
    CHANGE = "change"
    BASE = "base"


@dataclass(frozen=True)
class Own:
    """Words of the editor's own, in the place of a passage where amendments clash."""

    words: str


#: 'base', the key of an amendment, words of one's own; for ``WHOLE`` a ``Fate``, for ``FIT`` 'base' or 'by_hand', for
#: ``PLACE`` a number from '1' or 'base': it does not come into the text.
Choice: TypeAlias = str | Own


@dataclass(frozen=True)
class Part:
    """A section with all that amendments, by key, make of it."""

    base: Wording | None
    heading: tuple[Piece[str], ...]
    body: tuple[Piece[str], ...]
    changers: frozenset[str]
    removers: frozenset[str]
    #: Those that were written for an older text and no longer fit this one.
    unfit: frozenset[str] = frozenset()
    #: How many new sections of several amendments come at the place of this one, itself too; 0 where they do not meet.
    places: int = 0

    @property
    def clashes(self) -> tuple[Clash[str], ...]:
        """The passages where amendments clash, those of the heading first; a choice is named after its place here."""
        return clashes(self.heading) + clashes(self.body)

    @property
    def disputed(self) -> bool:
        """Whether one amendment takes the section out and another one changes it."""
        return bool(self.changers and self.removers)


@dataclass(frozen=True)
class Outcome:
    """What became of a section (None: it goes), and the amendments that shaped it."""

    words: Wording | None
    keys: frozenset[str]


def part(
    base: Wording | None, changed: Mapping[str, Wording | None], unfit: frozenset[str] = frozenset(), places: int = 0
) -> Part:
    """A section of the base (None: a new one) with what each amendment makes of it (None: it goes)."""
    was = base or Wording("", "")
    made = {key: words for key, words in changed.items() if words is not None}
    return Part(
        base,
        merge(was.heading, {key: words.heading for key, words in made.items()}),
        merge(was.body, {key: words.body for key, words in made.items()}),
        frozenset(made),
        frozenset(changed) - frozenset(made),
        unfit,
        places,
    )


def allowed(one: Part, choices: Mapping[str, Choice]) -> dict[str, Choice]:
    """The choices that answer to something in this section."""
    known: dict[str, set[str]] = {str(n): {BASE, *clash.options} for n, clash in enumerate(one.clashes)}
    found = {name: choice for name, choice in choices.items() if name in known and isinstance(choice, Own)}
    if one.disputed:
        known[WHOLE] = set(Fate)
    if one.places:
        known[PLACE] = {BASE, *(str(n) for n in range(1, one.places + 1))}
    known |= {FIT + key: {BASE, BY_HAND} for key in one.unfit}
    return found | {name: choice for name, choice in choices.items() if choice in known.get(name, ())}


def asked(one: Part, choices: Mapping[str, Choice]) -> list[str]:
    """The names of all choices that the section asks for, as far as it has been decided."""
    names = [WHOLE] if one.disputed else []
    names += [PLACE] if one.places else []
    if not one.disputed or choices.get(WHOLE) == Fate.CHANGE:
        names += [str(n) for n in range(len(one.clashes))]
    return names + [FIT + key for key in sorted(one.unfit)]


def open_choices(one: Part, choices: Mapping[str, Choice], own: Wording | None = None) -> list[str]:
    """The names of the choices that still have to be made; words of one's own for the section settle its clashes."""
    chosen = allowed(one, choices)
    kept = (PLACE, FIT)
    missing = [name for name in asked(one, chosen) if name not in chosen and (own is None or name.startswith(kept))]
    by_hand = [name for name, choice in chosen.items() if choice == BY_HAND]
    return missing + (by_hand if own is None else [])


def outcome(one: Part, choices: Mapping[str, Choice], own: Wording | None = None) -> Outcome:
    """What became of a section. Raises ``ValueError`` where something still has to be chosen.

    The editor's own words count for the amendments whose words they stand in the place of, except where they are the
    words of the base.
    """
    if open_choices(one, choices, own):
        raise ValueError("not everything was chosen")
    chosen = allowed(one, choices)
    if chosen.get(PLACE) == BASE:
        return Outcome(None, frozenset())
    by_hand = frozenset(name.removeprefix(FIT) for name, choice in chosen.items() if choice == BY_HAND)
    if own is not None:
        return Outcome(own, frozenset() if own == one.base else _shapers(one, chosen) | by_hand)
    fate = chosen.get(WHOLE, Fate.REMOVE if one.removers else Fate.CHANGE)
    if fate == Fate.REMOVE:
        return Outcome(None, one.removers)
    if fate == Fate.BASE:
        return Outcome(one.base, frozenset())
    texts = {n: _text(clash, chosen[str(n)]) for n, clash in enumerate(one.clashes)}
    first = len(clashes(one.heading))
    heading = text_of(one.heading, {n: text for n, text in texts.items() if n < first})
    body = text_of(one.body, {n - first: text for n, text in texts.items() if n >= first})
    return Outcome(Wording(heading, body), _shapers(one, chosen))


def drafted(one: Part, choices: Mapping[str, Choice]) -> Wording:
    """A section as far as it has been decided: the words of the base where amendments still clash."""
    chosen = allowed(one, choices)
    fate = chosen.get(WHOLE, Fate.CHANGE)
    settled = {name: chosen.get(name, BASE) for name in map(str, range(len(one.clashes)))}
    if fate == Fate.CHANGE and one.changers:
        words = outcome(replace(one, removers=frozenset(), unfit=frozenset(), places=0), settled).words
        assert words is not None  # noqa: S101 - without removers nothing goes
        return words
    return one.base or Wording("", "")


def _text(clash: Clash[str], choice: Choice) -> str:
    if isinstance(choice, Own):
        return choice.words
    return clash.base if choice == BASE else clash.options[choice]


def _shapers(one: Part, chosen: Mapping[str, Choice]) -> frozenset[str]:
    found: set[str] = set()
    for piece in (*one.heading, *one.body):
        if isinstance(piece, Agreed):
            found |= piece.keys
    for n, clash in enumerate(one.clashes):
        choice = chosen.get(str(n))
        if choice is None or isinstance(choice, Own):
            found |= set(clash.options)
        elif choice != BASE:
            found |= {key for key, text in clash.options.items() if text == clash.options[choice]}
    return frozenset(found)


def in_places(natural: Sequence[S], chosen: Mapping[S, Choice]) -> list[S]:
    """New sections that come at one place, in the order that was chosen: each at its own number, else where it stands
    by itself, and those with the same number as they were."""
    place = {key: n for n, key in enumerate(natural, 1)}

    def where(key: S) -> int:
        choice = chosen.get(key)
        return int(choice) if isinstance(choice, str) and choice.isdecimal() else place[key]

    return sorted(natural, key=where)


def assembled(
    base: Mapping[S, SectionText], outcomes: Mapping[S, Wording | None], after: Mapping[S, tuple[S, int]]
) -> list[tuple[S, SectionText]]:
    """The sections of the new text in their order.

    ``base`` in the order of the text, ``outcomes`` for what changed or is new, ``after`` for each new section the one
    that it follows and its place among those that follow the same one. Nothing is numbered anew: a new section gets
    the number of the one before it with a letter, and the words between a heading of a part and a section that goes
    stay with the next section of that part.
    """
    found: list[tuple[S, SectionText]] = []
    taken, lead, group = {text.number for text in base.values()}, "", ""
    for key, text in base.items():
        lead = lead if text.group == group else ""
        group, here = text.group, "\n\n".join(words for words in (lead, text.lead) if words)
        words = outcomes.get(key, Wording(text.heading, text.body))
        if words is not None:
            found.append((key, replace(text, heading=words.heading, body=words.body, lead=here)))
        lead = here if words is None else ""
        for new in sorted((n for n, (anchor, _) in after.items() if anchor == key), key=lambda n: after[n][1]):
            made = outcomes.get(new)
            if made is None:
                continue
            number = next_number(text.number, taken)
            taken.add(number)
            found.append((new, SectionText(number, made.heading, made.body, text.group, lead)))
            lead = ""
    return found


def next_number(number: str, taken: set[str]) -> str:
    """A number for a section that comes after ``number``: 'A2a', 'A2b', …"""
    letters = [*ascii_lowercase, *(one + other for one in ascii_lowercase for other in ascii_lowercase)]
    return next(made for letter in letters if (made := f"{number[:17]}{letter}") not in taken)


def carry(base: Wording | None, new: Wording | None, changed: Wording | None) -> tuple[bool, Wording | None]:
    """A change of a section that was made on ``base``, carried over to ``new``: whether it fits, and the words then.

    None stands for a section that is not there or goes. Where it does not fit the words stay as they were; a change
    whose words are in the new text already fits, and then its words are those of the new text.
    """
    if new in (base, changed):
        return True, changed
    if base is None or new is None or changed is None:
        return False, changed
    heading, body = (
        rebase(base.heading, new.heading, changed.heading),
        rebase(base.body, new.body, changed.body),
    )
    if clashes(heading) or clashes(body):
        return False, changed
    return True, Wording(text_of(heading), text_of(body))


def suggestion(base: Wording, new: Wording, changed: Wording) -> Wording:
    """A change that does not fit put on the new text all the same, with its own words in each clash: to begin from."""
    made = []
    for was, now, mine in ((base.heading, new.heading, changed.heading), (base.body, new.body, changed.body)):
        pieces = rebase(was, now, mine)
        made.append(text_of(pieces, {n: clash.options[Side.OURS] for n, clash in enumerate(clashes(pieces))}))
    return Wording(*made)


def anchor(old: Sequence[S], new: Sequence[S], after: S) -> S | None:
    """The section of the new text that a new one comes after: the same one, or the last one before it that stayed;
    and behind what came in there since. None where nothing before it stayed."""
    if after not in old:
        return after if after in new else None
    stays = [key for key in old[: old.index(after) + 1] if key in new]
    if not stays:
        return None
    place = new.index(stays[-1])
    while place + 1 < len(new) and new[place + 1] not in old:
        place += 1
    return new[place]
