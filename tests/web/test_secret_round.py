"""A secret round on its screens: keys, ballot with and without scripts, opened, pronounced (docs/rules.md §11)."""

import html
import io
from collections.abc import Sequence

import pytest
from sqlalchemy import func, select

from tests.database.secret_desk import SecretDesk
from tests.web.site import Scene, Site
from tests.web.test_amendment_ballot import plain
from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.domain.ballots import SEALED
from vng_alv.domain.permissions import Role
from vng_alv.domain.rounds import RoundState
from vng_alv.voting.models import Ballot, Round
from vng_alv.voting.secret_models import SealedBallot, TellerKey

CONSOLE = "/secretariaat/vergaderingen/alv"
NOTE = "Deze stemming is geheim"


class Rooms:
    """A secret round of eight members of one weight, and browsers of those who have to do with it."""

    def __init__(self, site: Site, populations: Sequence[int] = (10_000,) * 8) -> None:
        self.desk = SecretDesk(populations)
        self.tellers = [site.browser(one.id) for one in self.desk.tellers]
        self.chair = site.browser(self.desk.chair.id)
        self.voters = [site.browser(one.id) for one in self.desk.world.delegates]
        self.number = self.desk.round.number
        self.page = f"{CONSOLE}/stemmingen/{self.number}/stemcommissie"
        self.ballot = f"/stemmen/alv/geheim/{self.number}"

    def give_keys(self, most: int = 2) -> None:
        for teller, secret in list(zip(self.tellers, self.desk.secrets, strict=True))[:most]:
            done = teller.submit(self.page, action="/sleutel", public_key=str(secret.to_public()))
            assert done.status_code == 303

    def open(self) -> "Rooms":
        self.give_keys()
        assert self.chair.post(CONSOLE + "/openen", {"round": str(self.number)}).status_code == 303
        return self

    def close(self) -> None:
        assert self.chair.post(CONSOLE + "/sluiten", {"round": str(self.number), "sure": "1"}).status_code == 303


@pytest.fixture
def rooms(site: Site) -> Rooms:
    return Rooms(site)


def kept(table: type[db.Base]) -> int:
    with db.transaction(write=False):
        return db.session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize(("ticked", "secret"), [({}, True), ({"secret": []}, False)])
def test_a_vote_on_persons_is_secret_unless_somebody_unticks_it(
    site: Site, scene: Scene, ticked: dict[str, list[str]], secret: bool
) -> None:
    chair = site.browser(scene.staff[Role.CHAIR])
    done = chair.submit(f"{CONSOLE}/stukken/R2/keuze/kandidaten", question="Wie?", candidates="A\nB", **ticked)
    assert done.status_code == 303
    with db.transaction(write=False):
        assert db.session.scalars(select(Round.secret).where(Round.title == "Wie?")).one() is secret


def test_it_waits_for_two_keys(rooms: Rooms) -> None:
    refused = rooms.chair.post(CONSOLE + "/openen", {"round": str(rooms.number)})
    assert refused.status_code == 422
    assert "twee leden van de stemcommissie" in refused.text
    assert NOTE in rooms.tellers[0].get(rooms.page).text
    with db.transaction(write=False):
        one, two = (db.session.get_one(Person, who.id).name for who in rooms.desk.tellers)
    both = ", ".join(sorted((one, two)))
    told = plain(rooms.chair.get(CONSOLE).text)
    assert "0 van de 2 sleutels." in told
    assert f"De stemming kan pas open na een sleutel van twee van deze mensen: {both}." in told
    rooms.give_keys(1)
    told = plain(rooms.chair.get(CONSOLE).text)
    assert f"1 van de 2 sleutels ({one}). De stemming kan pas open na nog een sleutel, van: {two}." in told
    rooms.open()
    assert rooms.desk.round.state is RoundState.OPEN


