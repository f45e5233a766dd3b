"""What the secretariat, members and the board bring to an acted afternoon, on the pages that they use for it."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from vng_alv.demo.browsing import Browser, Unexpected
from vng_alv.demo.play import Play
from vng_alv.demo.texts import DATA
from vng_alv.domain.clock import AMSTERDAM
from vng_alv.domain.submissions import AdviceKind
from vng_alv.meetings.forms import tidy
from vng_alv.meetings.models import MeetingKind

SEEN = re.compile(r'name="seen"[^>]*value="(\d+)"')
PERSON = re.compile(r'name="person"[^>]*value="([0-9a-f-]{36})"')
ADVICE = re.compile(r'name="versie" value="(\d+)"')
MERGED = re.compile(r'name="amendement" value="([0-9a-f-]{36})"')
WEIGHT = re.compile(r'name="gemeente" value="(GM\d{4})".*?data-value="(\d+)"', re.DOTALL)


def _option(words: str) -> re.Pattern[str]:
    """The key of a choice on a list, by how its words begin."""
    return re.compile(rf'<option value="([0-9a-f-]{{36}})"[^>]*>{words}')


class Papers:
    """Makes a meeting for ``play`` to be acted in, and brings it its texts. ``wanted`` is what ``middag.json`` has."""

    def __init__(self, play: Play, wanted: Mapping[str, Any]) -> None:
        self.play, self.wanted = play, wanted
        self.staff, self.desk, self.meeting = play.secretariat, play.desk, play.meeting
        self.board = Browser(play.base).step_in("bestuur")

    def call(self) -> None:
        """Plan a meeting that begins now, with its agenda, to which members may submit until the end of the day."""
        staff, now = self.staff, datetime.now(AMSTERDAM)
        here = "/secretariaat/vergaderingen/nieuw"
        staff.get(here)
        staff.post(
            here, code=self.meeting, title=f"{self.wanted['naam']} {now:%d-%m-%Y %H:%M:%S}", kind=MeetingKind.ALV.value,
            day=f"{now:%Y-%m-%d}", clock=f"{now:%H:%M}", place=self.wanted["plaats"], standing="y",
        )  # fmt: skip
        for title in self.wanted["agendapunten"]:
            staff.get(f"{self.desk}/agenda")
            staff.post(f"{self.desk}/agenda", title=title)
        tomorrow = now + timedelta(days=1)
        staff.get(f"{self.desk}/termijnen")
        staff.post(f"{self.desk}/termijnen", day=f"{tomorrow:%Y-%m-%d}", clock="00:00")

    def seat(self, browser: Browser, code: str) -> None:
        """Somebody takes the mandate of their own municipality."""
        here = f"/gemeente/{code}/stemkaart/{self.meeting}"
        browser.get(here)
        browser.post(here, person=browser.find(PERSON))

    def welcome(self, codes: Sequence[str]) -> dict[str, int]:
        """Register that members have arrived; returns their votes, the largest first."""
        here = f"{self.desk}/aanwezigheid"
        votes = {code: int(number) for code, number in WEIGHT.findall(self.staff.get(here))}
        if missing := [code for code in codes if code not in votes]:
            raise Unexpected(f"{missing[0]} staat niet bij de aanwezigheid.")
        self.staff.post(here, gemeente=codes)
        return dict(sorted(((code, votes[code]) for code in codes), key=lambda row: (-row[1], row[0])))

    def number_of(self, item: str) -> str:
        """The number of an item on the agenda."""
        self.staff.get(f"{self.desk}/stukken/nieuw")
        return self.staff.find(re.compile(rf'<option value="(\d+)"[^>]*>\d+\. {re.escape(item)}<'))

    def text(self, code: str, kind: str, title: str, text: str, item: str) -> str:
        """A text of the board under an item of the agenda; returns its code."""
        self.play.bring(code, kind, title, text, self.number_of(item))
        return code

    def amend(self, browser: Browser, code: str, row: Mapping[str, str]) -> None:
        """A municipality changes words of a section of the resolution, and submits that."""
        here = f"/vergaderingen/{self.meeting}/stukken/{self.wanted['resolutie']['code']}/amendementen"
        browser.get(f"{here}/nieuw?gemeente={code}")
        key = browser.find(_option(row["onderdeel"] + " "))
        browser.post(f"{here}/bekijken?gemeente={code}", title=row["titel"], stap="erbij", welk=key)
        heading = browser.find(re.compile(rf'name="kop-{key}" value="([^"]*)"'))
        body = tidy(browser.find(re.compile(rf'name="tekst-{key}"[^>]*>([^<]*)</textarea>')))
        if body.count(row["oud"]) != 1:
            raise Unexpected(f"In onderdeel {row['onderdeel']} staat niet één keer: {row['oud']}")
        words = {f"kop-{key}": heading, f"tekst-{key}": body.replace(row["oud"], row["nieuw"])}
        browser.post(f"{here}/nieuw?gemeente={code}", title=row["titel"], reason=row["toelichting"], revision="0",
                     **words)  # fmt: skip
        self._submit(browser)

    def move(self, browser: Browser, code: str, row: Mapping[str, Any]) -> str:
        """A municipality submits a motion, which the secretariat puts under its item; returns the motion's address."""
        here = f"/vergaderingen/{self.meeting}/moties/nieuw?gemeente={code}"
        browser.get(here)
        items = {f"{group}-{i}": words
                 for group in ("noting", "considering", "requests") for i, words in enumerate(row[group])}  # fmt: skip
        browser.post(here, title=row["titel"], reason=row["reden"], revision="0", **items)
        return self._submit(browser)

    def _submit(self, browser: Browser) -> str:
        """Submit the draft whose page is open, after a look at it; returns its address."""
        here = browser.address.removeprefix(browser.base)
        browser.get(f"{here}/indienen")
        browser.post(f"{here}/indienen", seen=browser.find(SEEN))
        return here

    def place(self, motion: str, item: str) -> None:
        """Put a motion, by its code, under an item of the agenda."""
        here = f"{self.desk}/stukken/{motion}/agendapunt"
        self.staff.get(here)
        self.staff.post(here, item=self.staff.find(_option(rf"\d+\. {re.escape(item)}<")))

    def split(self, browser: Browser, address: str) -> None:
        """Its submitter lets a motion be voted on in two parts."""
        browser.get(f"{address}/delen")
        browser.post(f"{address}/delen", seen=browser.find(SEEN), **{"deel-0": "1", "deel-1": "2"})

    def advise_against(self, address: str, words: str) -> None:
        """The board advises against a motion, in public."""
        here = f"/indieningen/{address.rpartition('/')[2]}/preadvies"
        self.board.get(address)
        self.board.post(here, kind=AdviceKind.ADVISE_AGAINST.value, body=words)
        self.board.post(f"{here}/publiceren", versie=self.board.find(ADVICE))

    def merge(self, code: str) -> None:
        """The secretariat puts what was adopted into the text, and publishes that."""
        here = f"{self.desk}/stukken/{code}/verwerken-amendementen"
        self.staff.get(here)
        self.staff.post(here, amendement=self.staff.find(MERGED))
        self.staff.get(f"{here}/publiceren")
        self.staff.post(f"{here}/publiceren", ingelezen="")


def file(name: str) -> str:
    """The words of one of the demo's own files."""
    return (DATA / name).read_text(encoding="utf-8")
