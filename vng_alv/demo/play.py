"""Acting out a vote over HTTP, as the secretariat, the chair and every delegate do it in their browsers."""

import json
import random
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from http.cookiejar import CookieJar

from vng_alv.demo.seed import MEETING
from vng_alv.proposals.forms import BOARD, NO_ITEM

TIMEOUT = 30
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
KEY = re.compile(r'name="key"[^>]*value="([^"]+)"')
HASH = re.compile(r'name="hash"[^>]*value="([^"]+)"')
CODE = re.compile(r'<option value="(GM\d{4})"')
TEXT = """# {title}

## Constaterende dat

- gemeenten steeds vaker digitaal vergaderen en stemmen;
- inwoners willen kunnen nagaan hoe hun gemeente stemde;

## Verzoekt het bestuur

- de uitslag van elke stemming openbaar te maken, met de stem van elke gemeente.
"""


class Browser:
    """One person's browser: cookies, and forms that carry the page's token."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.page = ""
        self.address = ""

    def get(self, path: str) -> str:
        """Load a page."""
        return self._open(urllib.request.Request(self.base + path))

    def post(self, path: str, **fields: str) -> str:
        """Send a form of the page that is open, and follow where it leads."""
        token = TOKEN.search(self.page)
        data = urllib.parse.urlencode({"csrf_token": token[1] if token else "", **fields}).encode()
        return self._open(urllib.request.Request(self.base + path, data))

    def _open(self, request: urllib.request.Request) -> str:
        try:
            with self.opener.open(request, timeout=TIMEOUT) as answer:
                self.page, self.address = answer.read().decode(), answer.geturl()
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{request.get_method()} {request.full_url}: {error.code}") from None
        return self.page

    def step_in(self, key: str) -> "Browser":
        """Become one of the demo's people."""
        self.get("/demo")
        self.post("/demo/instappen", als=key)
        return self


class Play:
    """One acted vote in the demo's own meeting."""

    def __init__(self, base: str, at_once: int) -> None:
        self.base = base.rstrip("/")
        self.at_once = at_once
        self.dice = random.Random()
        self.recorded = 0
        self.seconds = 0.0
        self.number = 0
        self.round_id = ""
        self.secretariat = Browser(self.base).step_in("secretariaat")
        self.chair = Browser(self.base).step_in("voorzitter")

    @property
    def address(self) -> str:
        """Where the outcome can be followed."""
        return f"{self.base}/vergaderingen/{MEETING}/uitslagen/{self.number}"

    def members(self) -> list[str]:
        """The codes of all municipalities, in a random order."""
        found = sorted(set(CODE.findall(Browser(self.base).get("/demo"))))
        self.dice.shuffle(found)
        return found

    def prepare(self) -> str:
        """Import a motion, publish it and prepare its vote; returns its code."""
        code = f"M{int(time.time()) % 100_000_000}"
        browser, here = self.secretariat, f"/secretariaat/vergaderingen/{MEETING}"
        title = f"Voorbeeldmotie {code}: elke uitslag openbaar"
        browser.get(f"{here}/stukken/nieuw")
        browser.post(
            f"{here}/stukken/nieuw", code=code, kind="motion", title=title, text=TEXT.format(title=title),
            item=NO_ITEM, item_title="", submitter=BOARD,
        )  # fmt: skip
        seen = HASH.search(browser.get(f"{here}/stukken/{code}/importeren"))
        browser.post(f"{here}/stukken/{code}/publiceren", hash=seen[1] if seen else "")
        before = self._numbers()
        browser.get(here)
        browser.post(f"{here}/voorbereiden", proposal=code)
        self.number = max(self._rounds(browser.get(here)) - before)
        self.chair.get(here)
        return code

    def open(self) -> None:
        """Open its vote."""
        self.chair.post(f"/secretariaat/vergaderingen/{MEETING}/openen", round=str(self.number))

    def _numbers(self) -> set[int]:
        standing = json.loads(Browser(self.base).get(f"/vergaderingen/{MEETING}/stand.json"))
        return {one["number"] for one in standing["rounds"]}

    @staticmethod
    def _rounds(page: str) -> set[int]:
        return {int(n) for n in re.findall(r'name="round"[^>]*value="(\d+)"', page)}

    def vote(self, codes: Sequence[str]) -> Iterator[str]:
        """Let every municipality vote; yields each code when its vote is recorded."""
        began = time.monotonic()
        with ThreadPoolExecutor(self.at_once) as pool:
            for done in as_completed([pool.submit(self._delegate, code) for code in codes]):
                self.recorded += 1
                yield done.result()
        self.seconds = time.monotonic() - began

    def _delegate(self, code: str) -> str:
        browser = Browser(self.base).step_in(code)
        ballot = browser.get(f"/stemmen/{MEETING}")
        found = re.findall(r'id="vraag-([0-9a-f-]{36})" data-number="(\d+)"', ballot)
        round_id = next(key for key, number in found if int(number) == self.number)
        choice = self.dice.choices(("for", "against", "abstain"), (70, 25, 5))[0]
        browser.post(f"/stemmen/{MEETING}/controle", gemeente=code, **{f"choice-{round_id}": choice})
        key = KEY.search(browser.page)
        if key is None:
            raise RuntimeError(f"{code}: no review page")
        fields = {"gemeente": code, "key": key[1], f"choice-{round_id}": choice}
        browser.post(f"/stemmen/{MEETING}/uitbrengen", **fields)
        if "/stembewijs/" not in browser.address:
            raise RuntimeError(f"{code}: no receipt")
        return code

    def finish(self) -> str:
        """Close, wait for the count, publish; returns the verdict as everybody reads it."""
        here = f"/secretariaat/vergaderingen/{MEETING}"
        self.chair.get(here)
        self.chair.post(f"{here}/sluiten", round=str(self.number), sure="1")
        self._wait("counted")
        self.chair.get(here)
        self.chair.post(f"{here}/bekendmaken", round=str(self.number))
        data = json.loads(Browser(self.base).get(f"/vergaderingen/{MEETING}/uitslagen/{self.number}.json"))
        return str(data["sentence"])

    def _wait(self, state: str) -> None:
        for _ in range(300):
            standing = json.loads(Browser(self.base).get(f"/vergaderingen/{MEETING}/stand.json"))
            if any(one["number"] == self.number and one["state"] == state for one in standing["rounds"]):
                return
            time.sleep(0.1)
        raise RuntimeError(f"stemming {self.number} was not {state} within 30 s; is the worker running?")

    def mails(self) -> int:
        """How many mails the demo's inbox holds."""
        found = re.search(r'data-total="(\d+)"', Browser(self.base).get("/demo/postvak"))
        return int(found[1]) if found else 0
