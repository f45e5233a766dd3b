"""The archive of a meeting holds what is public and says of each file what it is (docs/formats.md)."""

import hashlib
import json
import subprocess
import time
import uuid
import zipfile
from datetime import timedelta
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from tests import factories
from tests.conftest import settings_for
from tests.database.secret_desk import SecretDesk, voted
from tests.verify.programs import in_python
from tests.web.site import amend, bring_motion
from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.audit import service as audit
from vng_alv.audit.models import AuditEntry
from vng_alv.cli import alv
from vng_alv.convening import service as convening
from vng_alv.domain.consultation import FileKind
from vng_alv.domain.figures import Part, Turnout
from vng_alv.domain.permissions import Role
from vng_alv.domain.submissions import SubmissionState
from vng_alv.exports.meeting_archive import write
from vng_alv.meetings import minutes
from vng_alv.meetings.models import Meeting
from vng_alv.proposals import service as proposals
from vng_alv.proposals.models import Proposal, ProposalKind
from vng_alv.results.figures import all_figures
from vng_alv.signing import service as signing
from vng_alv.voting import service, timing
from vng_alv.voting.cast import cast
from vng_alv.voting.models import Round
from vng_alv.voting.tally import tally

NEW = "# Een besluit\n\nWij besluiten dit samen.\n\n## Deel A\n\n### A1. Wonen\n\nWij bouwen veel meer.\n"
ORIGINAL = b"%PDF-1.7 zoals het kwam\r\n\x00\xff"
#: Nothing of these may be in it anywhere.
HIDDEN = ("Nog niet bekend", "Proefvraag", "voorzitter", "@test.example", "%PDF- nog geheim", "%PDF- ingetrokken",
          "Moet nog komen")  # fmt: skip


@pytest.fixture
def held(database: str, tmp_path: Path) -> Path:
    """A meeting with a bit of everything, pronounced and not; a file to write its archive to."""
    desk = voted(SecretDesk([40_000] * 12), *["1"] * 7, *["2"] * 4)
    desk.count()
    desk.publish()
    world, chair = desk.world, desk.chair
    key = world.meeting.id
    with db.transaction():
        staff = factories.actor("secretariaat", Role.SECRETARIAT)
        meeting = db.session.get_one(Meeting, key)
        meeting.amendments_until = db.now() + timedelta(days=1)
        text = db.session.get_one(Proposal, world.rounds[0].proposal_id)
        clerk = db.session.scalars(select(Person).where(Person.id == world.delegates[0].id)).one()
        amend(text, db.session.merge(world.members[0]), clerk, submit=True)
        bring_motion(meeting, db.session.merge(world.members[0]), clerk, SubmissionState.SUBMITTED)
        proposals.import_text(text, proposals.read_text(NEW.encode()), None)
        proposals.publish(text, None)
        factories.document(meeting, staff, ORIGINAL)
        convening.convene(meeting, "Kom allen.", staff, late=True)
        convening.add_document(
            meeting, "Moet nog komen", "later.pdf", b"%PDF- nog geheim", FileKind.PDF, db.now() + timedelta(days=1),
            staff,
        )  # fmt: skip
        gone = convening.add_document(meeting, "Weg", "weg.pdf", b"%PDF- ingetrokken", FileKind.PDF, None, staff)
        convening.withdraw(meeting, gone.id, "Een vergissing.", staff)
        minutes.publish(meeting, "notulen.pdf", b"%PDF- wat er gezegd is", FileKind.PDF, staff)
        timing.rehearse(meeting, chair)
        shown, hidden = (
            factories.proposal(meeting, f"# {title}\n\n## 1. Slot\n\nGoed.\n", code, ProposalKind.PROPOSAL)
            for title, code in (("Jaarrekening", "V1"), ("Later", "V2"))
        )
        ids = [one.id for text in (shown, hidden) for one in service.prepare(text, chair)]
        db.session.get_one(Round, ids[1]).title = "Nog niet bekend"
        service.open_rounds(ids, chair)
    for who in (0, 1, 2):
        with db.transaction(write=False):
            cast("alv", world.members[who].code, dict.fromkeys(ids, "for"), uuid.uuid4(), world.delegates[who])
    with db.transaction():
        service.close(ids, chair)
        for one in ids:
            tally(one)
        service.publish(ids[:1], chair)
        audit.seal()
    return tmp_path / "alv.zip"


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as pack:
        return {name: pack.read(name) for name in pack.namelist()}


#: The elements of MDTO 1.0.1 in their order; those in capitals have to be there.
OBJECT = ("IDENTIFICATIE", "NAAM", "aggregatieniveau", "classificatie", "trefwoord", "omschrijving", "raadpleeglocatie",
          "dekkingInTijd", "dekkingInRuimte", "taal", "event", "WAARDERING", "bewaartermijn", "informatiecategorie",
          "isOnderdeelVan", "bevatOnderdeel", "heeftRepresentatie", "aanvullendeMetagegevens",
          "gerelateerdInformatieobject", "ARCHIEFVORMER", "betrokkene", "activiteit", "BEPERKINGGEBRUIK")  # fmt: skip
