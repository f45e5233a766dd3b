"""What was pronounced, as an Atom feed (RFC 4287) for whoever follows it with a program of their own."""

from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Response, current_app, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from vng_alv import db
from vng_alv.access import public
from vng_alv.members.queries import get_association
from vng_alv.results.beside import blueprint
from vng_alv.voting.models import Round
from vng_alv.voting.summary import summaries
from vng_alv.web import locale

__all__ = ["blueprint"]

ATOM = "http://www.w3.org/2005/Atom"
#: So many outcomes, the newest ones.
ENTRIES = 50


@blueprint.get("/uitslagen.atom")
@public
def feed() -> Response:
    """The outcomes that were pronounced last, in every meeting; a void one says so."""
    rounds = list(
        db.session.scalars(
            select(Round)
            .options(joinedload(Round.meeting))
            .where(Round.published_at.is_not(None), ~Round.rehearsal)
            .order_by(Round.published_at.desc(), Round.number)
            .limit(ENTRIES)
        )
    )
    association, base = get_association(), current_app.config["ALV"].base_url
    mark = _("Voorbeeld") + ": " if association.example else ""
    root = Element("feed", {"xmlns": ATOM, "xml:lang": locale()})
    _text(root, "title", f"{mark}{_('Uitslagen')}, {association.name}")
    _text(root, "id", base + url_for("results.feed"))
    SubElement(root, "link", {"rel": "self", "href": base + url_for("results.feed")})
    SubElement(root, "link", {"href": base + url_for("meetings.index")})
    _text(root, "updated", _moment(rounds[0].published_at if rounds else None))
    SubElement(SubElement(root, "author"), "name").text = association.name
    for one, told in zip(rounds, summaries(rounds, locale()), strict=True):
        address = base + url_for("results.round_result", meeting_code=one.meeting.code, number=one.number)
        entry = SubElement(root, "entry")
        _text(entry, "title", f"{mark}{one.title}")
        _text(entry, "id", address)
        SubElement(entry, "link", {"href": address})
        _text(entry, "updated", _moment(one.published_at))
        void = _("Deze stemming is ongeldig verklaard. Zij telt niet mee.") + " " if one.annulled_reason else ""
        _text(entry, "summary", f"{one.meeting.title}. {void}{told.sentence}")
    answer = Response(tostring(root, "utf-8", xml_declaration=True), mimetype="application/atom+xml")
    answer.vary.update(("Accept-Language", "Cookie"))
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _text(parent: Element, tag: str, words: str) -> None:
    SubElement(parent, tag).text = words


def _moment(moment: datetime | None) -> str:
    """As RFC 3339 has it; of a feed without entries a moment that never changes."""
    return (moment or datetime(2026, 1, 1, tzinfo=UTC)).astimezone(UTC).isoformat(timespec="seconds")
