"""All tables of all features, for whoever needs the whole schema: migrations, and the terminal."""

from vng_alv.accounts import models as accounts
from vng_alv.audit import models as audit
from vng_alv.consultation import models as consultation
from vng_alv.meetings import models as meetings
from vng_alv.members import models as members
from vng_alv.notifications import models as notifications
from vng_alv.proposals import models as proposals
from vng_alv.voting import models as voting

__all__ = ["accounts", "audit", "consultation", "meetings", "members", "notifications", "proposals", "voting"]
