"""The demo's people: by function, never by name; and what each of them can try."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from vng_alv.demo.seed import AMENDED, CONSULTED, LARGE, MEETING, NEXT_MEETING, SMALL, STAFF, TELLERS, slug
from vng_alv.errors import Missing
from vng_alv.members.queries import get_member


@dataclass(frozen=True)
class Step:
    """Something that a visitor can try: what it is, and the page where it begins."""

    words: str
    path: str


@dataclass(frozen=True)
class Persona:
    """Someone a visitor can step in as."""

    key: str
    title: str
    what: str
    steps: tuple[Step, ...]

    def path(self, number: str) -> str | None:
        """Where a step begins, by its number from 1, if there is one."""
        return next((step.path for i, step in enumerate(self.steps, 1) if str(i) == number), None)


def personas() -> list[Persona]:
    """Those that the first page of the demo offers."""
    large, small = get_member(LARGE), get_member(SMALL)
    today: dict[str, Any] = {"meeting_code": MEETING}
    here: dict[str, Any] = {"meeting_code": MEETING, "proposal_code": "R1"}
    consulted: dict[str, Any] = {"meeting_code": NEXT_MEETING, "proposal_code": CONSULTED}
    amended: dict[str, Any] = {"meeting_code": NEXT_MEETING, "proposal_code": AMENDED}
    vote = Step(_("Stem over de resolutie van vandaag"), url_for("voting.ballot", **today))
    console = Step(_("Open en sluit een stemming"), url_for("console.show", **today))
    tellers = zip(TELLERS, (_("Stemcommissie, eerste lid"), _("Stemcommissie, tweede lid")), strict=True)
    return [
        Persona(large.code, _("Griffier van %(name)s", name=large.name),
                _("Schrijft en verstuurt namens een grote gemeente, en stemt voor haar. U heeft nog niet gestemd."),
                (vote,
                 Step(_("Reageer op een tekst in consultatie"), url_for("consultation.react", **consulted)),
                 Step(_("Maak een amendement"), url_for("amendments.create", **amended)),
                 Step(_("Schrijf een motie"), url_for("motions.create", meeting_code=NEXT_MEETING)))),
        Persona(small.code, _("Afgevaardigde van %(name)s", name=small.name),
                _("De kleinste gemeente, met één stem. U heeft nog niet gestemd."), (vote,)),
        Persona("secretariaat", _("Secretariaat"),
                _("Importeert stukken, nodigt mensen uit, beantwoordt reacties en leidt de middag."),
                (Step(_("Verwerk de reacties"), url_for("answering.process", **here)),
                 Step(_("Verwerk amendementen in de tekst"), url_for("merging.show", **amended)),
                 Step(_("Lees een tekst in uit Word of PDF"), url_for("proposals.create", meeting_code=NEXT_MEETING)),
                 console)),
        Persona("bestuur", _("Bestuurslid"),
                _("Adviseert de leden over amendementen en moties, en neemt voorstellen over."),
                (Step(_("Schrijf preadviezen"), url_for("submissions.advice_list", meeting_code=NEXT_MEETING)),)),
        Persona("voorzitter", _("Voorzitter"), _("Opent en sluit stemmingen en maakt uitslagen bekend."), (console,)),
        *(Persona(key, title, _("Bewaart een sleutel van de geheime stemming, en opent na sluiting de enveloppen."),
                  (Step(_("Geef een sleutel"), url_for("console.tellers_index")),))
          for key, title in tellers),
        Persona("controleur", _("Controleur"), _("Leest alles na, ook het logboek, en verandert niets."),
                (Step(_("Lees het logboek"), url_for("secretariat.audit_log")),)),
    ]  # fmt: skip


def for_everybody() -> list[Step]:
    """What can be tried without stepping in."""
    return [
        Step(_("Vergelijk twee versies van een resolutie"),
             url_for("proposals.compare", meeting_code=NEXT_MEETING, proposal_code=AMENDED)),
        Step(_("Lees de amendementen"),
             url_for("amendments.index", meeting_code=NEXT_MEETING, proposal_code=AMENDED)),
        Step(_("Lees wat er met een aangenomen motie gebeurt"), url_for("motions.accounts")),
        Step(_("Download de vergaderset (PDF)"), url_for("exports.set_pdf", meeting_code=NEXT_MEETING)),
    ]  # fmt: skip


def email_of(key: str) -> str:
    """The address of a persona: one of the staff, or the clerk of a member by its code. Raises ``Missing``."""
    if key in {name for name, _words, _roles in STAFF}:
        return f"{key}@vereniging.example"
    try:
        return f"griffier@{slug(get_member(key).name)}.example"
    except Missing:
        return ""
