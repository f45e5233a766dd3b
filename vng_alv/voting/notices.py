"""The facts that mails about votes are made from; the numbers come from the one read model."""

import uuid
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from vng_alv.accounts.links import link_token
from vng_alv.accounts.models import Person
from vng_alv.accounts.queries import find_newest_invitation
from vng_alv.accounts.service import invitation_token
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.queries import get_association
from vng_alv.notifications.mail import Sender, compose
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.voting import queries
from vng_alv.voting.summary import summaries


def facts(notice: Notice, person: Person, base_url: str, secret: str) -> dict[str, Any]:
    """What the templates of this kind need beside the notice's own context."""
    context = notice.context
    match notice.kind:
        case NoticeKind.INVITATION | NoticeKind.INVITATION_REMINDER:
            invitation = find_newest_invitation(person.id)
            if invitation is None:
                raise LookupError("the invitation was taken back")
            token = invitation_token(invitation.id, secret)
            return {"link": f"{base_url}/uitnodiging/{token}", "expires_at": invitation.expires_at.isoformat()}
        case NoticeKind.RESET_PASSWORD:
            return {"link": f"{base_url}/wachtwoord/{link_token(uuid.UUID(context['link_id']), secret)}"}
        case NoticeKind.LEAVE_ADDRESS | NoticeKind.TAKE_ADDRESS:
            key = context["link_id"]
            return {"link": key and f"{base_url}/adres/{link_token(uuid.UUID(key), secret)}"}
        case NoticeKind.SIGN_IN_CHANGED | NoticeKind.NEW_DEVICE:
            return {"link": f"{base_url}/account"}
        case NoticeKind.MANDATE_GIVEN | NoticeKind.MANDATE_ENDED | NoticeKind.SUPPLEMENT | NoticeKind.CONVOCATION:
            called = "/convocatie" if notice.kind is NoticeKind.CONVOCATION else ""
            return {"link": f"{base_url}/vergaderingen/{context['meeting']}{called}"}
        case NoticeKind.OFFICE_GIVEN | NoticeKind.MANDATE_REMINDER:
            return {"link": f"{base_url}/gemeente/{context['code']}"}
        case NoticeKind.CONSULTATION_OPENED | NoticeKind.REACTION_REMINDER:
            return {"link": f"{base_url}/vergaderingen/{context['meeting']}/stukken/{context['proposal']}"}
        case NoticeKind.CO_SUBMITTER_ASKED | NoticeKind.SUBMISSION_NEWS:
            where = "moties" if context["submission_kind"] == "motion" else "amendementen"
            return {"link": f"{base_url}/{where}/{context['submission']}"}
        case NoticeKind.VOTE_OPENED | NoticeKind.VOTE_REMINDER:
            rehearsal = context.get("rehearsal", False)
            link = f"{base_url}/stemmen/{context['meeting']}" + ("?proef=1" if rehearsal else "")
            return {"link": link, "rehearsal": rehearsal, "advice": context.get("advice", False)}
        case NoticeKind.RECEIPT:
            # The mail carries the code and what was voted on, never the choice: mail is read by others too.
            rounds = [r for _, r, _, _ in queries.receipt_lines(context["receipt"])]
            return {
                "link": f"{base_url}/stembewijs/{context['receipt']}",
                "lines": [f"{r.label}. {r.title}" for r in rounds],
                "rehearsal": any(r.rehearsal for r in rounds),
            }
        case NoticeKind.RESULT:
            meeting = get_meeting(context["meeting"])
            rounds = [r for r in queries.rounds_of(meeting.id) if r.number in context["rounds"]]
            return {
                "link": f"{base_url}/vergaderingen/{meeting.code}/uitslagen",
                "advice": meeting.is_written,
                "voted": not all(r.is_acclaimed for r in rounds),
                "results": [(s.number, s.title, s.sentence or "") for s in summaries(rounds, person.locale)],
            }


def composer(base_url: str, mail_from: str, secret: str) -> Callable[[Notice, Person], EmailMessage]:
    """A function that makes a notice into a mail of this association and site."""
    association = get_association()
    sender = Sender(association.name, mail_from, association.phone, base_url, association.example)

    def make(notice: Notice, person: Person) -> EmailMessage:
        return compose(notice, person, sender, facts(notice, person, base_url, secret))

    return make
