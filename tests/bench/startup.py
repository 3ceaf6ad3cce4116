"""How fast the console and its region start, and what they hold in memory when nothing happens."""

import http.client
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.bench.figure import Figure
from tests.jobs import Jobs
from tests.stack import CHECKOUT, PARTS, START_WITHIN, Stack, free_port, until

TIMES = 3
# The parts settle for so long before their memory is read; seconds.
SETTLE = 3.0
BARE_DJANGO = "import django; from django.conf import settings; settings.configure(); django.setup()"


def measure() -> Iterator[Figure]:
    """The group `startup`."""
    yield from _console()
    yield from _region()


def _console() -> Iterator[Figure]:
    stack = Stack()
    try:
        _start_and_stop(stack)  # the first start migrates and collects; the bound is for the later ones
        took = [_start_and_stop(stack) for _ in range(TIMES)]
        yield Figure("startup.warm", "s", statistics.median(took), 8, floor=_bare_django())
        yield Figure("startup.idle-memory", "MB", _memory_after_first_light(stack), 600)
    finally:
        stack.remove()


def _memory_after_first_light(stack: Stack) -> float:
    """Megabytes of all parts and `up` once the sample data is there, a job was trained and nothing happens."""
    stack.bare = False
    stack.start()
    stack.wait_until_healthy()
    jobs = Jobs(stack)
    (first,) = until(lambda: jobs.names() or None, START_WITHIN, "the first job", every=0.5)
    jobs.wait_for_end(first)
    time.sleep(SETTLE)
    assert stack.up is not None
    return sum(map(_proportional_megabytes, [stack.up.pid, *map(stack.pid, PARTS)]))


def _start_and_stop(stack: Stack) -> float:
    """Seconds from the command to /healthz 200."""
    began = time.perf_counter()
    stack.start()
    stack.wait_until_healthy()
    took = time.perf_counter() - began
    stack.stop()
    return took


def _region() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="mlconsole-bench-") as folder:
        took = []
        for _ in range(TIMES):
            with _running_region(Path(folder)) as (seconds, pid):
                took.append(seconds)
                time.sleep(SETTLE / TIMES)
                memory = psutil.Process(pid).memory_info().rss / 1e6
        yield Figure("startup.region", "s", statistics.median(took), 1.5, floor=_bare_python())
        yield Figure("startup.region-memory", "MB", memory, 90)


@contextmanager
def _running_region(home: Path) -> Iterator[tuple[float, int]]:
    """A local region alone; gives the seconds it took to answer and its pid."""
    port = free_port()
    began = time.perf_counter()
    command = [sys.executable, "-m", "apps.localregion", "--home", str(home), "--port", str(port)]
    process = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: _answers(port) or None, 20, "the region's health")
        yield time.perf_counter() - began, process.pid
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        line.request("GET", "/_health")
        return line.getresponse().status == 200
    except OSError:
        return False
    finally:
        line.close()


def _proportional_megabytes(pid: int) -> float:
    """Memory of a process, shared pages counted by share where the system tells it (Linux)."""
    memory = psutil.Process(pid).memory_full_info()
    return float(getattr(memory, "pss", memory.uss)) / 1e6


def _bare_django() -> float:
    """Seconds of a process that sets Django up and ends: nothing of ours can start faster."""
    return _seconds(BARE_DJANGO)


def _bare_python() -> float:
    """Seconds of a process that imports uvicorn and botocore's session, which a region needs, and ends."""
    return _seconds("import uvicorn, botocore.session")


def _seconds(program: str) -> float:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", program], check=True)
        took.append(time.perf_counter() - began)
    return statistics.median(took)
