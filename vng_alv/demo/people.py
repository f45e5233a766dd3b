"""The demo's people: by function, never by name."""

from dataclasses import dataclass

from flask_babel import gettext as _

from vng_alv.demo.seed import LARGE, SMALL, STAFF, slug
from vng_alv.errors import Missing
from vng_alv.members.queries import get_member


@dataclass(frozen=True)
class Persona:
    """Someone a visitor can step in as."""

    key: str
    title: str
    what: str


def personas() -> list[Persona]:
    """Those that the first page of the demo offers."""
    large, small = get_member(LARGE), get_member(SMALL)
    return [
        Persona(large.code, _("Afgevaardigde van %(name)s", name=large.name),
                _("Een grote gemeente, met het hoogste aantal stemmen. U heeft nog niet gestemd.")),
        Persona(small.code, _("Afgevaardigde van %(name)s", name=small.name),
                _("De kleinste gemeente, met één stem. U heeft nog niet gestemd.")),
        Persona("secretariaat", _("Secretariaat"),
                _("Importeert stukken, nodigt mensen uit, beantwoordt reacties en leidt de middag.")),
        Persona("voorzitter", _("Voorzitter"), _("Opent en sluit stemmingen en maakt uitslagen bekend.")),
        Persona("controleur", _("Controleur"), _("Leest alles na, ook het logboek, en verandert niets.")),
    ]  # fmt: skip


def email_of(key: str) -> str:
    """The address of a persona: one of the staff, or the clerk of a member by its code. Raises ``Missing``."""
    if key in {name for name, _words, _roles in STAFF}:
        return f"{key}@vereniging.example"
    try:
        return f"griffier@{slug(get_member(key).name)}.example"
    except Missing:
        return ""
