"""The keys that the association signs receipts with. Only what everybody may know is kept here."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from vng_alv.db import Base


class SigningKey(Base):
    """A public key. The newest one signs; those before it stay, for what was signed with them. Append-only."""

    __tablename__ = "signing_key"
    __table_args__ = (CheckConstraint("number >= 1", name="number_from_one"),)

    #: 1 for the first key, and one more for each that took the place of the one before.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: The first 16 hexadecimal digits of the SHA-256 of the key's 32 bytes.
    id: Mapped[str] = mapped_column(String(16), unique=True)
    #: The 32 bytes in base64url, without padding.
    public_key: Mapped[str] = mapped_column(String(43), unique=True)
    since: Mapped[datetime]