FILE = ("IDENTIFICATIE", "NAAM", "OMVANG", "BESTANDSFORMAAT", "CHECKSUM", "URLBestand", "ISREPRESENTATIEVAN")
INSIDE = {
    "MDTO": ("informatieobject", "bestand"),
    "informatieobject": OBJECT,
    "bestand": FILE,
    **dict.fromkeys(("identificatie", "verwijzingIdentificatie"), ("IDENTIFICATIEKENMERK", "IDENTIFICATIEBRON")),
    "checksum": ("CHECKSUMALGORITME", "CHECKSUMWAARDE", "CHECKSUMDATUM"),
    "dekkingInTijd": ("DEKKINGINTIJDTYPE", "DEKKINGINTIJDBEGINDATUM", "dekkingInTijdEinddatum"),
    "beperkingGebruik": ("BEPERKINGGEBRUIKTYPE", "beperkingGebruikNadereBeschrijving"),
    **dict.fromkeys(
        ("aggregatieniveau", "classificatie", "waardering", "bestandsformaat", "checksumAlgoritme",
         "dekkingInTijdType", "beperkingGebruikType"),
        ("BEGRIPLABEL", "begripCode", "BEGRIPBEGRIPPENLIJST"),
    ),
    **dict.fromkeys(
        ("begripBegrippenlijst", "isOnderdeelVan", "bevatOnderdeel", "heeftRepresentatie", "archiefvormer",
         "isRepresentatieVan", "dekkingInRuimte"),
        ("VERWIJZINGNAAM", "verwijzingIdentificatie"),
    ),
}  # fmt: skip


def faults(element: Element) -> list[str]:
    """What the standard has against an element and all in it."""
    name, inside = element.tag.partition("}")[2], [child.tag.partition("}")[2].lower() for child in element]
    if name not in INSIDE:
        return [] if not inside and (element.text or "").strip() else [f"{name} is empty, or has parts"]
    places = [word.lower() for word in INSIDE[name]]
    wrong = [f"{one} in {name}" for one in inside if one not in places]
    wrong += [f"{name} has no {one}" for one in INSIDE[name] if one.isupper() and one.lower() not in inside]
    found = [places.index(one) for one in inside if one in places]
    wrong += [f"{name} is out of order"] if found != sorted(found) else []
    return wrong + [fault for child in element for fault in faults(child)]


def has_metadata(found: dict[str, bytes]) -> None:
    """Each file, each document and the whole are described, and point at each other."""
    metadata = {path: fromstring(content) for path, content in found.items() if path.endswith(".xml")}
    assert {path: wrong for path, root in metadata.items() if (wrong := faults(root))} == {}
    ns = {"m": "https://www.nationaalarchief.nl/mdto"}
    assert all(root.tag == "{https://www.nationaalarchief.nl/mdto}MDTO" for root in metadata.values())
    files = {path for path in found if not path.endswith(".xml") and not path.startswith("manifest")}
    assert {path.removesuffix(".bestand.mdto.xml") for path in metadata if ".bestand." in path} == files
    for path in files:
        root = metadata[f"{path}.bestand.mdto.xml"]
        assert root.findtext(".//m:omvang", None, ns) == str(len(found[path]))
        assert root.findtext(".//m:checksumWaarde", None, ns) == hashlib.sha256(found[path]).hexdigest()
        of = root.findtext(".//m:isRepresentatieVan//m:identificatieKenmerk", "", ns).removeprefix("alv/")
        represented = metadata[f"{of}.mdto.xml"].findall(".//m:heeftRepresentatie//m:identificatieKenmerk", ns)
        assert f"alv/{path}" in [one.text for one in represented]
    whole = metadata["dossier.mdto.xml"]
    parts = {one.text for one in whole.findall(".//m:bevatOnderdeel//m:identificatieKenmerk", ns)}
    assert parts == {f"alv/{path.rpartition('.')[0]}" for path in files}
    assert whole.findtext(".//m:archiefvormer/m:verwijzingNaam", None, ns) == "Vereniging van Nederlandse Gemeenten"


