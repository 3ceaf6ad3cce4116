"""Guessing passwords is slow: after some wrong ones the next are not looked at for a while."""

from datetime import timedelta

from django.db.models import QuerySet

from apps.accounts.models import FailedSignIn
from apps.accounts.services.trail import digest
from apps.core import clock
from apps.core.errors import Refusal

WINDOW = timedelta(minutes=15)
# Wrong passwords within the window: of one person from one address, of an address, of a person from anywhere.
# The last is high, so that nobody keeps a colleague out by guessing.
FOR_BOTH, FOR_ADDRESS, FOR_PERSON = 5, 30, 100


class TooManySignIns(Refusal):
    """So many wrong passwords came that the next ones wait."""

    status = 429


def check_pace(username: str, address: str) -> None:
    """Raises TooManySignIns while the next attempt must wait."""
    recent = FailedSignIn.objects.filter(at__gt=clock.now() - WINDOW).order_by("-at")
    person = recent.filter(who=_who(username))
    _bounded(person.filter(address=address), FOR_BOTH)
    _bounded(recent.filter(address=address), FOR_ADDRESS)
    _bounded(person, FOR_PERSON)


def _bounded(failures: QuerySet[FailedSignIn], limit: int) -> None:
    oldest = failures.values_list("at", flat=True)[limit - 1 : limit].first()
    if oldest is None:
        return
    minutes = int((oldest + WINDOW - clock.now()).total_seconds() // 60) + 1
    raise TooManySignIns(
        f"Too many wrong passwords: wait {minutes} minute{'' if minutes == 1 else 's'}, or use a one-time link, "
        "which manage.py sign_in_link prints on the console's machine."
    )


def note_failure(username: str, address: str) -> None:
    """Count a wrong password, and forget those that no longer count."""
    FailedSignIn.objects.filter(at__lte=clock.now() - WINDOW).delete()
    FailedSignIn.objects.create(who=_who(username), address=address)


def forgive(username: str, address: str) -> None:
    """The right password came: earlier slips of that person from there no longer count."""
    FailedSignIn.objects.filter(who=_who(username), address=address).delete()


def _who(username: str) -> str:
    return digest(username.lower())
