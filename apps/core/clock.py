"""The one clock of the console: aware datetimes in UTC."""

from datetime import datetime, timedelta

from django.utils import timezone


def now() -> datetime:
    """The present moment, in UTC."""
    return timezone.now()


def after(**parts: float) -> datetime:
    """The moment that lies `timedelta(**parts)` ahead."""
    return now() + timedelta(**parts)