def test_the_manifest_and_the_metadata_say_what_is_in_it(
    held: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[int, int]] = []
    where = signing.place("", tmp_path)
    with db.transaction():
        signing.prepare(where, None)
    size, sha256 = write(held, "alv", where, lambda done, total: heard.append((done, total)))
    assert (size, sha256) == (held.stat().st_size, hashlib.sha256(held.read_bytes()).hexdigest())
    assert heard == [(number, heard[0][1]) for number in range(heard[0][1] + 1)]
    found = contents(held)
    manifest = json.loads(found["manifest.json"])
    assert {row["path"]: (row["bytes"], row["sha256"]) for row in manifest["files"]} == {
        path: (len(content), hashlib.sha256(content).hexdigest())
        for path, content in found.items()
        if path not in {"manifest.json", "manifest-sha256.txt"}
    }
    assert all(row["type"] and row["about"] for row in manifest["files"])
    with zipfile.ZipFile(held) as pack:
        pack.extractall(tmp_path / "uit")
    checked = subprocess.run(
        ["sha256sum", "-c", "--strict", "manifest-sha256.txt"], cwd=tmp_path / "uit", capture_output=True, check=True
    )
    assert checked.stdout.count(b": OK") == len(found) - 1
    has_metadata(found)
    # Another making, by another clock, is the same to the byte.
    again = tmp_path / "nog-eens.zip"
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(1_000_000_000))
    assert write(again, "alv", where, lambda *_: None) == (size, sha256)
    # What was voted can be counted again from it alone; of the secret vote it does not say who took part.
    bundles = {path: json.loads(content) for path, content in found.items() if path.endswith("-bundel.json")}
    assert set(bundles) == {"uitslagen/stemming-005-bundel.json"}
    assert in_python(list(bundles.values())) == [[]]


def test_it_holds_what_is_public_and_nothing_else(held: Path, database: str, tmp_path: Path) -> None:
    here = settings_for(database, tmp_path)
    told = CliRunner().invoke(alv, ["meeting", "archive", "alv", "--to", str(held)], obj=here)
    assert told.exit_code == 0, told.output
    sha256 = hashlib.sha256(held.read_bytes()).hexdigest()
    assert told.output.splitlines()[-1] == f"{held}: {held.stat().st_size} bytes, sha256 {sha256}"
    with db.transaction(write=False):
        (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "meeting.archived"))
    assert entry.data == {"size": held.stat().st_size, "sha256": sha256}
    found = contents(held)
    kept = {path for path in found if not path.endswith(".mdto.xml")}
    lists = {f"{name}.{form}" for name in ("besluitenlijst", "uitslagenlijst") for form in
             ("pdf", "docx", "xlsx", "csv", "json")}  # fmt: skip
    assert kept == lists | {
        "manifest.json", "manifest-sha256.txt", "logboek.json", "convocatie.pdf", "convocatie.json",
        "vergaderset.pdf", "vergaderset/inhoud.csv", "vergaderset/inhoud.json",
        "vergaderset/stukken/r1-een-besluit.pdf", "vergaderset/stukken/r1-een-besluit.md",
        "vergaderset/stukken/v1-jaarrekening.pdf", "vergaderset/stukken/v1-jaarrekening.md",
        "vergaderset/stukken/v2-later.pdf", "vergaderset/stukken/v2-later.md",
        "vergaderset/amendementen/amendementen-op-r1.pdf", "vergaderset/amendementen/amendementen-op-r1.md",
        "vergaderset/moties/m1-motie-submitted-van-gm0001.pdf", "vergaderset/moties/m1-motie-submitted-van-gm0001.md",
        "eerdere-versies/r1-versie-1.pdf", "eerdere-versies/r1-versie-1.md",
        "documenten/001-notulen.pdf", "notulen/versie-1.pdf",
        "narekenen/verify-html/verify.html", "narekenen/verify-py/verify.py",
        "uitslagen/stemming-004.json", "uitslagen/stemming-005.json", "uitslagen/stemming-005.csv",
    }  # fmt: skip
    assert found["documenten/001-notulen.pdf"] == ORIGINAL
    assert "Wij bouwen." in found["eerdere-versies/r1-versie-1.md"].decode()
    secret, result = (json.loads(found[f"uitslagen/stemming-{number}.json"]) for number in ("004", "005"))
    assert secret["votes"] == []
    assert {key: one["votes"] for key, one in secret["sums"].items()}["1"] == 280
    assert len(result["votes"]) == 12
    assert result["sums"]["for"]["votes"] == 120
    log = json.loads(found["logboek.json"])["entries"]
    rounds = {one["about"] for one in log if one["act"].startswith("round.")}
    assert rounds == {"stemming 4", "stemming 5"}
    assert all(len(one["hash"]) == 64 and set(one) == {"at", "act", "about", "data", "number", "hash"} for one in log)
    assert not any({"weight", "members", "options"} & set(one["data"]) for one in log)
    text = b"\n".join(content for path, content in found.items() if not path.endswith((".docx", ".xlsx"))).decode(
        errors="replace"
    )
    assert [word for word in HIDDEN if word in text] == []
    with db.transaction(write=False):
        people = [str(one.id) for one in db.session.scalars(select(Person))]
    assert [key for key in people if key in text] == []
    # Nor is anything else in the figures over meetings.
    with db.transaction(write=False):
        figures = all_figures().meetings["alv"]
    assert (figures.rounds, figures.adopted, figures.turnout) == (1, 1, Turnout(Part(3, 12), Part(120, 480)))
