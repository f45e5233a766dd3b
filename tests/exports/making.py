"""Facts to make documents of, and an application to make them in."""

import uuid
from datetime import UTC, datetime

from flask import Flask
from flask_babel import Babel

from vng_alv.app import ROOT
from vng_alv.domain.sections import SectionText
from vng_alv.domain.submissions import AdviceKind, SubmissionState
from vng_alv.exports.queries import (
    Advised,
    AmendmentFacts,
    Item,
    MeetingFacts,
    MotionFacts,
    Place,
    SectionChange,
    SubmissionFacts,
    TextFacts,
)
from vng_alv.proposals.models import ProposalKind

AT = datetime(2026, 6, 3, 11, tzinfo=UTC)
PLACE = Place("Vereniging van Voorbeelden", False, "alv", "ALV zomer", "Utrecht", AT)

HOSTILE = (
    '#import "x": * #read("/etc/passwd") $x^2$ ] [ ) #let a = 1 \\ @label <lab> `raw` // weg /* ook weg */ #panic()'
)
RICH = """Wij *bouwen* **meer** huizen in Fryslân, “samen” met ’s-Hertogenbosch — één plan, € 1.500, coöperatie.

- een
- twee
  1. sub een
  2. sub twee

| Kop | Getal |
|---|---|
| Gaasterlân | [bron](https://example.org/bron) |
| zonder | 3 |

> Een citaat.

#### Een diepe kop

Slot.
"""


def application(language: str = "nl") -> Flask:
    """An application that only knows its language."""
    app = Flask("exports")
    app.config.update(BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "vng_alv" / "translations"))
    Babel(app, locale_selector=lambda: language)
    return app


def text(code: str = "R1", *, body: str = RICH, agenda: int | None = 1) -> TextFacts:
    """A resolution with a group of two sections."""
    sections = (
        SectionText("A1", "Wonen", body, "Deel A", "Inleiding bij het deel."),
        SectionText("A2", "Water", "Wij houden droge voeten.", "Deel A"),
    )
    return TextFacts(
        code, ProposalKind.RESOLUTION, None, agenda, 2, AT, "ab" * 32, f"Besluit {code}", "Wij besluiten.", sections,
        Advised(None, "Neem dit over."),
    )  # fmt: skip


def _about(label: str) -> SubmissionFacts:
    advice = Advised(AdviceKind.ADVISE_AGAINST, "Het kan **niet**.", 1, AT)
    who = ("Utrecht", "Zeist")
    return SubmissionFacts(uuid.UUID(int=1), label, "Meer huizen", who, SubmissionState.SUBMITTED, AT, "Nodig.", advice)


def amendment(label: str = "A1", *, old: str = "Wonen\n\nWij bouwen.", new: str = "Wonen\n\nWij bouwen meer.",
              on: str = "R1") -> AmendmentFacts:  # fmt: skip
    """An amendment that changes a section, takes one out and adds one."""
    changes = (
        SectionChange("A1", "Wonen", "", False, old, new),
        SectionChange("A2", "Water", "", True, "Water\n\nWij houden droge voeten.", ""),
        SectionChange("", "Energie", "A2", False, "", "Energie\n\n- zon\n- wind"),
    )
    return AmendmentFacts(_about(label), on, "Besluit", 2, changes)


def motion(label: str = "M1") -> MotionFacts:
    """A motion."""
    sections = (SectionText("1", "De motie", "verzoekt het bestuur:\n\n- te handelen;"),)
    words = TextFacts(
        label, ProposalKind.MOTION, "Utrecht", None, 1, AT, "cd" * 32, "Handel", "De ALV,", sections, None
    )
    return MotionFacts(_about(label), words)


def meeting(*, place: Place = PLACE) -> MeetingFacts:
    """A meeting with a bit of everything."""
    agenda = (Item(1, "Opening en besluiten", "Met een\nnoot"), Item(2, "Sluiting", ""))
    return MeetingFacts(place, agenda, (text(), text("R2", agenda=None)), (amendment(),), (motion(),))
