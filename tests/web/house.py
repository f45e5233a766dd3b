"""The scene with so much in it that every form is on some page."""

import io
from collections.abc import Callable, Iterator
from datetime import timedelta

from pyrage.x25519 import Identity
from werkzeug.test import TestResponse

from tests import factories
from tests.web import second_steps
from tests.web.authenticator import Authenticator
from tests.web.site import MOTION, Browser, Site, address_of, amend, count, vote
from tests.web.site import scene as make_scene
from tests.web.test_access import addresses
from tests.web.test_consultation import REACT
from tests.web.test_recovering import ask as ask_address
from tests.web.test_recovering import reset_link
from vng_alv import db
from vng_alv.accounts import service as accounts
from vng_alv.accounts.models import Person
from vng_alv.accounts.queries import get_actor
from vng_alv.amendments import merging
from vng_alv.amendments import service as amendments
from vng_alv.amendments.models import Amendment
from vng_alv.answering import service as answering
from vng_alv.consultation.queries import get_consultation
from vng_alv.convening import service as convening
from vng_alv.domain.clock import day_of
from vng_alv.domain.consultation import FileKind
from vng_alv.domain.mandates import OfficeKind
from vng_alv.domain.options import Even, OptionRule, Winning
from vng_alv.domain.paper import Medium
from vng_alv.domain.permissions import Role
from vng_alv.domain.rounds import RoundKind, Way
from vng_alv.domain.submissions import AdviceKind, SubmissionState
from vng_alv.meetings import attendance
from vng_alv.meetings.announcements import say
from vng_alv.meetings.queries import get_meeting
from vng_alv.meetings.service import give_mandate, give_proxy
from vng_alv.members.queries import get_association
from vng_alv.proposals.models import ProposalKind
from vng_alv.proposals.queries import get_proposal, sections_of
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission
from vng_alv.voting import acclamation, choosing, disputing, paper, tellers, timing
from vng_alv.voting import service as rounds
from vng_alv.voting.blocks import put_together
from vng_alv.voting.choosing import Option
from vng_alv.voting.models import Round

PEOPLE = b"gemeentecode,naam,e-mail,functie\nGM0001,Nieuw,nieuw@gm0001.example,griffier\n"
STEPS = ("/account", "/bevestigen")