def test_the_private_half_is_refused_and_not_sent_back(rooms: Rooms) -> None:
    private = str(rooms.desk.secrets[0])
    refused = rooms.tellers[0].submit(rooms.page, action="/sleutel", public_key=private)
    assert refused.status_code == 422
    assert private not in refused.text
    assert "Maak een nieuw paar sleutels" in refused.text
    assert not kept(TellerKey)


def test_only_tellers_give_keys_and_open(rooms: Rooms) -> None:
    for path in ("/sleutel", "/openen"):
        for other in (rooms.chair, rooms.voters[0]):
            assert other.post(rooms.page + path, {"public_key": "x", "private_key": "x"}).status_code == 403
    assert rooms.chair.get(rooms.page).status_code == 200
    assert "Geef deze openbare sleutel" not in rooms.chair.get(rooms.page).text
    rooms.give_keys()
    assert rooms.chair.submit(rooms.page, action="/weghalen").status_code == 303
    assert kept(TellerKey) == 1


def test_without_scripts_the_server_seals_at_once(rooms: Rooms) -> None:
    rooms.open()
    voter = rooms.voters[0]
    ordinary = voter.get("/stemmen/alv").text
    assert rooms.ballot in ordinary
    assert "Jansen" not in ordinary, "what is chosen between stands on the page that seals"
    page = voter.get(rooms.ballot).text
    assert NOTE in page
    assert "Scripts staan uit. De server verzegelt uw stem" in page
    nothing = voter.submit(rooms.ballot)
    assert (nothing.status_code, kept(SealedBallot)) == (422, 0)
    assert voter.submit(rooms.ballot, choice=["1", "2"]).status_code == 422
    done = voter.submit(rooms.ballot, choice="1")
    assert done.status_code == 303
    receipt = voter.get(done.headers["Location"]).text
    assert "geheim" in receipt
    assert "Jansen" not in receipt
    with db.transaction(write=False):
        ballot = db.session.scalars(select(Ballot)).one()
    assert ballot.choice == SEALED
    assert ballot.sealed_sha256 is not None
    assert ballot.sealed_sha256 in receipt
    assert "Uw gemeente deed al mee" in voter.get(rooms.ballot).text
    file = voter.get(done.headers["Location"] + ".json")
    assert file.json["receipt"]["votes"][0]["sealed-sha256"] == ballot.sealed_sha256
    checked = voter.submit("/stembewijs/controleren", text=file.text)
    assert checked.status_code == 200
    assert "De uitslag is nog niet bekendgemaakt" in checked.text


def test_what_a_browser_sealed_is_kept_as_it_is(rooms: Rooms) -> None:
    rooms.open()
    sealed = rooms.desk.sealed("2")
    done = rooms.voters[0].submit(rooms.ballot, sealed=sealed)
    assert done.status_code == 303
    with db.transaction(write=False):
        assert db.session.scalars(select(SealedBallot.content)).one() == sealed
    for bad in ("x", "é" * 100, "A" * 9_000):
        assert rooms.voters[1].submit(rooms.ballot, sealed=bad).status_code == 422
    assert kept(SealedBallot) == 1


