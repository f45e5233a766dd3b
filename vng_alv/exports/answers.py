"""What was said in a consultation and what was answered, as the facts of the report."""

from flask_babel import gettext as _

from vng_alv.answering.forms import OUTCOMES
from vng_alv.answering.report import Chapter, Said, report
from vng_alv.consultation.models import Consultation, Position
from vng_alv.domain.answering import Given
from vng_alv.exports.answers_report import AnswersReport, Reaction, Theme
from vng_alv.members.queries import get_association


def report_of(consultation: Consultation) -> AnswersReport:
    """The report on a consultation as it stands now, in the language of the request."""
    found, association = report(consultation), get_association()
    return AnswersReport(
        title=_("Nota van beantwoording"),
        association=association.name,
        meeting=found.meeting,
        text=f"{consultation.proposal.code}. {found.title}",
        example=association.example,
        themes=tuple(_theme(chapter) for chapter in found.chapters),
        reactions=tuple(_reaction(said) for said in found.all),
    )


def _theme(chapter: Chapter) -> Theme:
    members = sorted({said.municipality for said in chapter.said})
    sections = dict.fromkeys(said.section for said in chapter.said if said.section)
    outcome = str(OUTCOMES[chapter.outcome]) if chapter.outcome and chapter.answer else ""
    return Theme(chapter.title, outcome, chapter.answer, tuple(members), tuple(sections))


def _reaction(said: Said) -> Reaction:
    own = next((one.body for one in said.answers if not one.theme), "")
    return Reaction(
        said.municipality,
        said.section,
        _stand(said.position),
        said.words,
        "; ".join(said.themes),
        "; ".join(dict.fromkeys(_outcome(one) for one in said.answers)),
        own,
    )


def _outcome(answer: Given) -> str:
    return str(OUTCOMES[answer.outcome]) if answer.outcome else str(_("beantwoord"))


def _stand(position: Position | None) -> str:
    match position:
        case Position.AGREE:
            return str(_("eens"))
        case Position.AGREE_IF:
            return str(_("eens, mits"))
        case Position.DISAGREE:
            return str(_("oneens"))
        case None:
            return ""
