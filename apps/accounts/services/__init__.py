"""Every write about people: links, tokens, wrong passwords, the audit trail."""

from apps.accounts.services.people import LinkUsed, ensure_admin, find_user, make_link, redeem_link, user_for_link
from apps.accounts.services.throttle import TooManySignIns, check_pace, forgive, note_failure
from apps.accounts.services.tokens import make_token, revoke_token, tokens_of, user_for_token
from apps.accounts.services.trail import record

__all__ = [
    "LinkUsed",
    "TooManySignIns",
    "check_pace",
    "ensure_admin",
    "find_user",
    "forgive",
    "make_link",
    "make_token",
    "note_failure",
    "record",
    "redeem_link",
    "revoke_token",
    "tokens_of",
    "user_for_link",
    "user_for_token",
]
