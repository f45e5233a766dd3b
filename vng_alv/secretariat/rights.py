"""Who may do what: the one table of roles and permissions, as a page. Only the words are here."""

from typing import Any

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from vng_alv.access import access_of, requires
from vng_alv.domain.permissions import EVERYBODY, FRESH_FOR, ONE_STEP, Permission, Role, permissions
from vng_alv.secretariat.forms import ROLES
from vng_alv.web import page

blueprint = Blueprint("rights", __name__)

WORDS: dict[Permission, Any] = {
    Permission.ACCOUNT: _("Het eigen account beheren"),
    Permission.REACT: _("Reageren namens de eigen gemeente"),
    Permission.VOTE: _("Stemmen met een stemkaart"),
    Permission.MEMBER: _("Zien en regelen wie er voor de eigen gemeente werkt en stemt"),
    Permission.SECRETARIAT: _("De bladzijden van het secretariaat en de regie zien"),
    Permission.READ_REGISTER: _("De regels van de vereniging en imports van leden zien"),
    Permission.READ_PEOPLE: _("Zien wie er een account of uitnodiging heeft"),
    Permission.READ_MEETINGS: _("Alle stemkaarten zien"),
    Permission.READ_REACTIONS: _("Verstuurde reacties lezen voordat ze openbaar zijn"),
    Permission.READ_NOTICES: _("Zien welke mail er is verstuurd"),
    Permission.READ_AUDIT: _("Het logboek lezen"),
    Permission.READ_RIGHTS: _("Deze tabel met rechten zien"),
    Permission.MANAGE_REGISTER: _("Leden importeren en de regels van de vereniging wijzigen"),
    Permission.MANAGE_PEOPLE: _("Personen uitnodigen en hun functies wijzigen, bij elke gemeente"),
    Permission.GRANT_ROLES: _("Rollen bij de vereniging geven en wegnemen, niet bij zichzelf"),
    Permission.MANAGE_MEETINGS: _(
        "Vergaderingen, stukken en consultaties maken, en stemkaarten geven bij elke gemeente"
    ),
    Permission.ANSWER: _("Reacties beantwoorden"),
    Permission.ADVISE: _("Preadvies geven over amendementen en moties, en dat publiceren"),
    Permission.RUN_ROUNDS: _("Stemmingen openen, sluiten, bekendmaken en ongeldig verklaren"),
    Permission.TELL: _("Een sleutel geven voor een geheime stemming, en die daarna openen, samen met een ander"),
    Permission.RESET_FACTORS: _("Een tweede stap weghalen die iemand kwijt is, samen met een ander"),
    Permission.ERASE_PEOPLE: _("Persoonsgegevens wissen"),
}


def _fresh() -> frozenset[Permission]:
    """The permissions for which some page asks for a second step of the last minutes."""
    views = current_app.view_functions.items()
    asked = {access_of(name) for name, view in views if getattr(view, "alv_fresh", False)}
    return frozenset(Permission) & asked


@blueprint.get("/secretariaat/rechten")
@requires(Permission.READ_RIGHTS)
def index() -> ResponseReturnValue:
    """Roles and permissions, and which of them ask for a second step."""
    return page(
        "secretariat/rights.html",
        permissions=sorted(Permission, key=list(WORDS).index),
        words=WORDS,
        roles=ROLES,
        may={role: permissions(frozenset({role})) for role in Role},
        everybody=EVERYBODY,
        one_step=ONE_STEP,
        fresh=_fresh(),
        minutes=int(FRESH_FOR.total_seconds() // 60),
    )
