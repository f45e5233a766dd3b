"""Grouping reactions by theme, and answering them together or one by one."""

import uuid
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.answering import queries
from vng_alv.audit.service import record
from vng_alv.consultation.models import Answer, Comment, CommentTheme, Consultation, Theme
from vng_alv.consultation.service import MAX_BODY, tidy
from vng_alv.domain import answering as rules
from vng_alv.domain.answering import Moments, Outcome
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Missing, Refused


class EditedMeanwhile(Conflict):
    """A colleague changed the same answer meanwhile; nothing was saved. Holds what stands there now."""

    def __init__(self, name: str, *, title: str = "", body: str, outcome: Outcome | None = None) -> None:
        super().__init__(Refusal.EDITED_MEANWHILE, name=name)
        self.name, self.title, self.body, self.outcome = name, title, body, outcome


class ReactionsChanged(Conflict):
    """Municipalities replaced or took back reactions that were read; nothing was saved. Holds them as they are now."""

    def __init__(self, found: Sequence[Comment]) -> None:
        names = ", ".join(dict.fromkeys(one.member.name for one in found))
        super().__init__(Refusal.REACTIONS_CHANGED, names=names)
        self.replaced = [one for one in found if one.sent_at]
        self.withdrawn = [one for one in found if not one.sent_at]


class Seen(NamedTuple):
    """What somebody who answers a reaction saw of it, as a form carries it."""

    #: When the text in force was sent, which tells it from every other text of the same reaction.
    reaction: str
    #: When its own answer was given; '' where there was none.
    answer: str


def _may(actor: Actor) -> None:
    if not actor.may(Permission.ANSWER):
        raise Refused(Refusal.NOT_ALLOWED)


