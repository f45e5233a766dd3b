"""The bundle of a published round, and the two programs that count it again (docs/verify.md).

They share no code with the site or with each other: each must accept every bundle as it was made, and find whatever was
planted in it: by somebody who cannot sign, and by an association that signs what does not fit.
"""

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from bench.screenshots import FLAGS
from tests.verify.assembly import Assembly, every_kind
from tests.verify.programs import FOLDER, Bundle, in_python
from tests.web.site import Browser as Client
from tests.web.site import Scene
from vng_alv import db
from vng_alv.audit.service import record, seal
from vng_alv.voting.roll_call import digest

#: So many manipulations are planted in each way; what bundles hold does not depend on the database.
PLANTED = {"sqlite": 1_000, "postgresql": 100}

Judge = Callable[[list[Bundle]], list[list[str]]]


def in_the_page(page: Page, files: list[Bundle]) -> list[list[str]]:
    """What the page finds wrong in each file."""
    texts = [json.dumps(file, ensure_ascii=False, indent=1) + "\n" for file in files]
    found: list[list[str]] = page.evaluate(
        "texts => Promise.all(texts.map(t => verify(t, null).then(f => f.faults)))", texts
    )
    return found


@pytest.fixture(scope="module")
def page(chromium: str) -> Iterator[Page]:
    """The page, opened from its file."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        found = browser.new_context(offline=True).new_page()
        found.goto((FOLDER / "verify.html").as_uri())
        yield found
        browser.close()


# --- Planting


def numbers_in(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where whole numbers stand."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from numbers_in(value, (*path, key))
    elif isinstance(data, list):
        for at, value in enumerate(data):
            yield from numbers_in(value, (*path, at))
    elif isinstance(data, int) and not isinstance(data, bool):
        yield path


def plant(dice: random.Random, content: Bundle) -> str:  # noqa: PLR0912
    """Change one thing that matters in what is signed; what was done, or an empty text where there was nothing."""
    ballots, roll, sums = content["ballots"], content["roll"], content["sums"]
    secret = content["round"]["secret"]
    kind = dice.choice((
        "choice", "drop", "add", "swap", "reorder", "weight", "inhabitants", "advisory", "off roll", "sum", "share",
        "verdict", "rule", "number", "log", "receipt", "chosen", "noted",
    ))  # fmt: skip
    one = dice.choice(ballots) if ballots else None
    if kind == "choice" and one and not secret:
        one["choice"] = dice.choice([key for key in sums if key != one["choice"]])
    elif kind == "drop" and ballots:
        ballots.remove(one)
    elif kind == "add" and len(ballots) < len(roll) and not content["noted-against"]:
        missing = next(entry["code"] for entry in roll if entry["code"] not in {b["member"] for b in ballots})
        like = (
            ballots[0]
            if ballots
            else {
                "choice": "for",
                "cast-with": "mandate",
                "through": None,
                "receipt": "2222-2222-2222-2222",
                "sealed-sha256": None,
            }
        )
        ballots.append({**like, "member": missing})
        ballots.sort(key=lambda ballot: ballot["member"])
    elif kind == "swap" and len({ballot["choice"] for ballot in ballots}) > 1:
        other = dice.choice([ballot for ballot in ballots if ballot["choice"] != one["choice"]])  # type: ignore[index]
        one["choice"], other["choice"] = other["choice"], one["choice"]  # type: ignore[index]
    elif kind == "reorder" and len(ballots) > 1:
        ballots.append(ballots.pop(0))
    elif kind in {"weight", "inhabitants"}:
        dice.choice(roll)[kind] += 1_000
    elif kind == "advisory":
        entry = dice.choice(roll)
        entry["advisory"] = not entry["advisory"]
    elif kind == "off roll":
        roll.remove(dice.choice(roll))
    elif kind == "sum" and sums:
        dice.choice(list(sums.values()))["votes"] += 1
    elif kind == "share" and any(content["shares"].values()):
        content["shares"][next(key for key, share in content["shares"].items() if share)] = "12.34"
    elif kind == "verdict":
        content["verdict"] = "adopted" if content["verdict"] != "adopted" else "rejected"
    elif kind == "rule":
        rule = content["round"]["rule"]
        rule.update({"seats": 3} if "seats" in rule else {"numerator": rule["numerator"] + 1, "denominator": 9})
    elif kind == "number" and content["calculation"]:
        path = dice.choice(list(numbers_in(content["calculation"])))
        content["calculation"][path[0]][path[1]] += 1
    elif kind == "log":
        dice.choice(content["log"])["entry"]["at"] = "2020-01-01T00:00:00.000000+00:00"
    elif kind == "receipt" and one:
        one["receipt"] = "3333-3333-3333-3333"
    elif kind == "chosen" and content["round"]["options"]:
        content["chosen"] = content["chosen"][1:] or ["3"]
    elif kind == "noted" and content["noted-against"]:
        content["noted-against"] = []
    else:
        return ""
    return kind


@pytest.fixture(scope="module")
def made(
    engine_name: str, databases: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Assembly, dict[str, Bundle]]]:
    """Rounds of every kind on one database."""
    with databases.copy("empty"):
        yield every_kind(tmp_path_factory.mktemp("bundles"))


@pytest.fixture(params=["python", pytest.param("page", marks=pytest.mark.browser)])
def judge(request: pytest.FixtureRequest) -> Judge:
    """One of the two programs."""
    if request.param == "python":
        return in_python
    page = request.getfixturevalue("page")
    return lambda files: in_the_page(page, files)


def test_every_bundle_is_right_as_it_was_made(made: tuple[Assembly, dict[str, Bundle]], judge: Judge) -> None:
    bundles = made[1]
    assert {name: found for name, found in zip(bundles, judge(list(bundles.values())), strict=True) if found} == {}
    verdicts = {name: file["bundle"]["verdict"] for name, file in bundles.items()}
    assert set(verdicts.values()) >= {"adopted", "no_verdict", "run_off", "lots", "chosen"}, verdicts


@pytest.mark.parametrize("signed", [False, True], ids=["by somebody who cannot sign", "by who signs"])
def test_everything_that_is_planted_is_found(
    made: tuple[Assembly, dict[str, Bundle]], judge: Judge, engine_name: str, signed: bool
) -> None:
    assembly, bundles = made
    dice, planted, what = random.Random(7), [], []
    while len(planted) < PLANTED[engine_name]:
        name = dice.choice(list(bundles))
        file = copy.deepcopy(bundles[name])
        if kind := plant(dice, file["bundle"]):
            if file["bundle"] == bundles[name]["bundle"]:
                continue
            what.append(f"{name}: {kind}")
            if signed:
                file["bundle"]["ballots-sha256"] = digest(file["bundle"]["ballots"])
                file["signature"] = assembly.sign(file["bundle"])
            planted.append(file)
    assert [one for one, found in zip(what, judge(planted), strict=True) if not found] == []


def test_the_site_gives_the_bundle_and_the_programs(guest: Client, scene: Scene) -> None:
    address = f"/vergaderingen/alv/uitslagen/{scene.published.number}/bundel.json"
    with db.transaction():
        record("round.lots", None, f"round:{scene.published.id}")
    assert guest.get(address).status_code == 409  # the log has not sealed all that was done
    with db.transaction():
        seal()
    answer = guest.get(address)
    assert answer.status_code == 200
    assert in_python([answer.json]) == [[]]
    assert guest.get(f"/vergaderingen/alv/uitslagen/{scene.counted.number}/bundel.json").status_code == 404
    for name in ("verify.py", "verify.html"):
        assert guest.get(f"/narekenen/{name}").data == (FOLDER / name).read_bytes()
        assert f"/narekenen/{name}" in guest.get("/narekenen").text
    assert guest.get("/narekenen/app.py").status_code == 404
