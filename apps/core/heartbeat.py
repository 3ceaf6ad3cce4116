"""Proof of life of the worker and of beat: a Redis key each, renewed from inside them."""

import os
from typing import Any

import redis
from celery.beat import Scheduler
from celery.signals import heartbeat_sent

from apps.core.events import connection

# A key that is not renewed expires after so many seconds; the worker renews it every 2 s, beat every 1 s.
LIFETIME = 6


def renew(part: str) -> None:
    """Say that this process's part is alive; a server that is away does not matter, as we try again."""
    try:
        connection().set(_key(part), os.getpid(), ex=LIFETIME)
    except redis.RedisError:
        return


def is_alive(part: str) -> bool:
    """Whether the part was heard of lately; raises redis.RedisError."""
    return bool(connection().exists(_key(part)))


def _key(part: str) -> str:
    return f"mlconsole:alive:{part}"


@heartbeat_sent.connect
def _worker_beats(**_: Any) -> None:
    """Celery sends this from the worker's own event loop, so it proves that the loop still turns."""
    renew("worker")


class BeatingScheduler(Scheduler):
    """Celery's scheduler in memory, telling at each tick that it lives.

    It keeps nothing on disk: our entries are due within seconds, and a kill could leave a file broken.
    """

    def tick(self, *arguments: Any, **options: Any) -> float:
        """Send what is due; answers the seconds until the next look."""
        renew("beat")
        return float(super().tick(*arguments, **options))