def make_theme(consultation: Consultation, title: str, actor: Actor) -> Theme:
    """The theme with this title, a new one at the end if there is none. Raises ``Refused``."""
    _may(actor)
    if not title:
        raise Refused(Refusal.NO_THEME)
    if len(title) > rules.MAX_TITLE:
        raise Refused(Refusal.TOO_LARGE)
    found = queries.theme_called(consultation.id, title)
    if found:
        return found
    last = max((theme.position for theme in queries.themes_of(consultation.id)), default=0)
    made = Theme(
        id=uuid.uuid4(), consultation_id=consultation.id, title=title, position=last + 1, answer="", revision=1,
        person_id=actor.id, saved_at=db.now(),
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(made)
            db.session.flush()
    except IntegrityError:  # a colleague made the same one in this very moment
        return make_theme(consultation, title, actor)
    record("theme.make", actor, f"theme:{made.id}", title=title)
    return made


def group(
    consultation: Consultation,
    comment_ids: Sequence[uuid.UUID],
    theme_id: uuid.UUID | None,
    title: str,
    actor: Actor,
    *,
    seen: Moments | None = None,
) -> tuple[Theme, int]:
    """Put reactions under a theme, or under the one with this title; the theme, and how many were not there yet.

    ``seen`` is what the one who groups had read. Raises ``Refused``, ``ReactionsChanged`` where a municipality replaced
    or took back one of these since, and ``Missing`` for what is not of this consultation.
    """
    _may(actor)
    sent = _sent(consultation, comment_ids, seen)
    made = make_theme(consultation, title, actor) if title or theme_id is None else None
    theme = queries.get_theme(consultation.id, made.id if made else theme_id, lock=True)  # type: ignore[arg-type]
    there = {link.comment_id for link in queries.links_of(theme.id)}
    new = [key for key in sent if key not in there]
    if new:
        rows = [{"comment_id": key, "theme_id": theme.id, "person_id": actor.id, "at": db.now()} for key in new]
        db.session.execute(insert(CommentTheme), rows)
        record("theme.group", actor, f"theme:{theme.id}", number=len(new))
    db.session.flush()
    return theme, len(new)


def ungroup(
    consultation: Consultation, comment_ids: Sequence[uuid.UUID], theme_id: uuid.UUID, actor: Actor
) -> tuple[Theme, int]:
    """Take reactions out of a theme; the theme, and how many were there. Raises ``Refused`` and ``Missing``."""
    _may(actor)
    sent = _sent(consultation, comment_ids)
    theme = queries.get_theme(consultation.id, theme_id, lock=True)
    there = {link.comment_id for link in queries.links_of(theme.id)} & set(sent)
    if there:
        db.session.execute(
            delete(CommentTheme).where(CommentTheme.theme_id == theme.id, CommentTheme.comment_id.in_(there))
        )
        record("theme.ungroup", actor, f"theme:{theme.id}", number=len(there))
    db.session.flush()
    return theme, len(there)


def _sent(consultation: Consultation, comment_ids: Sequence[uuid.UUID], seen: Moments | None = None) -> list[uuid.UUID]:
    """Of these the ones in force, each once; what a municipality took back meanwhile is left out.

    With ``seen`` it is refused instead, as what was replaced is, and what the page did not show.
    """
    if not comment_ids:
        raise Refused(Refusal.NOTHING_TICKED)
    found = queries.in_force(comment_ids, consultation.id)
    if set(comment_ids) - found.keys():
        raise Missing("comment")
    if seen is not None:
        _unchanged({key: seen.get(key) for key in comment_ids}, found)
    return [key for key, sent in found.items() if sent]


def _unchanged(seen: Moments, now: Moments) -> None:
    if changed := rules.changed_since(seen, now):
        raise ReactionsChanged(queries.with_members(changed))


def save_theme(
    theme: Theme,
    title: str,
    body: str,
    outcome: Outcome | None,
    revision: int,
    actor: Actor,
    *,
    seen: Moments | None = None,
) -> None:
    """Change title, answer (Markdown) and outcome of a theme; ``revision`` is the one that the writer began from, and
    ``seen`` the reactions under it as the writer had read them.

    Raises ``Refused``, ``EditedMeanwhile``, or ``ReactionsChanged`` where an answer would count for a text that was
    sent since, or where what it answers was taken back.
    """
    body = tidy(body)
    refusal = rules.may_answer_theme(allowed=actor.may(Permission.ANSWER), title=title, body=body, outcome=outcome)
    if refusal:
        raise Refused(refusal)
    if len(body) > MAX_BODY or len(title) > rules.MAX_TITLE:
        raise Refused(Refusal.TOO_LARGE)
    under = queries.under(theme.id, hold=True)
    theme = queries.get_theme(theme.consultation_id, theme.id, lock=True)
    if (title, body, outcome) == (theme.title, theme.answer, theme.outcome):
        return
    if theme.revision != revision:
        raise EditedMeanwhile(theme.person.name, title=theme.title, body=theme.answer, outcome=theme.outcome)
    other = queries.theme_called(theme.consultation_id, title)
    if other and other.id != theme.id:
        raise Conflict(Refusal.THEME_TAKEN)
    if (body, outcome) != (theme.answer, theme.outcome):
        if body:
            _unchanged(seen or {}, under)
        theme.answered_at = db.now() if body else None
    theme.title, theme.answer, theme.outcome = title, body, outcome
    _touch(theme, actor)
    record("theme.change", actor, f"theme:{theme.id}", title=title, answered=bool(body))


def _touch(theme: Theme, actor: Actor) -> None:
    theme.revision += 1
    theme.person_id, theme.saved_at = actor.id, db.now()
    db.session.flush()


def move_theme(theme: Theme, steps: int, actor: Actor) -> None:
    """Bring a theme forward (a negative number of places) or back in the order."""
    _may(actor)
    themes = list(queries.themes_of(theme.consultation_id, lock=True))
    here = next((place for place, one in enumerate(themes) if one.id == theme.id), None)
    if here is None:
        raise Missing("theme")
    to = min(max(0, here + steps), len(themes) - 1)
    themes.insert(to, themes.pop(here))
    for place, one in enumerate(themes, 1):
        one.position = place
    db.session.flush()
    record("theme.move", actor, f"theme:{theme.id}", place=to + 1)


def merge_themes(theme: Theme, into_id: uuid.UUID | None, actor: Actor) -> Theme:
    """Put all that is under a theme under another one, its answer behind the other's, and take it away.

    Raises ``Refused`` and ``Missing``.
    """
    _may(actor)
    if into_id is None or into_id == theme.id:
        raise Refused(Refusal.SAME_THEME)
    themes = {one.id: one for one in queries.themes_of(theme.consultation_id, lock=True)}
    if theme.id not in themes or into_id not in themes:
        raise Missing("theme")
    kept, gone = themes[into_id], themes[theme.id]
    there = {link.comment_id for link in queries.links_of(kept.id)}
    moved = [link for link in queries.links_of(gone.id) if link.comment_id not in there]
    if moved:
        rows = [
            {"comment_id": link.comment_id, "theme_id": kept.id, "person_id": link.person_id, "at": link.at}
            for link in moved
        ]
        db.session.execute(insert(CommentTheme), rows)
    answer = rules.merged_answer(kept.answer, gone.answer)
    if len(answer) > MAX_BODY:
        raise Refused(Refusal.TOO_LARGE)
    if answer != kept.answer:
        kept.answer, kept.outcome = answer, kept.outcome or gone.outcome
    # Nobody read a reaction again for this, so what was sent after the earlier of two answers stays unanswered.
    kept.answered_at = min(filter(None, (kept.answered_at, gone.answered_at)), default=None)
    _touch(kept, actor)
    _remove(gone)
    record("theme.merge", actor, f"theme:{kept.id}", title=gone.title, number=len(moved))
    return kept


def delete_theme(theme: Theme, actor: Actor) -> None:
    """Take away a theme with nothing under it. Raises ``Refused``."""
    theme = queries.get_theme(theme.consultation_id, theme.id, lock=True)
    reactions, _ = queries.counts_of_themes(theme.consultation_id).get(theme.id, (0, 0))
    refusal = rules.may_delete_theme(allowed=actor.may(Permission.ANSWER), reactions=reactions)
    if refusal:
        raise Refused(refusal)
    _remove(theme)
    record("theme.delete", actor, f"theme:{theme.id}", title=theme.title)


def _remove(theme: Theme) -> None:
    db.session.execute(delete(CommentTheme).where(CommentTheme.theme_id == theme.id))
    db.session.delete(theme)
    db.session.flush()


def answer_one(comment: Comment, body: str, seen: Seen, actor: Actor) -> Answer:
    """Answer one reaction by itself, or change that answer; ``seen`` is what the writer saw there (see ``seen_of``).

    Raises ``Refused``, ``Conflict(REACTION_REPLACED)`` where the municipality sent another text since, or
    ``EditedMeanwhile``; and ``Missing`` where nothing is in force any more.
    """
    comment = queries.get_sent(comment.consultation_id, comment.id, lock=True)
    there, stands, body = comment.answer, seen_of(comment), tidy(body)
    refusal = rules.may_answer(allowed=actor.may(Permission.ANSWER), read=seen.reaction == stands.reaction, body=body)
    if refusal is Refusal.REACTION_REPLACED:
        raise Conflict(refusal, name=comment.member.name)
    if refusal:
        raise Refused(refusal)
    if len(body) > MAX_BODY:
        raise Refused(Refusal.TOO_LARGE)
    if there and seen.answer != stands.answer and there.body != body:
        raise EditedMeanwhile(db.session.get_one(Person, there.person_id).name, body=there.body)
    now = db.now()
    if there is None:
        there = comment.answer = Answer(comment_id=comment.id, body=body, person_id=actor.id, answered_at=now)
    else:
        there.body, there.person_id, there.answered_at = body, actor.id, now
    db.session.flush()
    record("comment.answer", actor, f"comment:{comment.id}", member_id=comment.member_id)
    return there


def seen_of(comment: Comment) -> Seen:
    """What stands at a reaction now."""
    sent, own = comment.sent_at, comment.answer
    return Seen(sent.isoformat() if sent else "", own.answered_at.isoformat() if own else "")
