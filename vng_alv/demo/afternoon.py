"""A whole afternoon acted out over HTTP, in a meeting of its own: from the agenda to the concept minutes.

Who votes what is chosen so that each outcome is the one that the script needs, however few take part: for each vote on
the losing side a larger member is on the winning one.
"""

import html
import json
import random
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vng_alv.demo.bringing import Papers, file
from vng_alv.demo.browsing import Browser, Unexpected
from vng_alv.demo.play import Play
from vng_alv.domain.ballots import Choice
from vng_alv.domain.majority import Verdict
from vng_alv.domain.options import Even, Winning
from vng_alv.domain.rounds import Way
from vng_alv.domain.sentences import verdict_word

#: So many are needed for the votes to come apart as the script wants it.
FEWEST = 6
#: Shares of the votes for three candidates, none of which is half.
SHARES = (0.42, 0.33, 0.25)
READY = re.compile(r'name="round" value="(\d+)"[^>]*><span><strong>([^<]*)</strong>')
#: What is made of a meeting when it is over.
FILES = ("uitslagenlijst.pdf", "uitslagenlijst.xlsx", "besluitenlijst.pdf", "besluitenlijst.json")

#: What each of the members chooses, by their codes.
Choices = dict[str, str]


@dataclass(frozen=True)
class Outcome:
    """What a vote came to."""

    number: int
    title: str
    #: The verdict, or that it is void, in a few words.
    said: str
    #: How long it took until all had cast the ballot that it was on; 0 where nobody cast one.
    seconds: float


def leaning(votes: Mapping[str, int], more: str, less: str, dice: random.Random) -> Choices:
    """Choices of which ``more`` gets more votes than ``less``. ``votes`` are by code, the largest first."""
    found, ahead = {}, 0
    for code in votes:
        chosen = dice.choices((more, less, Choice.ABSTAIN.value), (66, 28, 6))[0]
        if ahead < 2:  # each vote for ``less`` has a larger one for ``more`` before it, and one is left
            chosen = more
        ahead += (chosen == more) - (chosen == less)
        found[code] = chosen
    return found


def spread(votes: Mapping[str, int], keys: Sequence[str]) -> Choices:
    """Choices that come near ``SHARES``, for candidates in this order."""
    total = sum(votes.values())
    left = {key: share * total for key, share in zip(keys, SHARES, strict=True)}
    found = {}
    for code, number in votes.items():
        found[code] = max(left, key=lambda key: left[key])
        left[found[code]] -= number
    return found


