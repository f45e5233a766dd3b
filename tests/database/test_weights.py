"""The worked cases of weight through the stack: a register from a file, the rule of the association, and the list of
voters of a round that opens (docs/rules.md §1)."""

import json
from itertools import groupby
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests import factories
from tests.domain.test_weights import CASES
from vng_alv import db
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.weights import WeightKind
from vng_alv.errors import Refused
from vng_alv.members import importing
from vng_alv.members.models import Association, Member
from vng_alv.members.queries import get_association
from vng_alv.members.service import PRESETS, change_association, set_up_association
from vng_alv.proposals.models import ProposalKind
from vng_alv.voting.models import RollEntry
from vng_alv.voting.service import open_rounds, prepare

pytestmark = pytest.mark.usefixtures("database")


def columns_of(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule of the cases as settings of the association."""
    values = {key: value for key, value in rule.items() if key != "kind"}
    if rule["kind"] == "fixed":
        values = {"fixed_votes": rule["votes"]}
    return {"weight_kind": WeightKind(rule["kind"]), **values}


def weights_of(round_id: object) -> dict[str, int]:
    entries = db.session.scalars(select(RollEntry).where(RollEntry.round_id == round_id))
    return {entry.code: entry.weight for entry in entries}


def test_the_list_of_voters_has_the_weights_of_the_worked_cases() -> None:
    numbered = [(f"GM{n:04d}", case) for n, case in enumerate(CASES, 1)]
    file = "code;naam;provincie;inwoners;stemmen\n" + "".join(
        f"{code};Gemeente {code};Utrecht;{case['population']};{case.get('fixed', '')}\n" for code, case in numbered
    )
    opened = []
    with db.transaction():
        factories.association()
        kept, _changes, wrong = importing.prepare(file.encode(), "leden.csv", None)
        assert kept is not None, wrong
        assert importing.apply(kept, None) == len(CASES)
        meeting = factories.meeting()
        by_rule = groupby(numbered, key=lambda one: json.dumps(one[1]["rule"]))
        for number, (rule, same) in enumerate(by_rule, 1):
            change_association(get_association(), None, **columns_of(json.loads(rule)))
            motion = factories.proposal(meeting, "# Motie\n\nTekst.", f"M{number}", ProposalKind.MOTION)
            rounds = open_rounds([one.id for one in prepare(motion, None)], None)
            opened.append((rounds[0].id, {code: case["votes"] for code, case in same}))
    assert len(opened) >= 15
    with db.transaction(write=False):  # read afterwards: a later rule changes no round that was opened
        for round_id, expected in opened:
            found = weights_of(round_id)
            assert {code: found[code] for code in expected} == expected


def test_an_own_number_that_changes_later_is_for_later_rounds() -> None:
    with db.transaction():
        world = factories.world(is_open=False)
        world.members[0].fixed_votes = 7
        change_association(get_association(), None, weight_kind=WeightKind.FIXED, fixed_votes=2)
        open_rounds(world.ids[:1], world.chair)
        world.members[0].fixed_votes = 9
        open_rounds(world.ids[1:2], world.chair)
        assert weights_of(world.ids[0]) == {"GM0001": 7, "GM0002": 2, "GM0003": 2}
        assert weights_of(world.ids[1]) == {"GM0001": 9, "GM0002": 2, "GM0003": 2}


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_every_preset_sets_an_association_up(preset: str) -> None:
    with db.transaction():
        made = set_up_association(None, preset=preset)
        assert made.name == PRESETS[preset]["name"]
        votes = [Member(population=n).votes(made.weight_rule) for n in (0, 50_000, 250_000, 900_000)]
    assert votes == {"vng": [1, 50, 75, 75], "lga": [2, 2, 5, 8]}[preset]


def test_a_rule_that_cannot_be_is_refused_with_its_place() -> None:
    with db.transaction():
        association = factories.association()
    with pytest.raises(Refused) as caught, db.transaction():
        wrong = {"weight_kind": WeightKind.BANDS, "bands": [[0, 1], [5, 2], [5, 3]]}
        change_association(db.session.merge(association), None, **wrong)
    assert (caught.value.refusal, caught.value.facts) == (Refusal.WEIGHT_RULE, {"fields": "bands 3"})
    with db.transaction(write=False):
        assert db.session.get_one(Association, 1).weight_kind is WeightKind.FORMULA


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE association SET weight_kind = 'guess'",
        "UPDATE association SET fixed_votes = -1",
        "UPDATE association SET cap = 0",
        "UPDATE association SET floor = 76",
        "UPDATE member SET fixed_votes = -1",
    ],
)
def test_the_database_refuses_what_cannot_be(statement: str) -> None:
    with db.transaction():
        factories.association()
        factories.member(1)
    with pytest.raises(IntegrityError), db.transaction():
        db.session.execute(text(statement))
