"""Who reacted where: the matrix of sections and municipalities, and the municipalities that are silent."""

from collections.abc import Sequence

from flask import get_template_attribute, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from vng_alv.access import requires
from vng_alv.answering import matrix as reading
from vng_alv.answering.desk import TEXT, blueprint, desk_of, size_asked
from vng_alv.answering.forms import SIZES
from vng_alv.answering.queries import WHOLE
from vng_alv.consultation.models import Position
from vng_alv.consultation.service import is_open
from vng_alv.domain.permissions import Permission
from vng_alv.web import Page, page, page_number

#: Municipalities on one page of the matrix.
SIZE = 100
#: A place in it without a reaction.
EMPTY = Markup("<td></td>")
#: What the address of a reaction begins with, before the name of its section.
ADDRESS = Markup("verwerken?lid={}&amp;onderdeel=")


@blueprint.get(TEXT + "/matrix")
@requires(Permission.READ_REACTIONS)
def matrix(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """Sections by municipalities: reacted, position, answered."""
    desk = desk_of(meeting_code, proposal_code)
    province, size, number = request.args.get("provincie", ""), size_asked(), page_number()
    found = reading.matrix(desk.consultation, province, size, (number - 1) * SIZE, SIZE + 1)
    columns = [(None, "geheel", ""), *((one.section_id, one.number, one.heading) for one in desk.sections)]
    return page(
        "answering/matrix.html",
        desk=desk,
        columns=columns,
        pen=Pen([key for key, _number, _heading in columns]),
        found=found,
        shown=Page(found.rows, number, SIZE),
        provinces=reading.provinces(),
        province=province,
        size=size,
        sizes=SIZES,
        open_now=is_open(desk.consultation),
    )


class Pen:
    """Draws the lines of the matrix. Of its thousands of places most are empty, and the others differ in little more
    than their address; a template that comes by each of them takes longer than all the rest of the page."""

    def __init__(self, keys: Sequence[reading.Key]) -> None:
        cell = get_template_attribute("answering/_matrix.html", "cell")
        #: Each section's place in a line, and its name in an address.
        self.places = {key: (place, escape(key or WHOLE)) for place, key in enumerate(keys)}
        #: What stands before and after the address of a reaction, by its position and whether it is answered.
        self.around: dict[tuple[Position | None, bool], list[Markup]] = {
            (position, answered): cell(position, answered, "ADDRESS").split("ADDRESS")
            for position in (*Position, None)
            for answered in (True, False)
        }

    def cells(self, row: reading.Row) -> Markup:
        """A place for each section, with the way to the list of just the reaction in it."""
        to, past, drawn = ADDRESS.format(row.member.code), 0, []
        for (place, name), cell in sorted((self.places[key], cell) for key, cell in row.cells.items()):
            before, after = self.around[cell]
            drawn += [EMPTY * (place - past), before, to, name, after]
            past = place + 1
        return Markup("").join([*drawn, EMPTY * (len(self.places) - past)])


@blueprint.get(TEXT + "/standpunten")
@requires(Permission.READ_REACTIONS)
def stands(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """Positions by section, by weight and by members."""
    desk = desk_of(meeting_code, proposal_code)
    counted = reading.positions(desk.consultation)
    return page("answering/stands.html", desk=desk, counted=counted, sections=desk.sections)


@blueprint.get(TEXT + "/niet-gereageerd")
@requires(Permission.READ_PEOPLE)
def silent(meeting_code: str, proposal_code: str) -> ResponseReturnValue:
    """The members that sent nothing, with how to reach who can send for them."""
    desk = desk_of(meeting_code, proposal_code)
    province, size = request.args.get("provincie", ""), size_asked()
    return page(
        "answering/silent.html",
        desk=desk,
        found=reading.silent(desk.consultation, province, size),
        provinces=reading.provinces(),
        province=province,
        size=size,
        sizes=SIZES,
        open_now=is_open(desk.consultation),
    )
