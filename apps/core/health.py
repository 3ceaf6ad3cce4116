"""`GET /healthz`: asks every part whether it is well, all at once, and answers within 2.5 seconds."""

import http.client
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from functools import partial

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.core import events, heartbeat

# A part that has not answered by then is sick; seconds for all of them together.
PATIENCE = 2.4

Entry = dict[str, str | float]


class SickError(Exception):
    """A part is not well; its text says why, for a person."""


def ask_database() -> None:
    """Raise SickError unless the database answers a query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        raise SickError(f"the database does not answer: {error}".strip()) from error
    finally:
        connection.close()


def ask_redis() -> None:
    """Raise SickError unless the Redis-protocol server answers a ping."""
    try:
        events.connection().ping()
    except redis.RedisError as error:
        raise SickError(f"the Redis-protocol server does not answer: {error}") from error


def ask_for_life(part: str) -> None:
    """Raise SickError unless the worker or beat was heard of lately."""
    try:
        alive = heartbeat.is_alive(part)
    except redis.RedisError as error:
        raise SickError("unknown, since the Redis-protocol server does not answer") from error
    if not alive:
        raise SickError(f"no sign of life for {heartbeat.LIFETIME} s or since its last start")


def ask_region() -> None:
    """Raise SickError unless the local region answers its unsigned health address."""
    line = http.client.HTTPConnection("127.0.0.1", settings.REGION_PORT, timeout=2)
    try:
        line.request("GET", "/_health")
        status = line.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise SickError(f"no answer from {settings.REGION_URL}: {error}") from error
    finally:
        line.close()
    if status != 200:
        raise SickError(f"{settings.REGION_URL}/_health answers {status}")


QUESTIONS: dict[str, Callable[[], None]] = {
    "database": ask_database,
    "redis": ask_redis,
    "worker": partial(ask_for_life, "worker"),
    "beat": partial(ask_for_life, "beat"),
    "region": ask_region,
}
_askers = ThreadPoolExecutor(max_workers=2 * len(QUESTIONS), thread_name_prefix="health")


def examine(questions: dict[str, Callable[[], None]] = QUESTIONS) -> dict[str, Entry]:
    """Ask every question at once; answers an entry a part: status, milliseconds and, if sick, the reason."""
    deadline = time.monotonic() + PATIENCE
    asked = {part: _askers.submit(_timed, question) for part, question in questions.items()}
    return {part: _entry(answer, deadline) for part, answer in asked.items()}


@require_safe
@never_cache
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """200 with an entry a part when all are well, else 503, where the sick ones have a reason."""
    entries = examine()
    well = all(entry["status"] == "ok" for entry in entries.values())
    return JsonResponse(entries, status=200 if well else 503)


def _timed(question: Callable[[], None]) -> Entry:
    began = time.perf_counter()
    try:
        question()
    except SickError as reason:
        return {"status": "sick", "ms": _milliseconds(began), "reason": str(reason)}
    return {"status": "ok", "ms": _milliseconds(began)}


def _entry(answer: "Future[Entry]", deadline: float) -> Entry:
    try:
        return answer.result(timeout=max(0.0, deadline - time.monotonic()))
    except NotYet:
        return {"status": "sick", "ms": PATIENCE * 1000, "reason": f"no answer within {PATIENCE} s"}


def _milliseconds(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)
