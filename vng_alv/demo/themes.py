"""The themes of the demo's consultation, with their answers."""

import json
import uuid
from datetime import timedelta
from pathlib import Path

from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.consultation.models import Comment, CommentTheme, Consultation, Theme
from vng_alv.domain.answering import Outcome

DATA = Path(__file__).parent / "data"


def group_by_theme(consultation: Consultation, sent_by: dict[str, Comment], secretariat: Person) -> None:
    """What the secretariat answered to several reactions at once; ``sent_by`` has keys such as 'GM0088 C1'."""
    answered = consultation.closes_at + timedelta(days=4)
    for position, row in enumerate(json.loads((DATA / "themas.json").read_text(encoding="utf-8")), 1):
        theme = Theme(
            id=uuid.uuid4(),
            consultation_id=consultation.id,
            title=row["titel"],
            position=position,
            answer=row["antwoord"],
            outcome=Outcome(row["uitkomst"]) if row["uitkomst"] else None,
            answered_at=answered if row["antwoord"] else None,
            person_id=secretariat.id,
            saved_at=answered,
        )
        db.session.add(theme)
        db.session.flush()
        db.session.add_all(
            CommentTheme(comment_id=sent_by[key].id, theme_id=theme.id, person_id=secretariat.id, at=answered)
            for key in row["reacties"]
        )
    db.session.flush()