def test_the_whole_of_it(rooms: Rooms, site: Site) -> None:
    rooms.open()
    for voter, choice in zip(rooms.voters, ["1", "1", "1", "2", "2", "abstain"], strict=False):
        assert voter.submit(rooms.ballot, choice=choice).status_code == 303
    rooms.close()
    assert "Wacht op de tellers" in rooms.chair.get(CONSOLE).text
    guest = site.browser()
    result = f"/vergaderingen/alv/uitslagen/{rooms.number}"
    assert "wacht op de tellers" in guest.get(result).text
    one, two = rooms.tellers
    early = one.post(rooms.page + "/openen", {"private_key": str(rooms.desk.secrets[0])})
    assert (early.status_code, str(rooms.desk.secrets[0]) in early.text) == (422, False)
    assert "Eerst opent Twee" in early.text
    wrong = two.submit(rooms.page, action="/openen", private_key=str(rooms.desk.secrets[0]))
    assert (wrong.status_code, str(rooms.desk.secrets[0]) in wrong.text) == (422, False)
    file = (io.BytesIO(f"# bewaard\n{rooms.desk.secrets[1]}\n".encode()), "sleutel.txt")
    assert two.post(rooms.page + "/openen", {"file": file}).status_code == 303
    assert one.submit(rooms.page, action="/openen", private_key=str(rooms.desk.secrets[0])).status_code == 303
    assert rooms.desk.round.state is RoundState.COUNTED
    assert rooms.chair.post(CONSOLE + "/bekendmaken", {"round": str(rooms.number)}).status_code == 303
    page = html.unescape(guest.get(result).text)
    assert NOTE in page
    assert "Gekozen: Jansen" in page
    assert "Wie meedeed, is openbaar. Wat een gemeente koos, is geheim." in page
    data = guest.get(result + ".json").json
    assert data["round"]["secret"] is True
    assert data["sums"]["1"] == {"votes": 30, "members": 3, "share-of-base": "60.00"}
    assert {vote["vote"] for vote in data["votes"]} == {"geheim", "afwezig"}
    assert "Jansen" not in guest.get(result + ".csv").text


def test_numbers_that_would_tell_are_pronounced_knowingly_without_them(site: Site) -> None:
    rooms = Rooms(site).open()
    for voter in rooms.voters[:2]:
        voter.submit(rooms.ballot, choice="1")
    rooms.close()
    rooms.desk.use_key(1)
    rooms.desk.use_key(0)
    console = rooms.chair.get(CONSOLE).text
    assert 'name="without_numbers"' in console
    refused = rooms.chair.post(CONSOLE + "/bekendmaken", {"round": str(rooms.number)})
    assert refused.status_code == 422
    assert rooms.desk.round.state is RoundState.COUNTED
    knowing = {"round": str(rooms.number), "without_numbers": "1"}
    assert rooms.chair.post(CONSOLE + "/bekendmaken", knowing).status_code == 303
    result = f"/vergaderingen/alv/uitslagen/{rooms.number}"
    page = site.browser().get(result).text
    assert "Gekozen: Jansen" in page
    assert "Zo is het gerekend" not in page
    data = site.browser().get(result + ".json").json
    assert (data["numbers-withheld"], data["sums"], data["base"]) == (True, {}, None)
    assert "Gekozen" in site.browser().get("/vergaderingen/alv/uitslagen").text


def test_an_outcome_without_numbers_of_members_has_no_figure_of_them(site: Site) -> None:
    rooms = Rooms(site, (*(10_000,) * 6, 30_000)).open()
    for voter, choice in zip(rooms.voters, "1212121", strict=True):
        voter.submit(rooms.ballot, choice=choice)
    rooms.close()
    rooms.desk.use_key(1)
    rooms.desk.use_key(0)
    rooms.desk.publish()
    page = site.browser().get(f"/vergaderingen/alv/uitslagen/{rooms.number}").text
    assert "60 stemmen" in page
    assert "60 stemmen, van" not in page
    figures = page.partition("De stemmen verdeeld")[2].partition("</section>")[0]
    assert "60 stemmen" in figures
    assert "4 gemeenten" not in figures


def test_nobody_votes_for_another_municipality(rooms: Rooms) -> None:
    rooms.open()
    data = {"gemeente": "GM0002", "choice": "1", "key": "0b8a6b0e-0000-4000-8000-000000000001"}
    assert rooms.voters[0].post(rooms.ballot, data).status_code == 422
    assert rooms.voters[0].get(rooms.ballot + "?gemeente=GM0002").status_code == 422
    assert not kept(Ballot)


def test_other_rounds_have_no_tellers_and_no_secret_ballot(rooms: Rooms) -> None:
    other = rooms.desk.world.rounds[0].number
    assert rooms.chair.get(f"{CONSOLE}/stemmingen/{other}/stemcommissie").status_code == 404
    assert rooms.voters[0].get(f"/stemmen/alv/geheim/{other}").status_code == 404
    assert rooms.voters[0].get(rooms.ballot).status_code == 404, "a draft"
