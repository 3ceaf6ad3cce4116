"""Live events: a change publishes a payload-free topic on Redis, the browser hears of it by SSE, the page re-fetches.

Events are hints. One that is missed costs seconds, since a slow poll stands behind each page.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from functools import cache

import redis
import redis.asyncio
from django.conf import settings
from django.db import transaction

log = logging.getLogger(__name__)

# A comment line each so often keeps proxies from closing a quiet stream.
KEEPALIVE_SECONDS = 15.0


@cache
def connection() -> redis.Redis:
    """The process's Redis connection pool."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


def _channel(workspace_id: int) -> str:
    return f"mlconsole:events:{workspace_id}"


def publish_on_commit(workspace_id: int, *topics: str) -> None:
    """Tell the workspace's open pages that these topics changed, once the change is committed."""
    transaction.on_commit(lambda: _publish(workspace_id, topics), robust=True)


def _publish(workspace_id: int, topics: tuple[str, ...]) -> None:
    try:
        for topic in topics:
            connection().publish(_channel(workspace_id), topic)
    except redis.RedisError as error:
        log.warning("live event lost: %s", error)


async def stream(workspace_id: int) -> AsyncIterator[bytes]:
    """The workspace's events as Server-Sent Events, until the client leaves.

    When Redis goes away the stream ends; the browser connects again by itself after `retry` milliseconds.
    """
    client = redis.asyncio.Redis.from_url(settings.REDIS_URL)
    yield b"retry: 2000\n\n"
    try:
        async with client.pubsub() as subscription:
            await subscription.subscribe(_channel(workspace_id))
            yield b": listening\n\n"
            while True:
                message = await subscription.get_message(ignore_subscribe_messages=True, timeout=KEEPALIVE_SECONDS)
                if message is None:
                    yield b": still here\n\n"
                else:
                    yield b"event: " + message["data"] + b"\ndata:\n\n"
    except redis.RedisError as error:
        log.warning("live stream ended: %s", error)
    except asyncio.CancelledError:
        return
    finally:
        await client.aclose()
