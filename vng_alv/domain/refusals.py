"""Why something may not be done. A rule returns one of these; the interface has a sentence for each."""

from enum import StrEnum


class Refusal(StrEnum):
    """The reason, as a code."""

    # casting
    ROUND_NOT_OPEN = "round_not_open"
    NOT_ON_ROLL = "not_on_roll"
    NOT_HOLDER = "not_holder"
    UNKNOWN_CHOICE = "unknown_choice"
    NOTHING_CHOSEN = "nothing_chosen"
    KEY_REUSED = "key_reused"
    # rounds
    ROUND_STATE = "round_state"
    NO_ELECTORATE = "no_electorate"
    NOT_PUBLISHED_TEXT = "not_published_text"
    CLOCK_IN_PAST = "clock_in_past"
    # consultation
    CONSULTATION_CLOSED = "consultation_closed"
    CONSULTATION_EXISTS = "consultation_exists"
    ALREADY_SENT = "already_sent"
    NOTHING_TO_SEND = "nothing_to_send"
    EMPTY_TEXT = "empty_text"
    EDITED_MEANWHILE = "edited_meanwhile"
    # people
    NOT_ALLOWED = "not_allowed"
    EMAIL_TAKEN = "email_taken"
    INVITATION_INVALID = "invitation_invalid"
    NO_OFFICE = "no_office"
    # members and meetings
    WEIGHT_RULE = "weight_rule"
    CODE_TAKEN = "code_taken"
    TOO_LARGE = "too_large"
    NOT_TEXT = "not_text"
    IMPORT_STALE = "import_stale"