class Afternoon(Play):
    """An afternoon with so many ``delegates``; ``say`` hears each step in a line."""

    def __init__(self, base: str, at_once: int, delegates: int, say: Callable[[str], None]) -> None:
        super().__init__(base, at_once, f"middag-{secrets.token_hex(3)}")
        self.delegates, self.say = delegates, say
        self.dice = random.Random(delegates)
        self.script: dict[str, Any] = json.loads(file("middag.json"))
        self.papers = Papers(self, self.script)
        self.browsers: dict[str, Browser] = {}
        self.votes: dict[str, int] = {}
        self.outcomes: dict[int, Outcome] = {}

    @property
    def address(self) -> str:
        """Where the meeting can be followed."""
        return f"{self.base}/vergaderingen/{self.meeting}"

    def act(self) -> list[Outcome]:
        """All of it; returns what each vote came to, by number. Raises ``Unexpected``."""
        self.gather()
        self.resolution()
        self.motions()
        self.plan()
        self.election()
        self.wind_up()
        return [self.outcomes[number] for number in sorted(self.outcomes)]

    # --- Before it

    def gather(self) -> None:
        """Call the meeting; delegates take their mandates and arrive."""
        self.papers.call()
        self.say(f"De vergadering is gemaakt, met agenda: {self.address}")
        known = sorted(self.members())
        codes = [known[i * len(known) // self.delegates] for i in range(self.delegates)]
        for _ in self.everybody(self._take_seat, codes):
            pass
        self.votes = self.papers.welcome(codes)
        self.say(f"{len(codes)} afgevaardigden hebben een stemkaart en zijn aangemeld.")

    def _take_seat(self, code: str) -> None:
        browser = Browser(self.base).step_in(code)
        self.papers.seat(browser, code)
        self.browsers[code] = browser

    # --- What is on the agenda

    def resolution(self) -> None:
        """Amendments, of which one is adopted; then the sections of the text that this makes, then the whole."""
        row, changes = self.script["resolutie"], self.script["amendementen"]
        item = self.script["agendapunten"][0]
        text = file(row["tekst"])
        code = self.papers.text(row["code"], "resolution", "", text, item)
        for change, member in zip(changes, self.votes, strict=False):
            self.papers.amend(self.browsers[member], member, change)
        self.now_at(item)
        ready = self.prepare_all(code, len(changes) + text.count("\n### ") + 1)
        amendments = {n: change for change in changes for n, words in ready.items() if change["titel"] in words}
        self.hold({n: self.lean(adopted=change["aangenomen"]) for n, change in amendments.items()})
        self.papers.merge(code)
        self.say("Het aangenomen amendement staat in de tekst; versie 2 is gepubliceerd.")
        sections = {n: words for n, words in self.ready().items() if re.match(r"[A-Z]\d+\. ", words)}
        refused = {n for n, words in sections.items() if words.partition(".")[0] in row["verworpen"]}
        now = {change[key]: change["aangenomen"] is (key == "nieuw") for change in changes for key in ("oud", "nieuw")}
        self.hold({n: self.lean(adopted=n not in refused) for n in sections}, now)
        self.hold({n: self.lean(adopted=True) for n in self.ready()})

    def motions(self) -> None:
        """One that is split, one that is disputed and put again, and one on whose advice the hall votes."""
        item, rows = self.script["agendapunten"][1], self.script["moties"]
        self.now_at(item)
        members = list(self.votes)[-len(rows) :]
        made = {}
        for number, ((name, row), member) in enumerate(zip(rows.items(), members, strict=True), 1):
            made[name] = self.papers.move(self.browsers[member], member, row)
            self.papers.place(f"M{number}", item)
            if name == "gesplitst":
                self.papers.split(self.browsers[member], made[name])
        self.say(f"{len(rows)} moties zijn ingediend, waarvan één in twee delen.")
        first, second = self.prepare_all("M1", 2)
        (plain,) = self.prepare_all("M2", 1)
        self.hold({first: self.lean(adopted=True), second: self.lean(adopted=False), plain: self.lean(adopted=True)})
        self.annul(plain)
        (again,) = self.prepare_all("M2", 1)
        self.papers.advise_against(made["preadvies"], rows["preadvies"]["advies"])
        self.say("Het bestuur ontraadt de derde motie; de stemming gaat over dat preadvies.")
        (advice,) = self.prepare_all("M3", 1, "preadvies")
        self.hold({again: self.lean(adopted=False), advice: self.lean(adopted=True)})
        linked = self.outcome(again)["round"]["puts-again"]
        if linked != plain:
            raise Unexpected(f"Stemming {again} herhaalt stemming {plain}, en er staat: {linked}.")

    def annul(self, number: int) -> None:
        """An outcome is disputed: the chair asks to declare it void, and the secretariat confirms."""
        here = f"{self.desk}/stemmingen/{number}/ongeldig"
        self.chair.get(here)
        self.chair.post(here, reason=self.script["reden"])
        self.secretariat.get(self.desk)
        self.secretariat.post(f"{here}/bevestigen")
        self.note(number, self.outcomes[number].seconds)
        self.say(f"Stemming {number} is door twee mensen ongeldig verklaard: {self.script['reden']}")

    def plan(self) -> None:
        """One question by acclamation, with members that have it noted that they are against."""
        row, item = self.script["acclamatie"], self.script["agendapunten"][2]
        self.now_at(item)
        code = self.papers.text(row["code"], "proposal", row["titel"], row["tekst"], item)
        (number,) = self.prepare_all(code, 1)
        self.chair.get(self.desk)
        self.chair.post(f"{self.desk}/openen", round=str(number), **{f"way-{number}": Way.ACCLAMATION.value})
        first, second, *_ = self.votes
        self.browsers[first].get(f"/stemmen/{self.meeting}")
        self.browsers[first].post(f"/stemmen/{self.meeting}/{number}/aantekenen", gemeente=first)
        self.chair.post(f"{self.desk}/stemmingen/{number}/aantekening", gemeente=second)
        self.chair.post(f"{self.desk}/stemmingen/{number}/acclamatie")
        self.note(number, 0.0, Verdict.ADOPTED)

    def election(self) -> None:
        """Three candidates for one seat, and the run-off between the first two."""
        row, item = self.script["verkiezing"], self.script["agendapunten"][3]
        self.now_at(item)
        code = self.papers.text(row["code"], "proposal", "", file(row["tekst"]), item)
        here = f"{self.desk}/stukken/{code}/keuze/kandidaten"
        before = self.ready()
        self.chair.get(here)
        self.chair.post(
            here, question=row["vraag"], candidates="\n".join(row["kandidaten"]), seats="1",
            winning=Winning.MAJORITY.value, even=Even.LOTS.value,
        )  # fmt: skip
        (number,) = self.since(before, 1)
        keys = [str(n) for n in range(1, len(row["kandidaten"]) + 1)]
        self.hold({number: (Verdict.RUN_OFF, spread(self.votes, keys))})
        self.chair.get(self.desk)
        self.chair.post(f"{self.desk}/stemmingen/{number}/herstemming")
        (again,) = self.since(before, 1)
        self.hold({again: (Verdict.CHOSEN, leaning(self.votes, keys[1], keys[0], self.dice))})

    # --- After it

    def wind_up(self) -> None:
        """The lists, the concept minutes, and what the closing page says is left."""
        for name in FILES:
            self.secretariat.file(f"/vergaderingen/{self.meeting}/{name}")
        minutes = self.secretariat.file(f"{self.desk}/notulen.docx")
        self.say(f"Uitslagenlijst en besluitenlijst zijn gemaakt, en concept-notulen van {len(minutes) // 1024} kB.")
        if "Nog niet: stemming" in self.secretariat.get(f"{self.desk}/afronding"):
            raise Unexpected(f"Niet alles is afgerond, zie {self.base}{self.desk}/afronding")

    # --- A vote

    def lean(self, *, adopted: bool) -> tuple[Verdict, Choices]:
        """Choices with which something is adopted or rejected, and that verdict."""
        more, less = (Choice.FOR, Choice.AGAINST) if adopted else (Choice.AGAINST, Choice.FOR)
        return Verdict.ADOPTED if adopted else Verdict.REJECTED, leaning(self.votes, more, less, self.dice)

    def now_at(self, item: str) -> None:
        """The chair says which item the meeting is at."""
        self.chair.get(f"{self.desk}/draaiboek")
        button = rf'value="([0-9a-f-]{{36}})"><button[^>]*aria-label="Nu aan de orde: {re.escape(item)}"'
        self.chair.post(f"{self.desk}/draaiboek/nu", punt=self.chair.find(re.compile(button)))
        self.say(f"Aan de orde: {item}.")

    def ready(self) -> dict[int, str]:
        """The votes that stand ready, by number, with their titles."""
        page = self.chair.get(self.desk)
        return {int(number): html.unescape(words) for number, words in READY.findall(page)}

    def prepare_all(self, code: str, expected: int, how: str = "voorbereiden") -> dict[int, str]:
        """Prepare the votes on a text, or ``how`` else; returns what stands ready since, by number, with titles."""
        before = self.ready()
        self.chair.post(f"{self.desk}/{how}", proposal=code)
        return self.since(before, expected)

    def since(self, before: Mapping[int, str], expected: int) -> dict[int, str]:
        """What stands ready that was not there before."""
        found = {number: words for number, words in sorted(self.ready().items()) if number not in before}
        if len(found) != expected:
            raise Unexpected(f"Er staan {len(found)} nieuwe stemmingen klaar; het moesten er {expected} zijn.")
        return found

    def hold(self, asked: Mapping[int, tuple[Verdict, Choices]], words: Mapping[str, bool] | None = None) -> None:
        """Open votes together, let everybody vote, close, count and pronounce them, and look at what they came to.
        ``words`` are those that have to stand on the ballot, and those that must not."""
        if not asked:
            raise Unexpected("Er staat geen stemming klaar.")
        self.chair.get(self.desk)
        self.chair.post(f"{self.desk}/openen", round=[str(number) for number in asked])
        for said, there in (words or {}).items():
            ballot = self.browsers[next(iter(self.votes))].get(f"/stemmen/{self.meeting}")
            if (said in html.unescape(ballot)) != there:
                raise Unexpected(f"Dit {'staat niet' if there else 'staat nog'} op het stembiljet: {said}")
        began = time.monotonic()

        def cast(code: str) -> None:
            self.cast(self.browsers[code], code, {number: choices[code] for number, (_, choices) in asked.items()})

        for _ in self.everybody(cast, list(self.votes)):
            self.recorded += len(asked)
        seconds = time.monotonic() - began
        self.close(list(asked))
        self.publish(list(asked))
        for number, (verdict, _) in asked.items():
            self.note(number, seconds, verdict)

    def note(self, number: int, seconds: float, verdict: Verdict | None = None) -> None:
        """Keep and tell what everybody reads of a vote, which has to be this verdict; None: it is void."""
        found = self.outcome(number)
        title, is_void = found["round"]["title"], found["round"]["state"] == "annulled"
        if is_void != (verdict is None) or (verdict and found["verdict"] != verdict):
            raise Unexpected(f"Stemming {number} ({title}) heeft een andere uitslag dan verwacht: {found['sentence']}")
        said = verdict_word(verdict, "nl") if verdict else "Ongeldig verklaard"
        if verdict:
            self.say(f"Stemming {number}, {title}: {found['sentence']}")
        self.outcomes[number] = Outcome(number, title, said, seconds)
