"""All tables of all features, for whoever needs the whole schema: migrations, and the terminal."""

from vng_alv.accounts import models as accounts
from vng_alv.amendments import models as amendments
from vng_alv.audit import models as audit
from vng_alv.consultation import models as consultation
from vng_alv.convening import models as convening
from vng_alv.meetings import announcements, archives, checklist, minutes, registering
from vng_alv.meetings import models as meetings
from vng_alv.members import models as members
from vng_alv.motions import models as motions
from vng_alv.notifications import models as notifications
from vng_alv.proposals import models as proposals
from vng_alv.signing import models as signing
from vng_alv.submissions import models as submissions
from vng_alv.voting import blocks, noted
from vng_alv.voting import models as voting
from vng_alv.voting import paper_models as paper
from vng_alv.voting import preparing_models as preparing
from vng_alv.voting import secret_models as secret

__all__ = [
    "accounts", "amendments", "announcements", "archives", "audit", "blocks", "checklist", "consultation", "convening",
    "meetings", "members", "minutes", "motions", "noted", "notifications", "paper", "preparing", "proposals",
    "registering", "secret", "signing", "submissions", "voting",
]  # fmt: skip
