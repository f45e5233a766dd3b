"""Checking a receipt, for everybody: its signature, and what became of its ballots (docs/rules.md §9)."""

from datetime import datetime

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from vng_alv import limits
from vng_alv.access import public
from vng_alv.domain import receipts
from vng_alv.domain.receipt_files import MAX_BYTES, NoReceipt, read
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.voting.forms import FATES, CheckForm, part
from vng_alv.voting.receipts import Checked, check_code, check_file
from vng_alv.web import page

blueprint = Blueprint("checking", __name__)


@blueprint.get("/stembewijs/controleren")
@public
def check() -> ResponseReturnValue:
    """Where a code or a file is brought."""
    return page("voting/check.html", form=CheckForm(), checked=None)


@blueprint.post("/stembewijs/controleren")
@public
def checked() -> ResponseReturnValue:
    """What can be told of it. Codes cannot be guessed, and trying is limited all the same."""
    limits.spend("receipt", request.remote_addr or "")
    form = CheckForm()
    if not form.sent():
        return page("voting/check.html", 422, form=form, checked=None)
    try:
        found = _checked(form)
    except Refused as refused:
        form.refuse(refused)
        return page("voting/check.html", refused.status, form=form, checked=None, wrong=refused.facts.get("part"))
    return page(
        "voting/check.html",
        form=form,
        checked=found,
        fates=FATES,
        altered=[part(name) for name in found.altered],
        cast_at=datetime.fromisoformat(found.statement.cast_at) if found.statement else None,
    )


def _checked(form: CheckForm) -> Checked:
    typed = (form.text.data or "").strip()
    brought = form.file.data.read(MAX_BYTES + 1) if form.file.data else b""
    if not brought and not typed:
        raise Refused(Refusal.NO_RECEIPT_GIVEN)
    if not brought and not typed.startswith("{"):
        code = receipts.normal(typed)
        if len(typed) > 60 or not receipts.CODE.fullmatch(code):
            raise Refused(Refusal.NOT_A_CODE)
        return check_code(code)
    found = read(brought or typed.encode())
    if isinstance(found, NoReceipt):
        raise Refused(Refusal.NOT_A_RECEIPT, part=part(found.field) if found.field else "")
    return check_file(found)
