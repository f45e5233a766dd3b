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
    PASSKEY_REFUSED = "passkey_refused"
    PASSKEY_TAKEN = "passkey_taken"
    CODE_REFUSED = "code_refused"
    LAST_FACTOR = "last_factor"
    NO_FACTOR = "no_factor"
    TWO_PEOPLE = "two_people"
    RESET_ASKED = "reset_asked"
    RESET_OVER = "reset_over"
    LINK_INVALID = "link_invalid"
    NOT_YOURSELF = "not_yourself"
    STILL_NEEDED = "still_needed"
    NO_OFFICE = "no_office"
    LAST_SECRETARY = "last_secretary"
    # mandates and proxies
    NO_HOLDER = "no_holder"
    PROXY_GIVEN = "proxy_given"
    PROXIES_OFF = "proxies_off"
    PROXY_ONESELF = "proxy_oneself"
    PROXY_NO_MEMBER = "proxy_no_member"
    PROXY_TWICE = "proxy_twice"
    PROXY_CHAIN = "proxy_chain"
    PROXY_FULL = "proxy_full"
    NO_PROXY = "no_proxy"
    # members and meetings
    WEIGHT_RULE = "weight_rule"
    CODE_TAKEN = "code_taken"
    TOO_LARGE = "too_large"
    NOT_TEXT = "not_text"
    IMPORT_STALE = "import_stale"
