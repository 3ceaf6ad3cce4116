"""What every test may use: the real product, a Redis-protocol server, and the browser's set-up."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stack import Stack, own_database, until

# Cheap before dear, so that a plain mistake shows first.
ORDER = ("unit", "region", "contract", "test_", "browser")
CHROMIUM_SWITCHES = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort by folder as in ORDER."""
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        first = item.path.relative_to(here).parts[0]
        return next((n for n, prefix in enumerate(ORDER) if first.startswith(prefix)), len(ORDER))

    items.sort(key=place)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """One running console for all tests that do not harm it."""
    running = Stack(extra=own_database())
    try:
        running.start()
        running.wait_until_healthy()
        yield running
    finally:
        running.remove()


@pytest.fixture
def new_stack() -> Iterator[Callable[..., Stack]]:
    """Makes consoles of a test's own, not started yet, to kill and restart; they end with the test."""
    made: list[Stack] = []

    def make(**options: Any) -> Stack:
        options["extra"] = own_database() | options.get("extra", {})
        made.append(Stack(**options))
        return made[-1]

    try:
        yield make
    finally:
        for each in made:
            each.remove()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """A Redis-protocol server where the tests' own settings look for it; gives its URL."""
    from django.conf import settings

    from apps.core import parts

    process = subprocess.Popen(parts.redis().argv, stdout=subprocess.DEVNULL)
    try:
        until(lambda: settings.REDIS_SOCKET.exists() or None, 60, "the Redis socket")
        yield settings.REDIS_URL
    finally:
        process.kill()
        process.wait()


def chromium() -> dict[str, Any]:
    """How to start Debian's Chromium where there is one, else Playwright's own browser."""
    found = shutil.which("chromium")
    arguments: dict[str, Any] = {"args": CHROMIUM_SWITCHES.split()}
    return arguments | ({"executable_path": found} if found else {})


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """For pytest-playwright's browser."""
    return chromium()
