"""Times are stored as unix seconds and answered as UTC datetimes of SageMaker's precision, milliseconds."""

from datetime import UTC, datetime
from typing import Any


def answer(seconds: float) -> datetime:
    """The datetime of stored seconds."""
    return datetime.fromtimestamp(round(seconds, 3), UTC)


def answer_members(body: dict[str, Any], *names: str) -> dict[str, Any]:
    """The body with those of its members that are times as datetimes."""
    return {**body, **{name: answer(body[name]) for name in names if name in body}}


def seconds(value: datetime | None) -> float | None:
    """Stored seconds of a datetime in a request."""
    return None if value is None else value.timestamp()
