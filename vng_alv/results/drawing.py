"""The sections of a text as HTML. A published text does not change and what stands beside it changes seldom, so each
section is drawn once for everybody who sees the same."""

from functools import lru_cache
from typing import NamedTuple

from flask import get_template_attribute
from markupsafe import Markup

from vng_alv.results.document import Part
from vng_alv.results.reading import Margin

#: So many sections a process keeps as they are shown; each is some 6 kB.
KEPT = 4_096


class Place(NamedTuple):
    """Where a text is read, and by whom as far as that is seen."""

    language: str
    meeting_code: str
    proposal_code: str
    #: The version that is read; ``picked`` when it was asked for by its number.
    version: int
    picked: int | None
    #: The version that members reacted to.
    asked: int | None
    #: Whether the reader may write amendments.
    amends: bool

    @property
    def here(self) -> dict[str, str]:
        """What addresses of this text begin with."""
        return {"meeting_code": self.meeting_code, "proposal_code": self.proposal_code}


class Drawn(NamedTuple):
    """A section and its line in the contents, as HTML."""

    entry: Markup
    section: Markup


def drawn(place: Place, part: Part, margin: Margin | None, hits: int) -> Drawn:
    """A section as it stands on the page of its text; ``hits`` are found in the whole text."""
    return _kept_hits(place, part, margin, hits) if part.hits.count else _kept(place, part, margin, 0)


def _draw(place: Place, part: Part, margin: Margin | None, hits: int) -> Drawn:
    entry = get_template_attribute("proposals/_section.html", "entry")
    section = get_template_attribute("proposals/_section.html", "section")
    return Drawn(entry(part, margin, place), section(part, margin, place, hits))


_kept = lru_cache(KEPT)(_draw)
#: Apart, so that looking for many things pushes no text out of the other.
_kept_hits = lru_cache(KEPT // 8)(_draw)
