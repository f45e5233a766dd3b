"""One outcome, the same numbers everywhere: page, CSV, JSON, terminal and mail (docs/rules.md §7, §8)."""

import csv
import io
import json
import random
import re
from collections import Counter
from html import unescape

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from tests import factories
from tests.web.site import Site, count, vote
from vng_alv import db
from vng_alv.cli import alv
from vng_alv.domain.majority import share
from vng_alv.domain.numbers import grouped, percentage
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.voting import service as rounds
from vng_alv.voting.notices import composer

CHOICES = {"for": "voor", "against": "tegen", "abstain": "onthouding"}


def words(page: str) -> str:
    """What a reader reads of a page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_page_csv_json_terminal_and_mail_say_the_same(site: Site, seed: int) -> None:
    dice = random.Random(seed)
    with db.transaction():
        world = factories.world([dice.randrange(0, 130_000) for _ in range(14)], is_open=False, advisory=2)
        if seed == 2:
            rounds.change_rule(world.rounds[0], "two_thirds", None)
        rounds.open_rounds(world.ids, world.chair)
    odds = [("for", "against", "abstain", ""), ("for", "for", "for", "against"), ("abstain", "", "", "")][seed - 1]
    one = world.rounds[0]
    cast: dict[int, str] = {}
    for turn in range(20):
        who, choice = turn if turn < 14 else dice.randrange(14), dice.choice(odds)
        if choice:
            vote(world, who, {one.id: choice})
            cast[who] = choice
    count(one, publish=True)
    guest = site.browser()
    base = f"/vergaderingen/alv/uitslagen/{one.number}"

    # From the ballots as they were cast, with nothing of the product but the register's weights.
    data = guest.get(base + ".json").json
    assert data is not None
    weight = {row["code"]: row["weight"] for row in data["votes"] if not row["advisory"]}
    assert weight == {m.code: min(max(m.population // 1000, 1), 75) for m in world.members[:12]}
    mine = {code: Counter[str]() for code in ("votes", "members")}
    for who, choice in cast.items():
        if who < 12:
            mine["votes"][choice] += weight[world.members[who].code]
            mine["members"][choice] += 1
    sums = {k: {"votes": v["votes"], "members": v["members"]} for k, v in data["sums"].items()}
    assert sums == {c: {"votes": mine["votes"][c], "members": mine["members"][c]} for c in CHOICES}
    whole = mine["votes"]["for"] + mine["votes"]["against"]
    part = share(mine["votes"]["for"], whole)
    assert data["base"] == whole
    assert data["sums"]["for"]["share-of-base"] == part
    assert data["sums"]["abstain"]["share-of-base"] is None

    # The roll call, as a spreadsheet and as data.
    rows = list(csv.DictReader(io.StringIO(guest.get(base + ".csv").get_data().decode("utf-8-sig"))))
    said = {"voor": "voor", "tegen": "tegen", "onthouding": "onthouding", "niet gestemd": "afwezig"}
    assert [(r["code"], int(r["stemmen"]), said[r["keuze"]]) for r in rows] == [
        (v["code"], v["weight"], v["vote"]) for v in data["votes"]
    ]
    again = Counter[str]()
    for row in rows:
        if not row["adviserend"]:
            again[row["keuze"]] += int(row["stemmen"])
    assert {CHOICES[c]: mine["votes"][c] for c in CHOICES if mine["votes"][c]} == {
        k: v for k, v in again.items() if k != "niet gestemd"
    }

    # The page: sentence, arithmetic, bars and table.
    page = words(guest.get(base).text)
    for line in data["arithmetic"]:
        assert line in page
    assert data["sentence"].split(". ")[0].rstrip(".") in page
    if part:
        assert f"met {percentage(part, 'nl')} voor: {grouped(mine['votes']['for'], 'nl')} van de" in page
    for choice, word in CHOICES.items():
        votes = mine["votes"][choice]
        assert re.search(rf"{word.capitalize()}: {grouped(votes, 'nl')} stem(men)?\b", page), word
    assert data["sentence"] in words(guest.get("/vergaderingen/alv/uitslagen").text)

    # The terminal.
    shown = CliRunner().invoke(alv, ["result", "show", "alv", str(one.number), "--json"], obj=site.settings)
    told = json.loads(shown.output)
    told["round"].pop("address"), data["round"].pop("address")
    assert told == data
    plain = CliRunner().invoke(alv, ["result", "show", "alv", str(one.number)], obj=site.settings).output
    assert plain.splitlines() == [one.title, data["sentence"], *data["arithmetic"]]

    # The mail, in the reader's language.
    for locale in ("nl", "en"):
        answer = guest.get(base + ".json", headers={"Accept-Language": locale}).json
        assert answer is not None
        with db.transaction(write=False):
            notice = db.session.scalars(select(Notice).where(Notice.kind == NoticeKind.RESULT).limit(1)).one()
            notice.person.locale = locale
            mail = composer("http://localhost:8000", "alv@vereniging.example", "x" * 40)(notice, notice.person)
        for kind in ("plain", "html"):
            part = mail.get_body((kind,))
            assert part is not None
            assert answer["sentence"] in words(part.get_content()), (locale, kind)


def test_the_same_outcome_reads_in_english_with_the_same_numbers(site: Site) -> None:
    with db.transaction():
        world = factories.world((75_000, 40_000, 30_000))
    for who, choice in enumerate(("for", "against", "abstain")):
        vote(world, who, {world.ids[0]: choice})
    count(world.rounds[0], publish=True)
    guest, path = site.browser(), f"/vergaderingen/alv/uitslagen/{world.rounds[0].number}"
    dutch, english = (guest.get(path + ".json", headers={"Accept-Language": x}).json for x in ("nl", "en"))
    assert dutch is not None
    assert english is not None
    assert dutch["sentence"].startswith("Aangenomen met 65,22% voor: 75 van de 115 stemmen voor en tegen.")
    assert english["sentence"].startswith("Adopted with 65.22% for: 75 of the 115 votes for and against.")
    for key in ("sums", "base", "turnout", "verdict", "votes", "advisory"):
        assert dutch[key] == english[key]
