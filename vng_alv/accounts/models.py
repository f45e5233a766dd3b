"""People, their roles in the association, how they sign in, and where they are signed in."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from vng_alv.db import Base, enum_of, uuid_key
from vng_alv.domain.permissions import Role


class Person(Base):
    """Someone with an account. Without a password and a passkey the invitation has not been accepted yet."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower"),
        CheckConstraint("erased_at IS NULL OR NOT active", name="erased_is_not_active"),
        CheckConstraint("totp_secret IS NULL OR totp_step IS NOT NULL", name="totp_has_step"),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str] = mapped_column(String(40), default="")
    locale: Mapped[str] = mapped_column(String(2), default="nl")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    #: When what was personal was taken out of this row; the key stays, so that the log stays whole.
    erased_at: Mapped[datetime | None]
    #: The secret of the code app, encrypted with a key that follows from the secret key of the site.
    totp_secret: Mapped[str | None] = mapped_column(String(200))
    #: The last step of 30 seconds of which a code was taken: each code works once.
    totp_step: Mapped[int | None] = mapped_column(BigInteger)

    roles: Mapped[list["PersonRole"]] = relationship(cascade="all, delete-orphan", order_by="PersonRole.role")


class PersonRole(Base):
    """A role in the association."""

    __tablename__ = "person_role"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(enum_of(Role), primary_key=True)


class Invitation(Base):
    """A link to make an account with, for one person, once, until it expires. Only its hash is kept."""

    __tablename__ = "invitation"

    id: Mapped[uuid.UUID] = uuid_key()
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class Entry(StrEnum):
    """How somebody came in."""

    PASSWORD = "password"  # noqa: S105  a way in, and no password
    PASSKEY = "passkey"
    SINGLE_SIGN_ON = "single_sign_on"
    INVITATION = "invitation"
    DEMO = "demo"


class LoginSession(Base):
    """A browser that is signed in. Only the hash of its token is kept."""

    __tablename__ = "login_session"
    __table_args__ = (CheckConstraint("expires_at <= ends_at", name="ends"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    #: What the session is called where its token may not stand: on the page of sessions, and in the live stream.
    id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    #: When it ends, unless it is used meanwhile; each use moves this on.
    expires_at: Mapped[datetime]
    #: When it ends however much it is used.
    ends_at: Mapped[datetime]
    #: After so many hours without use it ends; 0 for never.
    idle_hours: Mapped[int]
    #: When it was last used, to within some minutes.
    last_used_at: Mapped[datetime]
    #: When a second step was last shown in it; without one, only what needs a single step is open.
    factor_at: Mapped[datetime | None]
    entry: Mapped[Entry] = mapped_column(enum_of(Entry))
    device: Mapped[str] = mapped_column(String(200), default="")


class KnownDevice(Base):
    """A browser in which a person signed in before. Guesses from elsewhere do not keep its owner out."""

    __tablename__ = "known_device"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]


class Passkey(Base):
    """A passkey of a person: both steps in one."""

    __tablename__ = "passkey"

    id: Mapped[uuid.UUID] = uuid_key()
    #: The key's own name, chosen by the device, as base64url.
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class PasskeyChallenge(Base):
    """A question to a passkey that was answered, kept while it could be answered again."""

    __tablename__ = "passkey_challenge"

    challenge_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class RecoveryCode(Base):
    """A code to keep on paper, which takes the place of a second step once. Only a slow hash of it is kept."""

    __tablename__ = "recovery_code"

    #: With its cost and its salt, which all codes of a set share: what is typed is hashed once for all of them.
    code_hash: Mapped[str] = mapped_column(String(200), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class FactorReset(Base):
    """Taking a lost second step away: one person of the secretariat asks, another one does it."""

    __tablename__ = "factor_reset"
    __table_args__ = (
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> asked_by", name="two_people"),
        CheckConstraint("asked_by <> person_id", name="not_oneself"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> person_id", name="not_by_oneself"),
        CheckConstraint("(confirmed_by IS NULL) = (confirmed_at IS NULL)", name="confirmed_has_moment"),
        Index(
            "uq_factor_reset_waiting",
            "person_id",
            unique=True,
            postgresql_where=text("confirmed_at IS NULL AND withdrawn_at IS NULL"),
            sqlite_where=text("confirmed_at IS NULL AND withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = uuid_key()
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    asked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(500))
    confirmed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class MailLinkKind(StrEnum):
    """What a link in a mail is for."""

    RESET_PASSWORD = "reset_password"  # noqa: S105  a kind of link
    #: The address that a person leaves agrees, and so does the one they take.
    LEAVE_ADDRESS = "leave_address"
    TAKE_ADDRESS = "take_address"


class MailLink(Base):
    """A link that shows that somebody reads the mail of an address; once, until it expires. Only its hash is kept."""

    __tablename__ = "mail_link"

    id: Mapped[uuid.UUID] = uuid_key()
    kind: Mapped[MailLinkKind] = mapped_column(enum_of(MailLinkKind))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    #: The address that is taken; empty for a password.
    email: Mapped[str] = mapped_column(String(254), default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PasswordRequest(Base):
    """An address for which somebody asked a new password. The worker finds out whose it is, if anybody's."""

    __tablename__ = "password_request"

    id: Mapped[uuid.UUID] = uuid_key()
    email: Mapped[str] = mapped_column(String(254))
    asked_at: Mapped[datetime]


class Identity(Base):
    """Who a person is at a sign-in service of their own organisation (OpenID Connect)."""

    __tablename__ = "identity"

    provider: Mapped[str] = mapped_column(String(60), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]


class SignOnRequest(Base):
    """Somebody who was sent to a sign-in service and has not come back yet; used once, for a few minutes."""

    __tablename__ = "sign_on_request"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    provider: Mapped[str] = mapped_column(String(60))
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(128))
    next_path: Mapped[str] = mapped_column(String(2000), default="")
    #: The hash of the invitation that they came with, if any.
    invitation_hash: Mapped[str] = mapped_column(String(64), default="")
    expires_at: Mapped[datetime] = mapped_column(index=True)
