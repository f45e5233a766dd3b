"""The standing agenda of the association: what its assemblies begin and end with."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import TextAreaField
from wtforms.validators import Length, ValidationError

from vng_alv.access import actor, requires
from vng_alv.domain.agenda import MAX_STANDING, read_standing, write_standing
from vng_alv.domain.permissions import Permission
from vng_alv.members import service
from vng_alv.members.queries import get_association
from vng_alv.members.rule_views import blueprint
from vng_alv.web import UNSAFE, BaseForm, page

__all__ = ["blueprint"]

HERE = "/secretariaat/vereniging/agenda"


class StandingForm(BaseForm):
    """The items, a line each."""

    items = TextAreaField(
        lazy_gettext("Vaste agendapunten"),
        [Length(max=10_000, message=lazy_gettext("Deze tekst is te lang."))],
        description=lazy_gettext(
            "Elk punt op een eigen regel. Mag ook: een puntkomma en het aantal minuten, bijvoorbeeld: Mededelingen; 10."
            " Zet een regel met --- waar de punten van de vergadering zelf komen."
        ),
        render_kw={"rows": 12},
    )

    def validate_items(self, field: Any) -> None:
        """Every line is an item, and there are not too many."""
        items, wrong = read_standing(field.data or "")
        if wrong:
            raise ValidationError(
                _("Deze regels kloppen niet: %(lines)s. Schrijf een naam van ten hoogste 200 tekens, en als u wilt een "
                  "puntkomma en 1 tot en met 600 minuten.", lines=", ".join(map(str, wrong)))
            )  # fmt: skip
        if len(items) > MAX_STANDING:
            raise ValidationError(_("Dit zijn er te veel. Zet er ten hoogste %(most)s.", most=MAX_STANDING))


@blueprint.get(HERE)
@requires(Permission.READ_REGISTER)
def standing_agenda() -> ResponseReturnValue:
    """The items, to read and to change."""
    return _page(StandingForm(data={"items": write_standing(get_association().standing_items)}))


@blueprint.post(HERE)
@requires(Permission.MANAGE_REGISTER)
def change_standing_agenda() -> ResponseReturnValue:
    """Keep another list; meetings that were made keep their agenda."""
    form = StandingForm()
    if not form.sent():
        return _page(form)
    items, _wrong = read_standing(form.items.data or "")
    service.change_association(
        get_association(), actor(), standing_agenda=[[one.title, one.minutes, one.ends] for one in items]
    )
    flash(_("De vaste agendapunten zijn bewaard. Nieuwe vergaderingen beginnen ermee."), "ok")
    return redirect(url_for(".standing_agenda"), 303)


def _page(form: StandingForm) -> ResponseReturnValue:
    return page("members/standing_agenda.html", 422 if request.method in UNSAFE else 200, form=form)
