"""Figures over several meetings: a page for everybody, and its tables as files."""

from collections.abc import Iterable

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from vng_alv.access import public
from vng_alv.answering.forms import SIZES
from vng_alv.domain.answering import Size
from vng_alv.domain.figures import Pairs, Part, Turnout
from vng_alv.domain.numbers import percentage
from vng_alv.exports.tables import Table, table
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import meetings
from vng_alv.results.figures import all_figures
from vng_alv.web import locale, page

blueprint = Blueprint("figures", __name__)

HERE = "/cijfers"


@blueprint.get(HERE)
@public
def show() -> ResponseReturnValue:
    """Turnout and outcomes by meeting, turnout by province and size, and who votes alike."""
    found = all_figures()
    return page(
        "results/figures.html",
        found=found,
        meetings=_held(found.meetings),
        sizes={size: _size(size) for size in found.sizes},
        percent=_percent,
    )


def _held(codes: Iterable[str]) -> list[Meeting]:
    """The meetings that have figures, the latest first."""
    return [one for one in meetings() if one.code in codes]


def _size(key: str) -> str:
    return str(SIZES[Size(key)])


def _percent(part: Part) -> str:
    """'54,70%', or a dash where there is nothing to be a part of."""
    return percentage(part.share, locale()) if part.share else "–"


@table(blueprint, HERE + "/vergaderingen", None)
def by_meeting() -> Table:
    """Each meeting with its outcomes and its turnout."""
    found = all_figures().meetings
    header = (
        _("vergadering"), _("titel"), _("begin"), _("stemmingen"), _("aangenomen"), _("verworpen"), _("anders"),
        *_turnout_head(),
    )  # fmt: skip
    rows = [
        (one.code, one.title, one.starts_at, f.rounds, f.adopted, f.rejected, f.other, *_turnout_row(f.turnout))
        for one in _held(found)
        for f in [found[one.code]]
    ]
    return Table("cijfers-vergaderingen", header, rows)


def _turnout_head() -> tuple[str, ...]:
    return (
        _("gemeenten gestemd"), _("gemeenten op de stemlijst"), _("opkomst gemeenten, in procenten"),
        _("stemmen uitgebracht"), _("stemmen op de stemlijst"), _("opkomst stemmen, in procenten"),
    )  # fmt: skip


def _turnout_row(found: Turnout) -> tuple[object, ...]:
    return tuple(cell for one in (found.members, found.votes) for cell in (one.part, one.whole, one.share))


@table(blueprint, HERE + "/opkomst", None)
def turnout() -> Table:
    """The turnout of each province and of each size of municipality."""
    found = all_figures()
    groups = [(_("provincie"), name, one) for name, one in found.provinces.items()]
    groups += [(_("omvang"), _size(key), one) for key, one in found.sizes.items()]
    rows = [(kind, name, *_turnout_row(one)) for kind, name, one in groups]
    return Table("cijfers-opkomst", (_("soort"), _("groep"), *_turnout_head()), rows)


@table(blueprint, HERE + "/overeenkomst", None)
def agreement() -> Table:
    """Of each two provinces, and of each two sizes, how often their majorities agreed."""
    found = all_figures()
    rows = [
        *_pair_rows(_("provincie"), found.alike_provinces),
        *(
            (kind, _size(str(one)), _size(str(other)), *rest)
            for kind, one, other, *rest in _pair_rows(_("omvang"), found.alike_sizes)
        ),
    ]
    header = (_("soort"), _("groep"), _("andere groep"), _("eens"), _("stemmingen"), _("eens, in procenten"))
    return Table("cijfers-overeenkomst", header, rows)


def _pair_rows(kind: str, pairs: Pairs) -> list[tuple[object, ...]]:
    return [(kind, one, other, part.part, part.whole, part.share) for (one, other), part in pairs.items()]


@table(blueprint, HERE + "/gemeenten", None)
def by_member() -> Table:
    """Each municipality: in how many votes it took part, and how often it was on the side of the outcome."""
    header = (
        _("code"), _("gemeente"), _("provincie"), _("gestemd"), _("stemmingen"), _("met de uitslag"),
        _("van de stemmingen voor of tegen"), _("met de uitslag, in procenten"),
    )  # fmt: skip
    rows = [
        (one.code, one.name, one.province, one.voted.part, one.voted.whole, one.with_outcome.part,
         one.with_outcome.whole, one.with_outcome.share)
        for one in all_figures().members
    ]  # fmt: skip
    return Table("cijfers-gemeenten", header, rows)
