"""Acting out a vote over HTTP, as the secretariat, the chair and every delegate do it in their browsers."""

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from vng_alv.demo.browsing import Browser, Unexpected
from vng_alv.demo.seed import MEETING
from vng_alv.proposals.forms import BOARD, NO_ITEM

KEY = re.compile(r'name="key"[^>]*value="([^"]+)"')
HASH = re.compile(r'name="hash"[^>]*value="([^"]+)"')
QUESTION = re.compile(r'id="vraag-([0-9a-f-]{36})" data-number="(\d+)"')
CODE = re.compile(r'<option value="(GM\d{4})"')
TEXT = """# {title}

## Constaterende dat

- gemeenten steeds vaker digitaal vergaderen en stemmen;
- inwoners willen kunnen nagaan hoe hun gemeente stemde;

## Verzoekt het bestuur

- de uitslag van elke stemming openbaar te maken, met de stem van elke gemeente.
"""


class Play:
    """Votes that are acted out in a meeting; without one in the demo's own."""

    def __init__(self, base: str, at_once: int, meeting: str = MEETING) -> None:
        self.base, self.meeting = base.rstrip("/"), meeting
        self.desk = f"/secretariaat/vergaderingen/{meeting}"
        self.at_once = at_once
        self.dice = random.Random()
        self.recorded = 0
        self.seconds = 0.0
        self.number = 0
        self.secretariat = Browser(self.base).step_in("secretariaat")
        self.chair = Browser(self.base).step_in("voorzitter")

    @property
    def address(self) -> str:
        """Where the outcome can be followed."""
        return f"{self.base}/vergaderingen/{self.meeting}/uitslagen/{self.number}"

    def members(self) -> list[str]:
        """The codes of all municipalities, in a random order."""
        found = sorted(set(CODE.findall(Browser(self.base).get("/demo"))))
        self.dice.shuffle(found)
        return found

    def prepare(self) -> str:
        """Import a motion, publish it and prepare its vote; returns its code."""
        code = f"M{int(time.time()) % 100_000_000}"
        title = f"Voorbeeldmotie {code}: elke uitslag openbaar"
        self.bring(code, "motion", title, TEXT.format(title=title), NO_ITEM)
        before = self._numbers()
        browser = self.secretariat
        browser.get(self.desk)
        browser.post(f"{self.desk}/voorbereiden", proposal=code)
        made = self._rounds(browser.get(self.desk)) - before
        if not made:
            raise Unexpected(f"Over {code} staat geen stemming klaar.")
        self.number = max(made)
        self.chair.get(self.desk)
        return code

    def bring(self, code: str, kind: str, title: str, text: str, item: str) -> None:
        """Import a text of the board under an item of the agenda, and publish it."""
        browser, here = self.secretariat, f"{self.desk}/stukken"
        browser.get(f"{here}/nieuw")
        browser.post(
            f"{here}/nieuw", code=code, kind=kind, title=title, text=text, item=item, item_title="", submitter=BOARD
        )
        browser.get(f"{here}/{code}/importeren")
        browser.post(f"{here}/{code}/publiceren", hash=browser.find(HASH))

    def open(self) -> None:
        """Open its vote."""
        self.chair.post(f"{self.desk}/openen", round=str(self.number))

    def _numbers(self) -> set[int]:
        return {one["number"] for one in self.standing()}

    def standing(self) -> list[dict[str, Any]]:
        """The state of each round, and how many voted in it, as every screen may know them."""
        found: list[dict[str, Any]] = Browser(self.base).data(f"/vergaderingen/{self.meeting}/stand.json")["rounds"]
        return found

    @staticmethod
    def _rounds(page: str) -> set[int]:
        return {int(n) for n in re.findall(r'name="round"[^>]*value="(\d+)"', page)}

    def vote(self, codes: Sequence[str]) -> Iterator[str]:
        """Let every municipality vote; yields each code when its vote is recorded."""
        began = time.monotonic()
        for code in self.everybody(self._delegate, codes):
            self.recorded += 1
            yield code
        self.seconds = time.monotonic() - began

    def everybody(self, act: Callable[[str], None], codes: Sequence[str]) -> Iterator[str]:
        """Let each of these do the same, some of them at once; yields each code when it is done."""
        with ThreadPoolExecutor(self.at_once) as pool:
            asked = {pool.submit(act, code): code for code in codes}
            try:
                for done in as_completed(asked):
                    done.result()
                    yield asked[done]
            finally:
                pool.shutdown(cancel_futures=True)

    def _delegate(self, code: str) -> None:
        browser = Browser(self.base).step_in(code)
        choice = self.dice.choices(("for", "against", "abstain"), (70, 25, 5))[0]
        self.cast(browser, code, {self.number: choice})

    def cast(self, browser: Browser, code: str, choices: Mapping[int, str]) -> None:
        """Vote for a member in rounds, by number, on one ballot: fill in, review, cast, and get a receipt."""
        here = f"/stemmen/{self.meeting}"
        found = {int(number): key for key, number in QUESTION.findall(browser.get(here))}
        if missing := sorted(set(choices) - set(found)):
            raise Unexpected(f"Op het stembiljet van {code} staat stemming {missing[0]} niet.")
        chosen = {f"choice-{found[number]}": choice for number, choice in choices.items()}
        browser.post(f"{here}/controle", gemeente=code, **chosen)
        browser.post(f"{here}/uitbrengen", gemeente=code, key=browser.find(KEY), **chosen)
        if "/stembewijs/" not in browser.address or "gemist=" in browser.address:
            raise Unexpected(f"{code} kreeg geen stembewijs voor alle stemmen.")

    def finish(self) -> str:
        """Close, wait for the count, publish; returns the verdict as everybody reads it."""
        self.close([self.number])
        self.publish([self.number])
        return str(self.outcome(self.number)["sentence"])

    def close(self, numbers: Sequence[int]) -> None:
        """Close rounds and wait until they are counted."""
        self.chair.get(self.desk)
        self.chair.post(f"{self.desk}/sluiten", round=[str(n) for n in numbers], sure="1")
        for _ in range(300):
            counted = {one["number"] for one in self.standing() if one["state"] == "counted"}
            if counted >= set(numbers):
                return
            time.sleep(0.1)
        raise Unexpected("Er was na 30 seconden nog niet geteld. Draait de worker?")

    def publish(self, numbers: Sequence[int]) -> None:
        """Pronounce outcomes."""
        self.chair.get(self.desk)
        self.chair.post(f"{self.desk}/bekendmaken", round=[str(n) for n in numbers])

    def outcome(self, number: int) -> dict[str, Any]:
        """An outcome as everybody reads it (docs/formats.md)."""
        found: dict[str, Any] = Browser(self.base).data(f"/vergaderingen/{self.meeting}/uitslagen/{number}.json")
        return found

    def mails(self) -> int:
        """How many mails the demo's inbox holds."""
        found = re.search(r'data-total="(\d+)"', Browser(self.base).get("/demo/postvak"))
        return int(found[1]) if found else 0
