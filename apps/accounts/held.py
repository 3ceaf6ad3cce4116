"""A form that came after its session had ended: kept in the sign-in page, sent once the person is back.

It travels in the page, signed, so nothing of it is stored. Only a form that had passed the CSRF check is held.
"""

from typing import Any

from django.core import signing
from django.http import HttpRequest

SALT = "accounts.held"
MAX_AGE_SECONDS = 24 * 3600
MAX_CHARACTERS = 1_000_000
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def hold(request: HttpRequest) -> str:
    """The posted form as signed text; empty where it cannot be kept: it has files, or it is very long."""
    fields = [
        [name, value] for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values
    ]
    if request.FILES or sum(len(str(value)) for _, value in fields) > MAX_CHARACTERS:
        return ""
    return signing.dumps({"path": request.get_full_path(), "fields": fields}, salt=SALT, compress=True)


def release(text: str) -> dict[str, Any] | None:
    """The form's `path` and `fields` again; None for anything that `hold` has not signed within a day."""
    try:
        held: dict[str, Any] = signing.loads(text, salt=SALT, max_age=MAX_AGE_SECONDS)
    except signing.BadSignature:
        return None
    return held
