"""A version before it is published: what is recognised, what a person confirms, and what a correction keeps."""

import uuid

import pytest

from tests import factories
from tests.web.second_steps import logged
from vng_alv import db
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.sections import Recognition
from vng_alv.errors import Conflict, Missing, Refused
from vng_alv.meetings.models import Meeting
from vng_alv.proposals import drafting, queries, service
from vng_alv.proposals.markdown import parse
from vng_alv.proposals.models import Proposal, ProposalKind, Version, VersionKind

FIRST = """# Plan

### A1. Wonen

Gemeenten bouwen honderd huizen in ieder dorp van het land.

### A2. Werken

Gemeenten helpen iedereen die werk zoekt aan een baan dichtbij huis.

### A3. Varen

De boot naar het eiland vaart elke dag, ook op zondag.
"""
#: A1 has other words of the same kind under another heading, A2 stays, A3 makes way for something else.
SECOND = """# Plan

### A1. Huizen

Gemeenten bouwen tweehonderd huizen in ieder dorp van het land.

### A2. Werken

Gemeenten helpen iedereen die werk zoekt aan een baan dichtbij huis.

### A3. Belasting

Wie een hond heeft, betaalt daarvoor niets meer.
"""


@pytest.fixture
def proposal(database: str) -> Proposal:
    """A text with its first version, published, and a second one that was read in."""
    with db.transaction():
        factories.association()
        meeting: Meeting = factories.meeting()
        made = service.create(meeting, "R1", ProposalKind.RESOLUTION, "Plan", None)
        service.import_text(made, parse(FIRST), None)
        service.publish(made, None)
        service.import_text(made, parse(SECOND), None, file_name="plan.docx", kind=VersionKind.FINAL)
    return made


def versions(proposal: Proposal) -> tuple[Version, Version]:
    """The published version and the one in preparation."""
    found = queries.get_proposal(proposal.meeting_id, proposal.code)
    earlier, draft = queries.published(found), queries.draft(found)
    assert earlier is not None
    assert draft is not None
    return earlier, draft


def keys(version: Version) -> list[uuid.UUID]:
    return [s.section_id for s in queries.sections_of(version.id)]


def how(version: Version) -> list[Recognition]:
    return [s.recognition for s in queries.sections_of(version.id)]


def test_what_is_only_alike_must_be_confirmed_before_publishing(proposal: Proposal) -> None:
    with db.transaction():
        earlier, draft = versions(proposal)
        assert how(draft) == [Recognition.ALIKE, Recognition.SAME, Recognition.NEW]
        assert keys(draft)[:2] == keys(earlier)[:2]
        with pytest.raises(Refused) as refused:
            service.publish(draft.proposal, None)
        assert refused.value.refusal is Refusal.NOT_CONFIRMED
        assert refused.value.facts["numbers"] == "A1"
        drafting.recognise(draft.proposal, {1: keys(earlier)[0]}, draft.text_hash, None)
    with db.transaction():
        _, draft = versions(proposal)
        assert how(draft) == [Recognition.CHOSEN, Recognition.SAME, Recognition.NEW]
        assert service.publish(draft.proposal, None).kind is VersionKind.FINAL


def test_a_person_may_say_that_it_is_new_or_another_one(proposal: Proposal) -> None:
    with db.transaction():
        earlier, draft = versions(proposal)
        wonen, werken, varen = keys(earlier)
        drafting.recognise(draft.proposal, {1: None, 3: varen}, draft.text_hash, None)
    with db.transaction(write=False):
        _, draft = versions(proposal)
        assert how(draft) == [Recognition.NEW, Recognition.SAME, Recognition.CHOSEN]
        assert keys(draft)[0] not in {wonen, werken, varen}
        assert keys(draft)[1:] == [werken, varen]
        assert draft.file_name == "plan.docx"


def test_two_sections_never_continue_the_same_one(proposal: Proposal) -> None:
    with db.transaction():
        earlier, draft = versions(proposal)
        with pytest.raises(Refused) as refused:
            drafting.recognise(draft.proposal, {1: keys(earlier)[1]}, draft.text_hash, None)
        assert refused.value.refusal is Refusal.CHOSEN_TWICE
        assert refused.value.facts["numbers"] == "A2"
        with pytest.raises(Missing):
            drafting.recognise(draft.proposal, {1: uuid.uuid4()}, draft.text_hash, None)


def test_a_correction_keeps_what_was_said_of_each_section(proposal: Proposal) -> None:
    with db.transaction():
        earlier, draft = versions(proposal)
        drafting.recognise(draft.proposal, {1: keys(earlier)[0]}, draft.text_hash, None)
    with db.transaction():
        _, draft = versions(proposal)
        before = keys(draft)
        text = drafting.markdown_of(draft).replace("tweehonderd", "driehonderd").replace("A3. Belasting", "A3. Honden")
        drafting.correct(draft.proposal, parse(text + "\n\n## A4. Erbij\n\nNog iets.\n"), draft.text_hash, None)
    with db.transaction(write=False):
        _, draft = versions(proposal)
        assert keys(draft)[:3] == before
        assert how(draft) == [Recognition.CHOSEN, Recognition.SAME, Recognition.NEW, Recognition.NEW]
        assert "driehonderd" in queries.sections_of(draft.id)[0].body
        assert (draft.kind, draft.file_name) == (VersionKind.FINAL, "plan.docx")
    for act in ("version.recognise", "version.correct"):
        assert [entry.data["number"] for entry in logged(act)] == [draft.number], act


def test_a_correction_of_an_older_text_is_refused(proposal: Proposal) -> None:
    with db.transaction():
        _, draft = versions(proposal)
        seen = draft.text_hash
        drafting.correct(draft.proposal, parse(SECOND.replace("hond", "kat")), seen, None)
    with db.transaction():
        _, draft = versions(proposal)
        for act in (
            lambda: drafting.correct(draft.proposal, parse(FIRST), seen, None),
            lambda: drafting.recognise(draft.proposal, {1: None}, seen, None),
        ):
            with pytest.raises(Conflict) as refused:
                act()
            assert refused.value.refusal is Refusal.DRAFT_STALE
        assert "kat" in queries.sections_of(draft.id)[2].body


def test_a_version_written_as_markdown_reads_back_as_itself(proposal: Proposal) -> None:
    with db.transaction():
        _, draft = versions(proposal)
        hash_, before = draft.text_hash, keys(draft)
        drafting.correct(draft.proposal, parse(drafting.markdown_of(draft)), hash_, None)
    with db.transaction(write=False):
        _, draft = versions(proposal)
        assert draft.text_hash == hash_
        assert keys(draft) == before
