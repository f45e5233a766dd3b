"""What the tests of receipts share: casting, bringing a file to be checked, and what is told of it."""

import copy
import io
import json
from typing import Any

from werkzeug.test import TestResponse

from tests.web.site import Browser, Scene, count, vote
from tests.web.test_parity import words
from vng_alv import db
from vng_alv.voting import service as rounds
from vng_alv.voting.models import Round

CHECK = "/stembewijs/controleren"
IN_LIST = "Deze stem staat zo in de bekendgemaakte lijst."
LATER = "De gemeente stemde later opnieuw."
WAITS = "De uitslag is nog niet bekendgemaakt."
VOID = "Deze stemming is ongeldig verklaard. Geen enkele stem telt mee."
RIGHT, WRONG = "De handtekening klopt Dit stembewijs", "De handtekening klopt niet"


def opened(scene: Scene) -> list[Round]:
    """The rounds that are open, in the order of the receipt."""
    return sorted(scene.open, key=lambda one: one.number)


def file_of(browser: Browser, code: str) -> dict[str, Any]:
    answer = browser.get(f"/stembewijs/{code}.json")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="stembewijs-{code}.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = json.loads(answer.data)
    return found


def brought(guest: Browser, file: dict[str, Any] | bytes) -> TestResponse:
    """A file, uploaded by anybody."""
    raw = file if isinstance(file, bytes) else json.dumps(file, indent=3).encode()
    return guest.submit(CHECK, action=CHECK, file=(io.BytesIO(raw), "bewijs.json"))


def told(answer: TestResponse) -> str:
    assert answer.status_code == 200
    return words(answer.text.partition("<main")[2].partition("<form")[0])


def cast_of(scene: Scene, who: int, choice: str) -> str:
    return vote(scene, who, {r.id: choice for r in opened(scene)}).receipt


def publish(scene: Scene, *which: int) -> None:
    for n in which:
        count(opened(scene)[n], publish=True)


def annul(scene: Scene, which: int) -> None:
    with db.transaction():
        rounds.annul(db.session.get_one(Round, opened(scene)[which].id), "Storing in de zaal", None)


def changed(file: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    other = copy.deepcopy(file)
    where = other["receipt"] if name in other["receipt"] else other["receipt"]["votes"][0]
    where[name] = value
    return other