class House:
    """The scene with so much in it that every form is on a page, and people who look at them."""

    def __init__(self, site: Site) -> None:
        self.site, self.scene = site, make_scene()
        clerks, staff = self.scene.clerks, self.scene.staff
        with_steps, secret = second_steps.with_app(site, clerks[1])
        passkey = second_steps.add_passkey(with_steps)
        waiting = site.browser()
        second_steps.sign_in(waiting, clerks[1])
        secretariat, administrator = site.browser(staff[Role.SECRETARIAT]), site.browser(staff[Role.ADMINISTRATOR])
        own, guest, chair = site.browser(clerks[0]), site.browser(), site.browser(staff[Role.CHAIR])
        site.browser(clerks[0])  # and somewhere else
        self._steps_away(administrator, chair)
        self._people()
        self._amendments()
        disputed, even = self._rounds()
        teller = site.browser(self._secret())
        self._hall()
        own.submit(REACT, save="versturen", body__geheel="Zie de bijlage")
        own.submit(REACT + "/versturen")
        own.submit(REACT, body__geheel="Zie de bijlagen")
        links = [reset_link(guest, clerks[3].email), *ask_address(own)]
        preview = secretariat.post("/secretariaat/personen/importeren", {"file": (io.BytesIO(PEOPLE), "mensen.csv")})
        #: Who looks, and at the pages under which addresses.
        self.people = (
            (secretariat, "/"), (own, "/"), (guest, "/"), (with_steps, STEPS), (waiting, "/inloggen"),
            (teller, "/secretariaat/vergaderingen/alv/stemmingen"),
        )  # fmt: skip
        disabled, member = self.scene.nobody.id, self.scene.members[2].code
        self.paths = (
            "/stemmen/alv?gemeente=GM0001",
            f"{REACT}/geschiedenis/geheel",
            "/vergaderingen/alv/stukken/V1",
            "/secretariaat/vergaderingen/alv/stukken/V1/importeren",
            "/vergaderingen/alv/stukken/R1",
            "/secretariaat/berichten?staat=failed",
            f"/secretariaat/vergaderingen/alv/stukken/R1/verwerken/{self.scene.comment.id}",
            f"/secretariaat/vergaderingen/alv/stukken/R2/themas/{self.empty_theme}",
            f"/secretariaat/personen/{clerks[1].id}",
            f"/secretariaat/personen/{clerks[1].id}/tweede-stap",
            f"/secretariaat/personen/{disabled}",
            f"/gemeente/{member}/stemkaart/alv",
            f"/gemeente/GM0001/personen/{self.scene.official.id}",
            preview.headers["Location"],
            *links,
            *self.secret,
            f"/secretariaat/vergaderingen/alv/stemmingen/{disputed}/ongeldig",
            f"/secretariaat/vergaderingen/alv/stemmingen/{even}/loting",
            "/secretariaat/vergaderingen/later/stukken/R1/stemvolgorde",
            "/secretariaat/vergaderingen/vandaag",
            "/stemmen/vandaag?gemeente=GM0001",
            *self.amendments,
            *self._today(),
        )
        joining = address_of(site, "joining.accept", "GET", self.scene.address)
        #: What any text will not do for.
        self.right: dict[str, dict[str, str | Callable[[], str]]] = {
            "identity.sign_in": {"email": "griffier-gm0002@test.example", "password": factories.PASSWORD},
            "console.open_rounds": {"clock": ""},
            "console.enter_paper": {"gemeente": "GM0001", "keuze": "for"},
            "console.give_key": {"public_key": str(Identity.generate().to_public())},
            "console.open_envelopes": {"private_key": self.key},
            "console.plan": {"opens_day": f"{day_of(db.now()) + timedelta(days=1)}", "opens_clock": "13:30"},
            "console.ask_options": {"question": "Wie?", "candidates": "A\nB"},
            "meetings.create": {"kind": "ledenraadpleging", "end_day": "2030-02-14", "end_clock": "13:30"},
            "members.make_decision_rule": {
                f"{part}_{name}": value
                for part in ("second", "quorum")
                for name, value in (("numerator", "1"), ("denominator", "2"))
            },
            "municipality.give_proxy": {"receiver": "GM0002"},
            "preparing.prepare": {f"choice-{self.scene.address['question_key']}": "abstain"},
            "answering.group": {"new": "Een ander thema"},
            "answering.merge_theme": {"met": str(self.empty_theme)},
            "motions.split": {"deel-0": "1", "deel-1": "2"},
            "motions.submit": {"late": "Actueel."},
            "motions.follow_up": {"progress": "done", "account": "Gedaan."},
            "merging.adapt": {f"wat-{self.section}": "schrap"},
            "amendments.create": {f"tekst-{self.section}": "Wij slopen."},
            "submissions.ask_along": {"municipality": "GM0003"},
            "account.password": {"current": factories.PASSWORD},
            "identity.second_step": {"code": lambda: second_steps.code(secret)},  # of the moment that it is sent
            "identity.sign_in_with_passkey": {
                "passkey": passkey.get(second_steps.ask(guest, "/inloggen/passkey/vraag"))
            },
            "factors.add_passkey": {
                "passkey": Authenticator().create(second_steps.ask(own, second_steps.PAGE + "/passkey/vraag"))
            },
            "joining.accept_with_passkey": {
                "passkey": Authenticator().create(second_steps.ask(guest, joining + "/passkey/vraag"))
            },
        }

    def _steps_away(self, asks: Browser, chair: Browser) -> None:
        """Somebody who lost their second step, and one person of the secretariat who asked to take it away."""
        second_steps.add_app(chair)
        lost = f"/secretariaat/personen/{self.scene.staff[Role.CHAIR].id}/tweede-stap"
        assert asks.submit(lost, reason="Telefoon kwijt").status_code == 303

    def _people(self) -> None:
        """An account out of use, a second holder for a mandate, and a member that gave its votes to another one."""
        with db.transaction():
            factories.clerk(db.session.merge(self.scene.members[0]), "wethouder", OfficeKind.ALDERMAN)
            accounts.set_active(db.session.merge(self.scene.nobody), False, None)
            get_association().proxies_per_member = 2
            meeting, members = db.session.merge(self.scene.meeting), self.scene.members
            staff = get_actor(self.scene.staff[Role.SECRETARIAT].id)
            give_proxy(meeting, db.session.merge(members[2]), db.session.merge(members[1]), staff)
            consultation = get_consultation(get_proposal(meeting.id, "R2").id)
            self.empty_theme = answering.make_theme(consultation, "Nog leeg", staff).id

    def _amendments(self) -> None:
        """A draft, one that GM0001 was asked to submit along, one that came too late, and advice that waits."""
        with db.transaction():
            own, other = (get_actor(person.id) for person in self.scene.clerks[:2])
            members, clerks = [db.session.merge(member) for member in self.scene.members[:2]], self.scene.clerks
            running = get_proposal(self.scene.meeting.id, "R2")
            self.section = sections_of(running.versions[0].id)[0].section_id
            past = factories.proposal(factories.meeting("voorbij"))
            past.meeting.amendments_until = db.now() - timedelta(hours=1)
            factories.proposals.import_text(past, factories.proposals.read_text(factories.RESOLUTION.encode()), None)
            asked = amend(running, members[1], clerks[1], submit=False)
            submissions.ask_along(db.session.get_one(Submission, asked), [members[0]], other)
            late = amend(past, members[0], clerks[0], submit=False)
            draft = amend(running, members[0], clerks[0], submit=False)
            submitted = db.session.get_one(Submission, self.scene.address["submission_id"])
            submissions.advise(submitted, AdviceKind.TAKE_OVER, "", get_actor(self.scene.staff[Role.BOARD].id))
            amendments.offer_late(db.session.get_one(Amendment, late), "Storing", own)
            misfit = db.session.get_one(Amendment, amend(running, members[0], clerks[0], submit=False))
            misfit.misfits = [[str(row.section_id), str(misfit.version_id)] for row in misfit.sections]
            later = factories.proposal(factories.meeting("later"))
            later.meeting.amendments_until = db.now() + timedelta(hours=1)
            staff = get_actor(self.scene.staff[Role.SECRETARIAT].id)
            for text in (running, later):
                taken = amend(text, members[1], clerks[1], submit=True)
                submissions.move(db.session.get_one(Submission, taken), SubmissionState.TAKEN_OVER, staff)
                if text is running:
                    merging.start(running, [taken], staff)
            stuck = db.session.get_one(Amendment, amend(later, members[0], clerks[0], submit=True))
            stuck.misfits = [[str(row.section_id), str(stuck.version_id)] for row in stuck.sections]
            amend(later, members[0], clerks[0], submit=True)  # so that there is an order to change
        bench, motions = "/secretariaat/vergaderingen/alv/stukken/R2/verwerken-amendementen", self.scene.motions
        self.amendments = (
            *(f"/secretariaat/vergaderingen/voorbij/stukken/R1/{step}" for step in ("importeren", "verbeteren")),
            bench,
            f"{bench}/onderdeel/{self.section}",
            f"{bench}/publiceren",
            "/secretariaat/vergaderingen/later/stukken/R1/verwerken-amendementen",
            f"/amendementen/{misfit.submission_id}/aanpassen",
            *(f"/moties/{key}" for key in motions.values()),
            *(f"/moties/{motions[SubmissionState.DRAFT]}/{step}" for step in ("bewerken", "indienen")),
            *(f"/moties/{motions[SubmissionState.SUBMITTED]}/{step}" for step in ("wijzigen", "delen")),
            f"/vergaderingen/alv/stukken/R2/amendementen/nieuw?onderdeel={self.section}",
            *(f"/amendementen/{key}" for key in (asked, late, draft)),
            *(f"/amendementen/{draft}/{step}" for step in ("bewerken", "indienen")),
        )

    def _rounds(self) -> tuple[int, int]:
        """A round that the clock opens, one that somebody calls void, one that needs a run-off and one that needs lots;
        the numbers of the second and of the last."""
        with db.transaction():
            motion = factories.proposal(db.session.merge(self.scene.meeting), MOTION, "M9", ProposalKind.MOTION)
            (planned,) = rounds.prepare(motion, None)
            timing.schedule([planned.id], db.now() + timedelta(days=1), None, None)
            disputed = db.session.get_one(Round, self.scene.counted.id)
            assert disputing.ask(disputed, "Fout", get_actor(self.scene.staff[Role.CHAIR].id))
            number = disputed.number
        self._options("V8", OptionRule(Winning.MAJORITY, Even.LOTS, 2), "1", "2+3")
        return number, self._options("V9", OptionRule(Winning.MOST, Even.LOTS, 3), "1+2", "3+4")

    def _options(self, code: str, rule: OptionRule, *ballots: str) -> int:
        """A question with four candidates whose outcome is known; its number."""
        with db.transaction():
            meeting = db.session.merge(self.scene.meeting)
            proposal = factories.proposal(meeting, "# Een voorstel\n\nTekst.\n", code, ProposalKind.PROPOSAL)
            made = choosing.ask(proposal, RoundKind.CANDIDATES, "Wie?", [Option(n) for n in "ABCD"], rule, None)
            rounds.open_rounds([made.id], None)
        for who, ballot in enumerate(ballots):
            vote(self.scene, who, {made.id: ballot})
        count(made, publish=True)
        return made.number

    def _secret(self) -> Person:
        """Three secret rounds: one that waits for a second key, one that is open, and one that waits for the teller who
        is given back."""
        with db.transaction():
            people = [factories.actor(f"teller-{n}", Role.TELLER) for n in (1, 2)]
            keys = [Identity.generate() for _ in people]
            text, rule = get_proposal(self.scene.meeting.id, "R2"), OptionRule(Winning.MOST, Even.LOTS)
            names = [Option("Jansen"), Option("De Vries")]
            made = [
                choosing.ask(text, RoundKind.CANDIDATES, f"Wie {n}?", names, rule, None, secret=True) for n in range(3)
            ]
            for one in made:
                for who, key in list(zip(people, keys, strict=True))[: 1 if one is made[0] else 2]:
                    tellers.give_key(one, str(key.to_public()), who)
            rounds.open_rounds([one.id for one in made[1:]], None)
            rounds.close([made[2].id], None)
            numbers, self.key = [one.number for one in made], str(keys[1])
            teller = db.session.get_one(Person, people[1].id)
        desk = "/secretariaat/vergaderingen/alv/stemmingen"
        self.secret = (
            *(f"{desk}/{number}/stemcommissie" for number in numbers),
            f"/stemmen/alv/geheim/{numbers[1]}?gemeente=GM0001",
        )
        return teller

    def _hall(self) -> None:
        """What a hall is asked to adopt by acclamation today, with a member that is against; and a motion with advice
        that can be put to the vote."""
        with db.transaction():
            today = factories.meeting("vandaag")
            today.starts_at = db.now()
            give_mandate(today, db.session.merge(self.scene.members[0]), db.session.merge(self.scene.clerks[0]), None)
            (asked,) = rounds.prepare(factories.proposal(today, MOTION, "M1", ProposalKind.MOTION), None)
            acclamation.choose(asked, Way.ACCLAMATION, None)
            rounds.open_rounds([asked.id], None)
            acclamation.note(asked, self.scene.members[1].id, None)
            motion = db.session.get_one(Submission, self.scene.motions[SubmissionState.SUBMITTED])
            board = get_actor(self.scene.staff[Role.BOARD].id)
            submissions.advise(motion, AdviceKind.HOLD_OVER, "", board)
            submissions.publish_advice(motion, 1, board)

    def _today(self) -> tuple[str, ...]:
        """Of the meeting of today what is said to all, who is there, a file that is not public yet, a block of two
        rounds, and two that are open: one with a vote that one person read from paper, and one without; the pages of
        all that."""
        with db.transaction():
            today, chair = get_meeting("vandaag"), get_actor(self.scene.staff[Role.CHAIR].id)
            member = db.session.merge(self.scene.members[2])
            say(today, "De koffie staat klaar.", 5, chair)
            attendance.arrive(today, [member.id], None)
            staff, later = get_actor(self.scene.staff[Role.SECRETARIAT].id), db.now() + timedelta(hours=1)
            convening.add_document(today, "Notitie", "notitie.pdf", b"%PDF- notitie", FileKind.PDF, later, staff)
            one, two, *drafts = (
                rounds.prepare(factories.proposal(today, MOTION, f"P{n}", ProposalKind.MOTION), None)[0]
                for n in range(4)
            )
            put_together(today, [draft.number for draft in drafts], None)
            rounds.open_rounds([one.id, two.id], None)
            paper.choose(one, Medium.PAPER, chair)
            paper.enter(one, member, "for", chair)
            desk = "/secretariaat/vergaderingen/vandaag"
            return (
                *(
                    f"{desk}/{page}"
                    for page in ("draaiboek", "aanwezigheid?zoek=gemeente", "documenten", "stemkaarten/herinneren")
                ),
                *(f"{desk}/stemmingen/{open_.number}/papier" for open_ in (one, two)),
            )

    def pages(self) -> Iterator[tuple[Browser, str, TestResponse]]:
        """Every page of every kind of visitor."""
        known = self.scene.address
        parts = {rule.endpoint: rule.arguments for rule in self.site.app.url_map.iter_rules()}
        paths = [
            address_of(self.site, endpoint, method, known)
            for endpoint, method in addresses(self.site.app)
            if method == "GET" and parts[endpoint] <= known.keys()
        ]
        for browser, under in self.people:
            for path in (path for path in (*paths, *self.paths) if path.startswith(under)):
                answer = browser.get(path)
                if answer.status_code == 200 and answer.mimetype == "text/html":
                    yield browser, path, answer
