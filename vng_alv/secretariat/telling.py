"""The tellers of secret rounds: giving a key, and opening the envelopes. On the blueprint of the console."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import FileField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from vng_alv import db
from vng_alv.access import actor, need_fresh, requires
from vng_alv.domain.clock import day_of
from vng_alv.domain.envelopes import rare_weights
from vng_alv.domain.permissions import Permission
from vng_alv.domain.rounds import IN_PREPARATION, RoundState
from vng_alv.errors import Missing, Refused
from vng_alv.meetings.forms import NEEDED, tidy
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.queries import get_association, members_on
from vng_alv.secretariat import announcing, choosing
from vng_alv.secretariat.choosing import ROUND
from vng_alv.secretariat.console import blueprint
from vng_alv.voting import tellers
from vng_alv.voting.models import Round
from vng_alv.voting.queries import get_round
from vng_alv.voting.secret_queries import keys_of, secret_rounds, weights_of, whose_turn
from vng_alv.web import UNSAFE, BaseForm, page

__all__ = ["announcing", "blueprint", "choosing"]

#: Bytes of a file with a key; one of age-keygen has some 190.
MAX_FILE = 10_000


class KeyForm(BaseForm):
    """The public half of a teller's key."""

    public_key = StringField(
        lazy_gettext("Openbare sleutel"), [DataRequired(NEEDED), Length(max=2_000)], filters=[tidy],
        description=lazy_gettext("Begint met age1. De geheime helft geeft u aan niemand, tot de stemming is gesloten."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip


class AwayForm(BaseForm):
    """Which teller makes room for another one."""

    place = IntegerField(validators=[InputRequired(NEEDED)])


class OpenForm(BaseForm):
    """The private half, in the file that was saved or pasted from it. It is used and forgotten."""

    file = FileField(lazy_gettext("Bestand met uw geheime sleutel"))
    private_key = TextAreaField(
        lazy_gettext("Of plak de inhoud van het bestand"), [Length(max=MAX_FILE)],
        render_kw={"rows": 4, "autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip

    def given(self) -> str:
        """What was handed in."""
        upload = self.file.data
        content = upload.read(MAX_FILE).decode("utf-8", "replace") if upload and upload.filename else ""
        return f"{content}\n{self.private_key.data or ''}"


@blueprint.get("/secretariaat/stemcommissie")
@requires(Permission.SECRETARIAT)
def tellers_index() -> ResponseReturnValue:
    """The secret rounds, and what their tellers have to do."""
    rounds = secret_rounds()
    keys = {one.id: keys_of(one.id) for one in rounds}
    return page("console/tellers.html", rounds=rounds, keys=keys, me=actor().id)


@blueprint.get(ROUND + "/stemcommissie")
@requires(Permission.SECRETARIAT)
def tellers_of(meeting_code: str, number: int) -> ResponseReturnValue:
    """A secret round for its tellers: what is to be done, and how secret it is."""
    meeting, found = _secret(meeting_code, number)
    return _show(meeting, found)


@blueprint.post(ROUND + "/stemcommissie/sleutel")
@requires(Permission.TELL, fresh=True)
def give_key(meeting_code: str, number: int) -> ResponseReturnValue:
    """Keep the public key of a teller."""
    meeting, found = _secret(meeting_code, number)
    form = KeyForm()
    if form.sent():
        try:
            tellers.give_key(found, form.public_key.data, actor())
        except Refused as refused:
            db.rollback()
            form.public_key.data = ""  # it might be the private half
            form.refuse(refused)
        else:
            return _done(meeting, number, _("Uw openbare sleutel is bewaard. Bewaar de geheime helft zelf."))
    return _show(*_secret(meeting_code, number), key_form=form)


@blueprint.post(ROUND + "/stemcommissie/weghalen")
@requires(Permission.RUN_ROUNDS, fresh=True)
def take_key_away(meeting_code: str, number: int) -> ResponseReturnValue:
    """Make room for another teller."""
    meeting, found = _secret(meeting_code, number)
    form = AwayForm()
    if not form.sent():
        raise Missing("key")
    tellers.take_key_away(found, form.place.data, actor())
    return _done(meeting, number, _("De sleutel is weg. Een ander lid van de stemcommissie kan er een geven."))


@blueprint.post(ROUND + "/stemcommissie/openen")
@requires(Permission.TELL, fresh=True)
def open_envelopes(meeting_code: str, number: int) -> ResponseReturnValue:
    """Open envelopes with a private key, which is kept nowhere."""
    meeting, found = _secret(meeting_code, number)
    form = OpenForm()
    if form.sent():
        try:
            result = tellers.open_envelopes(found, form.given(), actor())
        except Refused as refused:
            db.rollback()
            form.refuse(refused)
        else:
            words = _("De stemmen zijn geteld. De voorzitter kan de uitslag bekendmaken.")
            if result is None:
                words = _("De buitenste enveloppen zijn open. Nu is de eerste teller aan de beurt.")
            return _done(meeting, number, words)
    form.private_key.data = ""  # it is not sent back
    return _show(*_secret(meeting_code, number), open_form=form)


def _secret(meeting_code: str, number: int) -> tuple[Meeting, Round]:
    meeting = get_meeting(meeting_code)
    found = get_round(meeting.id, number)
    if not found.secret:
        raise Missing("round")
    return meeting, found


def _done(meeting: Meeting, number: int, words: str) -> ResponseReturnValue:
    flash(words, "ok")
    return redirect(url_for("console.tellers_of", meeting_code=meeting.code, number=number), 303)


def _show(
    meeting: Meeting, found: Round, key_form: KeyForm | None = None, open_form: OpenForm | None = None
) -> ResponseReturnValue:
    keys = keys_of(found.id)
    mine = next((one for one in keys.values() if one.person_id == actor().id), None)
    turn = mine is not None and found.state is RoundState.CLOSED and mine.place == whose_turn(keys)
    opens = turn and mine is not None and mine.used_at is None and actor().may(Permission.TELL)
    if opens and request.method == "GET":  # so that a key need not be sent twice
        need_fresh(Permission.TELL)
    waits = found.state in IN_PREPARATION
    weights = _weights_now() if waits else weights_of(found.id)
    return page(
        "console/teller.html",
        422 if request.method in UNSAFE else 200,
        meeting=meeting,
        round=found,
        keys=keys,
        mine=mine,
        next=whose_turn(keys),
        gives=waits and actor().may(Permission.TELL) and (mine is not None or len(keys) < 2),
        opens=opens,
        key_form=key_form or KeyForm(),
        open_form=open_form or OpenForm(),
        members=len(weights),
        rare=rare_weights(weights),
    )


def _weights_now() -> list[int]:
    rule = get_association().weight_rule
    return [member.votes(rule) for member in members_on(day_of(db.now())) if not member.advisory]
