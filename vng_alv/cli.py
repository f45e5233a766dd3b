"""The `alv` command: everything of the main job that makes sense on a terminal."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from config import Settings
from vng_alv import db, schema
from vng_alv.accounts import service as accounts
from vng_alv.accounts.queries import get_person_by_email
from vng_alv.accounts.strength import easily_guessed
from vng_alv.audit import service as audit
from vng_alv.consultation import service as consultation
from vng_alv.demo.command import demo
from vng_alv.domain.mandates import OfficeKind
from vng_alv.domain.permissions import Role
from vng_alv.domain.rounds import RoundState
from vng_alv.domain.rulebook import RULES
from vng_alv.errors import Missing, Refused
from vng_alv.exports.commands import decisions
from vng_alv.exports.outcomes import as_json
from vng_alv.identity import personal_data
from vng_alv.meetings import service as meetings
from vng_alv.meetings.models import MeetingKind
from vng_alv.meetings.offices import mail_link
from vng_alv.meetings.queries import get_meeting
from vng_alv.members import importing
from vng_alv.members import service as members
from vng_alv.members.queries import find_association, get_association, get_member
from vng_alv.notifications import queries as notices
from vng_alv.proposals import service as proposals
from vng_alv.proposals.models import ProposalKind
from vng_alv.proposals.queries import get_proposal
from vng_alv.refusals import sentence
from vng_alv.results.queries import published
from vng_alv.secretariat import announcing_commands, meeting_commands, option_commands, way_commands
from vng_alv.secretariat.clock_commands import COMMANDS, Moment
from vng_alv.secretariat.commands import amendment, change_roles_of_person, people
from vng_alv.signing.commands import keys, make_ready
from vng_alv.voting import queries as voting
from vng_alv.voting import service as rounds
from vng_alv.voting.about import subject_of
from vng_alv.voting.models import Round
from vng_alv.voting.summary import summaries, summary
from vng_alv.voting.tally import tally

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Told(click.Group):
    """A group whose refusals are sentences on the error output, with exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command and tell why it could not do what was asked."""
        try:
            return super().invoke(ctx)
        except Refused as refused:
            raise click.ClickException(sentence(refused)) from None
        except Missing as missing:
            raise click.ClickException(f"Niet gevonden: {missing}.") from None


@click.group(cls=Told)
def alv() -> None:
    """Vergaderen en stemmen van een vereniging, op de opdrachtregel."""


alv.add_command(amendment)
alv.add_command(demo)
alv.add_command(keys)
alv.add_command(people)


@alv.group("db")
def database() -> None:
    """De database."""


@database.command("upgrade")
@click.pass_obj
def upgrade(settings: Settings) -> None:
    """Breng de database naar het nieuwste schema, met een sleutel om te ondertekenen."""
    schema.upgrade(db.engine())
    make_ready(settings)


@alv.command("init")
@click.option("--preset", type=click.Choice(sorted(members.PRESETS)), default="vng", show_default=True)
@click.option("--name")
@click.option("--phone", default="")
@click.option("--email", default="")
def init(preset: str, name: str | None, phone: str, email: str) -> None:
    """Richt de vereniging in, met de regels van een preset."""
    with db.transaction():
        if find_association():
            raise click.ClickException("De vereniging is al ingericht.")
        members.set_up_association(None, preset=preset, phone=phone, email=email, **({"name": name} if name else {}))


@alv.group("admin")
def admin() -> None:
    """Beheerders."""


@admin.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.password_option("--password", envvar="ALV_PASSWORD")
def create_admin(email: str, name: str, password: str) -> None:
    """Maak een beheerder die ook het secretariaat kan voeren."""
    if len(password) < accounts.MIN_PASSWORD or not accounts.EMAIL.fullmatch(email):
        raise click.ClickException(
            f"Geef een e-mailadres, en een wachtwoord van ten minste {accounts.MIN_PASSWORD} tekens."
        )
    if easily_guessed(password, (email, name)):
        raise click.ClickException("Dit wachtwoord is makkelijk te raden. Kies een ander.")
    with db.transaction():
        if find_association() is None:
            members.set_up_association(None)
        person = accounts.create_person(email, name, None, roles=[Role.ADMINISTRATOR, Role.SECRETARIAT, Role.CHAIR])
        accounts.set_password(person, password, None)
    click.echo(f"{email} kan inloggen.")


@alv.group("members")
def register() -> None:
    """Het ledenbestand."""


@register.command("import")
@click.argument("file", type=FILE)
@click.option("--apply", "do_apply", is_flag=True, help="Voer de wijzigingen door; anders worden ze alleen getoond.")
def import_members(file: Path, do_apply: bool) -> None:
    """Lees leden uit een CSV- of XLSX-bestand."""
    with db.transaction():
        kept, changes, faults = importing.prepare(file.read_bytes(), file.name, None)
        for fault in faults:
            click.echo(f"rij {fault.row}: {fault.what} {fault.value}".rstrip(), err=True)
        if kept is None:
            raise click.ClickException(f"{len(faults)} fouten; er is niets gewijzigd.")
        new = sum(change.before is None for change in changes)
        click.echo(f"{new} nieuw, {len(changes) - new} gewijzigd, {len(kept.rows) - len(changes)} gelijk.")
        if do_apply:
            importing.apply(kept, None)
            click.echo("Doorgevoerd.")


@alv.group("person")
def person() -> None:
    """Personen."""


@person.command("invite")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--member", "code", help="Gemeentecode, zoals GM0014.")
@click.option("--office", type=click.Choice([k.value for k in OfficeKind]), default="clerk")
@click.option("--role", "roles", multiple=True, type=click.Choice([r.value for r in Role]))
@click.pass_obj
def invite(settings: Settings, email: str, name: str, code: str | None, office: str, roles: tuple[str, ...]) -> None:
    """Nodig iemand uit; de mail gaat uit zodra de worker draait."""
    with db.transaction():
        new = accounts.create_person(email, name, None, roles=[Role(role) for role in roles])
        if code:
            members.give_office(new, get_member(code), OfficeKind(office), None)
        mail_link(new, settings.secret_key, None)
    click.echo(f"{email} is uitgenodigd.")


person.add_command(change_roles_of_person)


@person.command("export")
@click.argument("email")
def export_person(email: str) -> None:
    """Toon alles wat van iemand is vastgelegd, als JSON."""
    with db.transaction(write=False):
        click.echo(json.dumps(personal_data.collect(get_person_by_email(email).id), ensure_ascii=False, indent=1))


@person.command("erase")
@click.argument("email")
@click.confirmation_option(prompt="Dit kan niet ongedaan worden gemaakt. Doorgaan?")
def erase_person(email: str) -> None:
    """Wis wat persoonlijk is; logboek en stemmen blijven heel."""
    with db.transaction():
        personal_data.erase(get_person_by_email(email), None)
    click.echo("De persoonsgegevens zijn gewist.")


@alv.group("meeting")
def meeting() -> None:
    """Vergaderingen."""


@meeting.command("create")
@click.argument("code")
@click.option("--title", required=True)
@click.option("--starts-at", type=Moment(), required=True)
@click.option("--place", default="")
@click.option("--kind", type=click.Choice([k.value for k in MeetingKind]), default="alv")
@click.option("--ends-at", type=Moment(), help="Tot wanneer een ledenraadpleging duurt.")
@click.option("--publishes-itself", is_flag=True, help="Maak de uitslag van een ledenraadpleging vanzelf bekend.")
def create_meeting(
    code: str, title: str, starts_at: datetime, place: str, kind: str, ends_at: datetime | None, publishes_itself: bool
) -> None:
    """Maak een vergadering met de vaste agenda, of een ledenraadpleging."""
    kind_of = MeetingKind(kind)
    with db.transaction():
        made = meetings.create(
            code, title, kind_of, starts_at, place, None, ends_at=ends_at, publishes_itself=publishes_itself
        )
        click.echo(made.code)


for _command in (*meeting_commands.COMMANDS, *announcing_commands.COMMANDS, decisions):
    meeting.add_command(_command)


@alv.group("proposal")
def proposal() -> None:
    """Stukken."""


@proposal.command("import")
@click.argument("meeting_code")
@click.argument("code")
@click.argument("file", type=FILE)
@click.option("--kind", type=click.Choice([k.value for k in ProposalKind]), default="resolution")
@click.option("--publish", "do_publish", is_flag=True)
def import_proposal(meeting_code: str, code: str, file: Path, kind: str, do_publish: bool) -> None:
    """Lees een bestand (docx, odt, pdf, md) als (nieuwe versie van een) stuk."""
    with db.transaction():
        document = proposals.read_text(file.read_bytes(), file.name)
        where = get_meeting(meeting_code)
        try:
            found = get_proposal(where.id, code)
        except Missing:
            found = proposals.create(where, code, ProposalKind(kind), document.title or code, None)
        version = proposals.import_text(found, document, None)
        for remark in document.remarks:
            click.echo(f"let op: {remark.code} {remark.number or ''} {remark.place}".rstrip(), err=True)
        if do_publish:
            proposals.publish(found, None)
        click.echo(f"{found.code} versie {version.number}: {len(version.sections)} onderdelen")


@alv.group("consultation")
def consult() -> None:
    """Consultaties."""


@consult.command("open")
@click.argument("meeting_code")
@click.argument("code")
@click.option("--closes-at", type=Moment(), required=True)
def open_consultation(meeting_code: str, code: str, closes_at: datetime) -> None:
    """Vraag de leden om reacties, tot een moment."""
    with db.transaction():
        consultation.open_consultation(get_proposal(get_meeting(meeting_code).id, code), closes_at, None)


@alv.group("round")
def vote() -> None:
    """Stemrondes."""


for _command in (*COMMANDS, *option_commands.COMMANDS, *way_commands.COMMANDS):
    vote.add_command(_command)


def _chosen(meeting_code: str, numbers: tuple[int, ...], state: RoundState) -> list[Round]:
    found = voting.rounds_of(get_meeting(meeting_code).id)
    chosen = [r for r in found if r.number in numbers] if numbers else [r for r in found if r.state is state]
    if not chosen or len(chosen) < len(numbers):
        raise click.ClickException("Er is geen stemming waarmee dit kan.")
    return chosen


@vote.command("prepare")
@click.argument("meeting_code")
@click.argument("code")
@click.option("--rule", type=click.Choice(sorted(RULES)))
def prepare(meeting_code: str, code: str, rule: str | None) -> None:
    """Maak stemmingen over de amendementen op een stuk, de onderdelen en het geheel."""
    with db.transaction():
        for made in rounds.prepare(get_proposal(get_meeting(meeting_code).id, code), None, rule=rule):
            click.echo(f"{made.number}. {made.title}")


@vote.command("open")
@click.argument("meeting_code")
@click.argument("numbers", type=int, nargs=-1)
@click.option("--closes-at", type=Moment())
@click.option("--anyway", is_flag=True, help="Ook een amendement dat niet meer op de tekst past.")
def open_rounds(meeting_code: str, numbers: tuple[int, ...], closes_at: datetime | None, anyway: bool) -> None:
    """Open stemmingen (zonder nummers: alle die klaarstaan)."""
    with db.transaction():
        chosen = [r.id for r in _chosen(meeting_code, numbers, RoundState.DRAFT)]
        rounds.open_rounds(chosen, None, closes_at=closes_at, anyway=anyway)


@vote.command("close")
@click.argument("meeting_code")
@click.argument("numbers", type=int, nargs=-1)
def close_rounds(meeting_code: str, numbers: tuple[int, ...]) -> None:
    """Sluit stemmingen (zonder nummers: alle die open zijn)."""
    with db.transaction():
        rounds.close([r.id for r in _chosen(meeting_code, numbers, RoundState.OPEN)], None)


@vote.command("tally")
@click.argument("meeting_code")
@click.argument("numbers", type=int, nargs=-1)
def tally_rounds(meeting_code: str, numbers: tuple[int, ...]) -> None:
    """Tel gesloten stemmingen hier en nu; de worker doet dit anders vanzelf."""
    with db.transaction():
        for one in _chosen(meeting_code, numbers, RoundState.CLOSED):
            tally(one.id)


@vote.command("publish")
@click.argument("meeting_code")
@click.argument("numbers", type=int, nargs=-1)
def publish_rounds(meeting_code: str, numbers: tuple[int, ...]) -> None:
    """Maak uitslagen bekend (zonder nummers: alle die geteld zijn)."""
    with db.transaction():
        rounds.publish([r.id for r in _chosen(meeting_code, numbers, RoundState.COUNTED)], None)


@alv.group("result")
def result() -> None:
    """Uitslagen."""


@result.command("show")
@click.argument("meeting_code")
@click.argument("number", type=int, required=False)
@click.option("--json", "as_data", is_flag=True)
@click.option("--locale", type=click.Choice(["nl", "en"]), default="nl")
def show_result(meeting_code: str, number: int | None, as_data: bool, locale: str) -> None:
    """Toon de uitslagen van een vergadering, of alles van één stemming."""
    with db.transaction(write=False):
        where = get_meeting(meeting_code)
        if number is None:
            for each in summaries(list(voting.rounds_of(where.id)), locale):
                click.echo(f"{each.number}. {each.title}: {each.sentence or each.state.value}")
            return
        one = published(voting.get_round(where.id, number))
        found = summary(one, locale)
        if as_data:
            data = as_json(found, subject_of(one), where, "", example=get_association().example)
            click.echo(json.dumps(data, ensure_ascii=False, indent=1))
        else:
            click.echo("\n".join([found.title, found.sentence or "", *found.arithmetic]))


@alv.group("audit")
def log() -> None:
    """Het logboek."""


@log.command("seal")
def seal() -> None:
    """Verzegel wat nog niet verzegeld is."""
    with db.transaction():
        click.echo(f"{audit.seal()} verzegeld")


@log.command("verify")
def verify() -> None:
    """Reken de keten na; een breuk geeft code 1 en het nummer."""
    with db.transaction(write=False):
        broken, sealed, waiting = audit.verify()
    if broken is not None:
        click.echo(f"De keten is gebroken bij regel {broken}.", err=True)
        sys.exit(1)
    click.echo(f"De keten klopt: {sealed} regels verzegeld, {waiting} wachten nog op hun zegel.")


@alv.command("notices")
def show_notices() -> None:
    """Hoeveel berichten er wachten, weg zijn of mislukt."""
    with db.transaction(write=False):
        for state, number in notices.counts().items():
            click.echo(f"{state.value}: {number}")
