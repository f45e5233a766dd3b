"""Signed receipts, and checking them as an outsider does (docs/rules.md §8, §9)."""

import base64
import copy
import hashlib
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import delete, select, text, update

from tests.web.receipts import (
    CHECK,
    IN_LIST,
    LATER,
    RIGHT,
    VOID,
    WAITS,
    WRONG,
    annul,
    brought,
    cast_of,
    changed,
    file_of,
    opened,
    publish,
    told,
)
from tests.web.site import Browser, Scene, Site, vote
from tests.web.test_parity import words
from vng_alv import db
from vng_alv.signing import service as signing
from vng_alv.voting.models import Ballot

# --- The receipt and its signature


def test_an_outsider_verifies_a_receipt_with_the_published_key_and_without_the_product(
    own: Browser, guest: Browser, scene: Scene
) -> None:
    file = file_of(own, scene.receipts[0])
    (key,) = guest.get("/.well-known/alv-signing-keys.json").json["keys"]  # type: ignore[index]
    assert set(key) == {"kid", "kty", "crv", "use", "x", "since", "until"}
    raw = base64.urlsafe_b64decode(key["x"] + "=")
    assert (key["kty"], key["crv"], key["until"]) == ("OKP", "Ed25519", None)
    assert file["key"] == key["kid"] == hashlib.sha256(raw).hexdigest()[:16]
    message = json.dumps(file["receipt"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    signature = base64.urlsafe_b64decode(file["signature"] + "==")
    public = Ed25519PublicKey.from_public_bytes(raw)
    public.verify(signature, message)
    with pytest.raises(InvalidSignature):
        public.verify(signature, message.replace(b"tegen", b"voor"))


def test_a_receipt_says_what_was_cast(own: Browser, guest: Browser, scene: Scene) -> None:
    file = file_of(own, scene.receipts[0])
    assert f"http://localhost:8000{CHECK}" in file["about"]
    receipt = file["receipt"]
    with db.transaction(write=False):
        ballots = list(db.session.scalars(select(Ballot).where(Ballot.receipt == scene.receipts[0])))
    moment = min(b.cast_at for b in ballots).isoformat(timespec="microseconds")
    assert {k: v for k, v in receipt.items() if k != "votes"} == {
        "format": "alv-receipt-1", "code": scene.receipts[0], "meeting": "alv", "member": "GM0001", "through": None,
        "cast-at": moment, "example": False,
    }  # fmt: skip
    assert [(v["round"], v["title"], v["weight"], v["vote"]) for v in receipt["votes"]] == [
        (r.number, r.title, 75, "tegen") for r in opened(scene)
    ]
    publish(scene, 0)
    outcome = guest.get(f"/vergaderingen/alv/uitslagen/{opened(scene)[0].number}.json").json["round"]  # type: ignore[index]
    rule = json.dumps(outcome["rule"], sort_keys=True, separators=(",", ":")).encode()
    assert receipt["votes"][0]["rule-sha256"] == outcome["rule-sha256"] == hashlib.sha256(rule).hexdigest()
    assert receipt["votes"][0]["text-sha256"] == outcome["text-sha256"]


def test_the_same_receipt_has_the_same_signature_and_each_cast_its_own(own: Browser, scene: Scene) -> None:
    first = file_of(own, scene.receipts[0])
    assert file_of(own, scene.receipts[0]) == first
    page = own.get(f"/stembewijs/{scene.receipts[0]}").text
    assert first["signature"] in page
    assert first["key"] in page
    again = file_of(own, cast_of(scene, 0, "against"))
    assert again["receipt"]["code"] != first["receipt"]["code"]
    assert again["signature"] != first["signature"]
    assert file_of(own, scene.receipts[0]) == first


def test_without_the_key_the_vote_stands_and_no_receipt_is_made(site: Site, own: Browser, scene: Scene) -> None:
    for file in (site.settings.data / "signing-keys").iterdir():
        file.unlink()
    page = own.get(f"/stembewijs/{scene.receipts[0]}")
    assert page.status_code == 200
    seen = words(page.text)
    assert "Uw stem is uitgebracht" in seen
    assert "Dit bewijs heeft geen handtekening We kunnen nu niets ondertekenen" in seen
    assert "Bewaar als bestand" not in seen
    answer = own.get(f"/stembewijs/{scene.receipts[0]}.json")
    assert answer.status_code == 503
    assert "de sleutel ontbreekt" in answer.text
    assert '"receipt"' not in answer.text


# --- With a file


def test_a_file_is_checked_before_and_after_publication(own: Browser, guest: Browser, scene: Scene) -> None:
    file = file_of(own, scene.receipts[0])
    before = told(brought(guest, file))
    assert RIGHT in before
    assert before.count(WAITS) == len(opened(scene)) == before.count("tegen")
    publish(scene, 0)
    after = told(brought(guest, file))
    assert (after.count(IN_LIST), after.count(WAITS)) == (1, len(opened(scene)) - 1)
    pasted = guest.submit(CHECK, action=CHECK, text=json.dumps(file, ensure_ascii=False))
    assert told(pasted) == after


def test_what_became_of_each_vote_is_told(own: Browser, guest: Browser, scene: Scene) -> None:
    file = file_of(own, scene.receipts[0])
    vote(scene, 0, {opened(scene)[0].id: "for"})
    assert told(brought(guest, file)).count(WAITS) == 3  # nobody hears yet that it was replaced
    publish(scene, 0, 1)
    annul(scene, 1)
    annul(scene, 2)
    seen = told(brought(guest, file))
    assert RIGHT in seen
    assert (seen.count(LATER), seen.count(VOID), seen.count(IN_LIST)) == (1, 2, 0)


def test_a_receipt_of_a_key_that_was_replaced_is_still_right(
    site: Site, own: Browser, guest: Browser, scene: Scene
) -> None:
    before = file_of(own, scene.receipts[0])
    with db.transaction():
        signing.rotate(signing.place("", site.settings.data), None)
    after = file_of(own, scene.receipts[0])
    assert before["receipt"] == after["receipt"]
    assert before["key"] != after["key"]
    assert f"De sleutel {before['key']} was in gebruik van" in told(brought(guest, before))
    assert f"De sleutel {after['key']} is in gebruik sinds" in told(brought(guest, after))
    keys = guest.get("/.well-known/alv-signing-keys.json").json["keys"]  # type: ignore[index]
    assert [k["kid"] for k in keys] == [before["key"], after["key"]]
    assert keys[0]["until"] == keys[1]["since"]


#: A change of each field, and how it is named when all is published.
CHANGES: dict[str, tuple[Any, str]] = {
    "meeting": ("alv-2", "de vergadering"),
    "member": ("GM0002", "de gemeente"),
    "through": ("GM0002", "wie met volmacht stemde"),
    "cast-at": ("2026-01-01T00:00:00.000000+00:00", "het moment van stemmen"),
    "example": (True, "of dit een voorbeeld is"),
    "rehearsal": (True, "de stem bij stemming {}"),
    "title": ("Iets anders", "de vraag, bij stemming {}"),
    "weight": (74, "het aantal stemmen, bij stemming {}"),
    "vote": ("voor", "de keuze, bij stemming {}"),
    "text-sha256": ("0" * 64, "het kenmerk van de tekst, bij stemming {}"),
    "rule-sha256": ("0" * 64, "het kenmerk van de regel, bij stemming {}"),
}


def test_any_changed_field_breaks_the_signature_and_is_named_once_all_is_public(
    own: Browser, guest: Browser, scene: Scene
) -> None:
    file = file_of(own, scene.receipts[0])
    fields = {*file["receipt"], *file["receipt"]["votes"][0]} - {"format", "votes", "code", "round"}
    assert fields == set(CHANGES)
    before = {told(brought(guest, changed(file, name, value))) for name, (value, _) in CHANGES.items()}
    (hidden,) = before  # whatever was changed, the page is the same
    assert WRONG in hidden
    assert "anders dan hier" not in hidden
    publish(scene, 0, 1, 2)
    for name, (value, said) in CHANGES.items():
        seen = told(brought(guest, changed(file, name, value)))
        assert WRONG in seen
        named = seen.partition("Dit is anders dan hier is vastgelegd: ")[2]
        assert named.startswith(said.format(opened(scene)[0].number)), (name, seen)
        assert named.count("stemming") <= 1
    without = copy.deepcopy(file)
    del without["receipt"]["votes"][1]
    assert f"de stem bij stemming {opened(scene)[1].number}" in told(brought(guest, without))
    moved = changed(file, "round", scene.published.number)
    seen = told(brought(guest, moved))
    assert all(f"de stem bij stemming {n}" in seen for n in (opened(scene)[0].number, scene.published.number))
    other = {**file, "signature": file["signature"][:40] + "AAAA" + file["signature"][44:]}
    assert "De handtekening of het nummer van de sleutel is veranderd, of er is een stem weggelaten." in told(
        brought(guest, other)
    )
    strange = told(brought(guest, {**file, "key": "0" * 16}))
    assert "Dit bestand noemt een sleutel die niet van de vereniging is." in strange
    renamed = told(brought(guest, changed(file, "code", "2222-2222-2222-2222")))
    assert "Er is geen stem met code 2222-2222-2222-2222 vastgelegd." in renamed


def test_a_choice_that_was_replaced_stays_unknown_when_all_is_public(
    own: Browser, guest: Browser, scene: Scene
) -> None:
    file = file_of(own, scene.receipts[0])
    vote(scene, 0, {opened(scene)[0].id: "for"})
    publish(scene, 0, 1, 2)
    broken = {**file, "signature": "A" * 86}
    (seen,) = {told(brought(guest, changed(broken, "vote", word))) for word in ("voor", "tegen", "onthouding")}
    assert WRONG in seen


def test_a_wrong_file_does_not_tell_whether_its_code_holds_a_round_to_come(
    site: Site, own: Browser, guest: Browser, scene: Scene
) -> None:
    first = opened(scene)[0]
    alone = vote(scene, 2, {first.id: "against"}).receipt
    publish(scene, 0)
    pages = set()
    for browser, code in ((own, scene.receipts[0]), (site.browser(scene.clerks[2]), alone)):
        file = file_of(browser, code)
        file["receipt"]["votes"] = file["receipt"]["votes"][:1]
        pages.add(told(brought(guest, {**file, "signature": "A" * 86})).replace(code, ""))
    assert len(pages) == 1, pages


def test_the_line_for_people_is_not_signed(own: Browser, guest: Browser, scene: Scene) -> None:
    file = file_of(own, scene.receipts[0])
    assert RIGHT in told(brought(guest, {**file, "about": "Iets anders"}))


def unguarded() -> None:
    """Let the database take what it would refuse: somebody got at it."""
    if db.is_sqlite():
        for name in ("ballot_no_update", "ballot_no_delete"):
            db.session.execute(text(f"DROP TRIGGER {name}"))
    else:
        db.session.execute(text("ALTER TABLE ballot DISABLE TRIGGER USER"))


def test_a_list_that_was_tampered_with_does_not_fit_the_receipt(own: Browser, guest: Browser, scene: Scene) -> None:
    file = file_of(own, scene.receipts[0])
    publish(scene, 0, 1)
    mine = Ballot.receipt == scene.receipts[0]
    with db.transaction():
        unguarded()
        db.session.execute(update(Ballot).where(mine, Ballot.round_id == opened(scene)[0].id).values(choice="for"))
        db.session.execute(delete(Ballot).where(mine, Ballot.round_id == opened(scene)[1].id))
    seen = told(brought(guest, file))
    assert "Waarschuwing: De handtekening klopt" in seen
    assert seen.count("De bekendgemaakte lijst zegt iets anders. Dat mag niet kunnen.") == 1
    assert seen.count("Deze stem is hier niet vastgelegd. Dat mag niet kunnen.") == 1
