"""Receipts checked by their code, what is no receipt, and the roll call that names them (docs/rules.md §8, §9)."""

import csv
import io
import json
import uuid

import pytest
from limits import RateLimitItemPerMinute
from sqlalchemy import select

from tests.web.receipts import (
    CHECK,
    IN_LIST,
    LATER,
    WAITS,
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
from vng_alv import db, limits
from vng_alv.domain.permissions import Role
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.service import give_proxy
from vng_alv.members.models import Member
from vng_alv.members.queries import get_association
from vng_alv.voting.models import Round

# --- With only a code


def with_code(guest: Browser, code: str) -> str:
    return told(guest.submit(CHECK, action=CHECK, text=code))


def test_a_code_alone_tells_no_member_no_choice_and_no_moment(site: Site, guest: Browser, scene: Scene) -> None:
    code = scene.receipts[0]
    seen = with_code(guest, f" {code.lower().replace('-', ' ')}\n")
    assert f"Met deze code is een stem vastgelegd Code {code} hoort bij een stem in de vergadering ALV" in seen
    others = {with_code(guest, other).replace(other, code) for other in scene.receipts}
    assert others == {seen}  # of other members, with another weight, at another moment
    more = cast_of(scene, 2, "abstain")
    fewer = vote(scene, 2, {opened(scene)[0].id: "for"}).receipt
    assert {with_code(guest, c).replace(c, code) for c in (more, fewer)} == {seen}  # also replaced, and with less in it
    assert "In bekendgemaakte uitslagen" not in seen
    publish(scene, 0)
    seen = with_code(guest, code)
    assert (seen.count(IN_LIST), seen.count(WAITS)) == (1, 0)
    assert not {"Gemeente", "GM0001", "voor", "tegen", "onthouding"} & set(seen.replace(".", " ").split())
    assert with_code(guest, more).count(LATER) == 1


def test_a_code_of_a_round_that_was_annulled_unpublished_tells_nothing_of_it(guest: Browser, scene: Scene) -> None:
    before = with_code(guest, scene.receipts[0])
    annul(scene, 0)
    assert with_code(guest, scene.receipts[0]) == before


def test_an_unknown_code_is_told(guest: Browser, scene: Scene) -> None:
    assert "Deze code kennen we niet" in with_code(guest, "2222-2222-2222-2222")


def test_the_check_is_limited_for_right_and_wrong_codes_alike(
    guest: Browser, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert limits.RATES["receipt"].amount == 300
    monkeypatch.setitem(limits.RATES, "receipt", RateLimitItemPerMinute(4))
    for n in range(4):
        code = scene.receipts[0] if n % 2 else "2222-2222-2222-2222"
        assert guest.post(CHECK, {"text": code}).status_code == 200
    answer = guest.post(CHECK, {"text": scene.receipts[0]})
    assert answer.status_code == 429
    assert "vastgelegd" not in answer.text
    assert guest.get(CHECK).status_code == 200


# --- What is no receipt

NONE = {
    "": "Vul een code in, plak een stembewijs, of kies een bestand.",
    "   ": "Vul een code in, plak een stembewijs, of kies een bestand.",
    "7K2M": "Dit is geen code van een stembewijs.",
    "2222-2222-2222-2222 3333": "Dit is geen code van een stembewijs.",
    "-" * 70 + "2222222222222222": "Dit is geen code van een stembewijs.",
    "{": "Dit is geen stembewijs zoals wij het maken.",
    '{"receipt": {}}': "Dit is geen stembewijs zoals wij het maken.",
}


@pytest.mark.parametrize("typed", NONE)
def test_what_is_no_receipt_is_refused_and_stays_on_the_page(guest: Browser, typed: str) -> None:
    answer = guest.submit(CHECK, action=CHECK, text=typed)
    assert answer.status_code == 422
    assert NONE[typed] in answer.text
    assert words(typed) in words(answer.text)


def test_a_file_that_is_none_is_refused_and_its_first_fault_named(own: Browser, guest: Browser, scene: Scene) -> None:
    file = file_of(own, scene.receipts[0])
    for raw, said in (
        (b"%PDF-1.7 \x00", ""),
        (json.dumps(file).replace("75", "75.5").encode(), ""),
        (b" " * 200_001, ""),
        (json.dumps({**file, "signature": "x"}).encode(), "Het eerste dat niet klopt: de handtekening."),
        (json.dumps(changed(file, "weight", -1)).encode(), "Het eerste dat niet klopt: het aantal stemmen."),
        (json.dumps(changed(file, "code", "\x00")).encode(), "Het eerste dat niet klopt: de code."),
    ):
        answer = brought(guest, raw)
        assert answer.status_code == 422
        assert "Dit is geen stembewijs zoals wij het maken." in answer.text
        assert said in answer.text


def test_nothing_in_a_file_becomes_markup(own: Browser, guest: Browser, scene: Scene) -> None:
    file = file_of(own, scene.receipts[0])
    mark = "<script>alert(1)</script>"
    for other in (
        changed(file, "member", mark),
        {**file, mark: 1},
        changed(file, "title", mark),
        {**file, "about": mark},
    ):
        assert mark not in brought(guest, other).text


def test_the_page_speaks_english(guest: Browser, scene: Scene) -> None:
    answer = guest.post(CHECK, {"text": scene.receipts[0]}, headers={"Accept-Language": "en"})
    assert "A vote is recorded with this code" in answer.text


# --- The roll call


def test_the_roll_call_says_who_voted_what_with_what_and_with_which_receipt(
    site: Site, guest: Browser, scene: Scene
) -> None:
    one = opened(scene)[0]
    with db.transaction():
        get_association().proxies_per_member = 1
        pair = [db.session.get_one(Member, scene.members[n].id) for n in (2, 0)]
        give_proxy(db.session.get_one(Meeting, scene.meeting.id), *pair, None)
    third = scene.members[2].code
    done = site.browser(scene.clerks[0]).post(
        "/stemmen/alv/uitbrengen", {"gemeente": third, f"choice-{one.id}": "abstain", "key": str(uuid.uuid4())}
    )
    lent = done.headers["Location"].rpartition("/")[2]
    again = vote(scene, 1, {one.id: "for"}).receipt
    base = f"/vergaderingen/alv/uitslagen/{one.number}"
    assert {guest.get(base + kind).status_code for kind in (".csv", ".json")} == {404}
    publish(scene, 0)
    data = guest.get(base + ".json").json
    assert data is not None
    names = ("code", "weight", "vote", "cast-with", "through", "receipt")
    assert [tuple(v[name] for name in names) for v in data["votes"]] == [
        ("GM0001", 75, "tegen", "mandate", None, scene.receipts[0]),
        ("GM0002", 40, "voor", "mandate", None, again),
        ("GM0003", 1, "onthouding", "proxy", "GM0001", lent),
        ("GM0004", 12, "tegen", "mandate", None, scene.receipts[2]),
    ]
    rows = list(csv.DictReader(io.StringIO(guest.get(base + ".csv").get_data().decode("utf-8-sig"))))
    assert [(r["code"], r["uitgebracht_met"], r["gevolmachtigde"], r["stembewijs"]) for r in rows] == [
        ("GM0001", "stemkaart", "", scene.receipts[0]),
        ("GM0002", "stemkaart", "", again),
        ("GM0003", "volmacht", "GM0001", lent),
        ("GM0004", "stemkaart", "", scene.receipts[2]),
    ]
    page = words(guest.get(base).text)
    assert f"onthouding met volmacht, door Gemeente 1 {lent}" in page
    assert page.count("met volmacht") == 1
    file = file_of(site.browser(scene.clerks[2]), lent)
    assert (file["receipt"]["member"], file["receipt"]["through"]) == (third, "GM0001")
    assert "Met volmacht uitgebracht door GM0001" in told(brought(guest, file))
    assert "Met volmacht uitgebracht door Gemeente 1" in words(
        site.browser(scene.clerks[0]).get(f"/stembewijs/{lent}").text
    )


def test_who_did_not_vote_has_no_receipt_in_the_list(guest: Browser, scene: Scene) -> None:
    publish(scene, 1)
    base = f"/vergaderingen/alv/uitslagen/{opened(scene)[1].number}"
    (silent,) = [v for v in guest.get(base + ".json").json["votes"] if v["vote"] == "afwezig"]  # type: ignore[index]
    assert (silent["cast-with"], silent["through"], silent["receipt"]) == (None, None, None)


def test_a_code_in_the_list_opens_the_receipt_to_nobody_else(site: Site, guest: Browser, scene: Scene) -> None:
    publish(scene, 0)
    code = scene.receipts[0]
    assert code in guest.get(f"/vergaderingen/alv/uitslagen/{opened(scene)[0].number}").text
    for kind in ("", ".json"):
        assert guest.get(f"/stembewijs/{code}{kind}").status_code == 303
        for person in (scene.clerks[1], scene.staff[Role.SECRETARIAT], scene.staff[Role.AUDITOR]):
            assert site.browser(person).get(f"/stembewijs/{code}{kind}").status_code == 404


def test_signing_writes_nothing(own: Browser, scene: Scene) -> None:
    """A receipt is signed when it is shown. Its signature betrays a choice to who tries them all, and is not kept."""
    signature = file_of(own, scene.receipts[0])["signature"]
    with db.transaction(write=False):
        for table in db.Base.metadata.sorted_tables:
            for row in db.session.execute(select(table)):
                assert signature not in str(row)
        assert db.session.get_one(Round, opened(scene)[0].id).published_at is None
