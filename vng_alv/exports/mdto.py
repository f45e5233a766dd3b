"""MDTO 1.0.1, the Dutch standard for metadata of what is kept: a meeting as a *dossier*, each document in it as an
*archiefstuk*, and each file with its size and checksum (https://www.nationaalarchief.nl/archiveren/mdto)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from vng_alv.domain.clock import day_of
from vng_alv.exports.trees import tidy

NAMESPACE = "https://www.nationaalarchief.nl/mdto"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
#: Lists of concepts that the standard itself has no names for.
_OWN = "vng-alv"


@dataclass(frozen=True)
class Thing:
    """Something with metadata: its key within what this installation archives, and its name."""

    key: str
    name: str


@dataclass(frozen=True)
class Keeping:
    """What all objects of one archive share. ``since`` is when the meeting began, ``until`` when it ended (None:
    on that day)."""

    association: str
    source: str
    kind: str
    since: datetime
    until: datetime | None
    place: str
    #: Whether all of it is invented.
    example: bool


def dossier(one: Thing, keeping: Keeping, parts: Sequence[Thing]) -> bytes:
    """The meeting as a whole."""
    return _object(one, keeping, "Dossier", part_of=None, parts=parts)


def document(one: Thing, keeping: Keeping, whole: Thing, files: Sequence[Thing]) -> bytes:
    """One document of it, which each of its files represents."""
    return _object(one, keeping, "Archiefstuk", part_of=whole, files=files)


def file(one: Thing, keeping: Keeping, of: Thing, content: tuple[int, str, str], at: datetime) -> bytes:
    """One file: its size in bytes, its media type and its SHA-256, as they were at a moment."""
    size, mimetype, sha256 = content
    root, made = _begin("bestand", one, keeping)
    _text(made, "omvang", str(size))
    _concept(made, "bestandsformaat", mimetype, mimetype, "IANA Media Types")
    checksum = SubElement(made, "checksum")
    _concept(checksum, "checksumAlgoritme", "SHA-256", "", "Begrippenlijst ChecksumAlgoritme MDTO")
    _text(checksum, "checksumWaarde", sha256)
    _text(checksum, "checksumDatum", at.isoformat(timespec="seconds"))
    _reference(made, "isRepresentatieVan", of, keeping)
    return _end(root)


def _object(
    one: Thing, keeping: Keeping, level: str, *, part_of: Thing | None, parts: Iterable[Thing] = (),
    files: Iterable[Thing] = (),
) -> bytes:  # fmt: skip
    """An *informatieobject*, with its elements in the order of the standard."""
    root, made = _begin("informatieobject", one, keeping)
    _concept(made, "aggregatieniveau", level, "", "Begrippenlijst Aggregatieniveaus MDTO")
    _concept(made, "classificatie", keeping.kind, "", f"Soorten vergaderingen ({_OWN})")
    if keeping.example:
        _text(made, "omschrijving", "Voorbeeld: alles hierin is verzonnen.")
    span = SubElement(made, "dekkingInTijd")
    _concept(span, "dekkingInTijdType", "Vergadering", "", f"Dekking in tijd ({_OWN})")
    _text(span, "dekkingInTijdBegindatum", day_of(keeping.since).isoformat())
    _text(span, "dekkingInTijdEinddatum", day_of(keeping.until or keeping.since).isoformat())
    if keeping.place:
        _text(SubElement(made, "dekkingInRuimte"), "verwijzingNaam", keeping.place)
    _text(made, "taal", "nl")
    _concept(made, "waardering", "Blijvend te bewaren", "B", "Begrippenlijst Waarderingen MDTO")
    if part_of:
        _reference(made, "isOnderdeelVan", part_of, keeping)
    for part in parts:
        _reference(made, "bevatOnderdeel", part, keeping)
    for each in files:
        _reference(made, "heeftRepresentatie", each, keeping)
    _text(SubElement(made, "archiefvormer"), "verwijzingNaam", keeping.association)
    limit = SubElement(made, "beperkingGebruik")
    _concept(limit, "beperkingGebruikType", "Openbaar", "openbaar", f"Openbaarheid ({_OWN})")
    return _end(root)


def _begin(kind: str, one: Thing, keeping: Keeping) -> tuple[Element, Element]:
    place = f"{NAMESPACE} {NAMESPACE}/MDTO-XML1.0.1.xsd"
    root = Element("MDTO", {"xmlns": NAMESPACE, "xmlns:xsi": _XSI, "xsi:schemaLocation": place})
    made = SubElement(root, kind)
    _identity(SubElement(made, "identificatie"), one, keeping)
    _text(made, "naam", one.name)
    return root, made


def _identity(under: Element, one: Thing, keeping: Keeping) -> None:
    _text(under, "identificatieKenmerk", one.key)
    _text(under, "identificatieBron", keeping.source)


def _text(under: Element, name: str, said: str) -> None:
    SubElement(under, name).text = tidy(said)


def _concept(under: Element, name: str, label: str, code: str, listed: str) -> None:
    made = SubElement(under, name)
    _text(made, "begripLabel", label)
    if code:
        _text(made, "begripCode", code)
    _text(SubElement(made, "begripBegrippenlijst"), "verwijzingNaam", listed)


def _reference(under: Element, name: str, to: Thing, keeping: Keeping) -> None:
    made = SubElement(under, name)
    _text(made, "verwijzingNaam", to.name)
    _identity(SubElement(made, "verwijzingIdentificatie"), to, keeping)


def _end(root: Element) -> bytes:
    indent(root, "\t")
    made: bytes = tostring(root, "utf-8", xml_declaration=True)
    return made + b"\n"
