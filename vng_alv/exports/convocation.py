"""The convocation of a meeting as it was sent, as a document and as data."""

import json
from datetime import datetime

from flask_babel import gettext as _

from vng_alv.convening.models import Convocation
from vng_alv.convening.queries import Call
from vng_alv.exports import words
from vng_alv.exports.queries import Place
from vng_alv.exports.report import Block, Head, Line, Report, Rows
from vng_alv.notifications.mail import condition_words
from vng_alv.web import locale


def convocation(place: Place, call: Call, note: str, sent_at: datetime) -> Report:
    """What it said: when, where, what the secretariat wrote, the agenda with its papers, and how members vote."""
    begin, end, early = call.moments
    facts = [(_("Vereniging"), place.association), (_("Verstuurd"), words.clock(sent_at)),
             (_("Wanneer"), words.clock(begin))]  # fmt: skip
    if end:
        facts.append((_("Tot"), words.clock(end)))
    if call.place:
        facts.append((_("Waar"), call.place))
    blocks: list[Block] = [Rows(facts), *([Line(note)] if note else []), Head(1, _("Agenda"))]
    for item in call.agenda:
        blocks += [Head(2, f"{item.number}. {item.title}"), *map(Line, item.papers)]
    if call.papers:
        blocks += [Head(1, _("Andere stukken")), *map(Line, call.papers)]
    blocks.append(Head(1, _("Zo wordt er gestemd")))
    moment = words.clock(early) if early else ""
    blocks += [Line(condition_words(one.value, moment, locale())) for one in call.conditions]
    title = _("Convocatie %(meeting)s", meeting=call.title)
    return Report(title, place.association, call.title, _("Convocatie"), locale(), place.example, blocks)


def to_json(sent: Convocation, *, example: bool) -> bytes:
    """The same as data: what was kept when it was sent."""
    data = {"example": example, "sent-at": sent.sent_at.isoformat(), "note": sent.note, "call": sent.facts}
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()
