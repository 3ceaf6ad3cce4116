"""The process manager behind `up`: starts the parts, restarts the dead with back-off, ends them all.

Each part runs in its own session and process group, so that a Ctrl-C in the terminal reaches only `up`; it is
recorded (pid and start time) in a file, so that the next `up` finds what one that was killed left behind.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from apps.core.partlogs import LogTail, open_log

# Waits before a dead part is started again, in seconds; the first one counts again after a minute of health.
FIRST_WAIT, LONGEST_WAIT, HEALTHY_AFTER = 0.5, 30.0, 60.0
# Two readings of one process's start time differ by less; seconds. Linux counts it in hundredths since boot.
SAME_START = 2.0
# Of the time for ending all parts, so much is kept for each that is still to be asked; seconds.
KEPT_FOR_EACH = 0.5


@dataclass(frozen=True)
class Part:
    """One program of the console: its name, also that of its log and record, and its command line.

    A part that runs `once` is done when it exits with 0; any other is started again however it ends.
    """

    name: str
    argv: tuple[str, ...]
    once: bool = False


@dataclass
class _Running:
    """What is known about one part since it was first started; `due` is when a dead one is started again."""

    part: Part
    process: subprocess.Popen[bytes]
    tail: LogTail
    started: float = field(default_factory=time.monotonic)
    wait: float = FIRST_WAIT
    due: float | None = None


class Parts:
    """The parts that are running; `say` is told, in a line, whatever a person at the terminal should know."""

    def __init__(self, folder: Path, home: Path, say: Callable[[str], None]) -> None:
        """`folder` is where the programs start, `home` where `run/` and `logs/` are."""
        self._folder, self._run, self._logs, self._say = folder, home / "run", home / "logs", say
        self._running: list[_Running] = []

    def start(self, part: Part) -> None:
        """Start one part; raises OSError when its program cannot be run."""
        tail = LogTail(self._logs / f"{part.name}.log")
        self._running.append(_Running(part, self._spawn(part, tail), tail))

    def watch(self) -> None:
        """Look at every part once: show its new errors, announce a death, start a dead one that is due."""
        for running in list(self._running):
            for line in running.tail.errors():
                self._say(f"{running.part.name}: {line}")
            if running.due is not None:
                self._restart_if_due(running)
            elif running.process.poll() == 0 and running.part.once:
                self._running.remove(running)
                self._record(running.part).unlink(missing_ok=True)
            elif running.process.poll() is not None:
                self._announce_death(running, _ending(running.process.returncode))
            elif time.monotonic() - running.started > HEALTHY_AFTER:
                running.wait = FIRST_WAIT

    def stop(self, seconds: float, hurry: Callable[[], bool]) -> None:
        """End every part, the last started first: SIGTERM, and SIGKILL when it is too slow or on `hurry`."""
        deadline = time.monotonic() + seconds
        for position, running in reversed(list(enumerate(self._running))):
            _signal_group(running.process, signal.SIGTERM)
            its_deadline = deadline - position * KEPT_FOR_EACH
            while running.process.poll() is None and not hurry() and time.monotonic() < its_deadline:
                time.sleep(0.02)
            _signal_group(running.process, signal.SIGKILL)
            running.process.wait()
            self._record(running.part).unlink(missing_ok=True)
        self._running.clear()

    def _spawn(self, part: Part, tail: LogTail) -> subprocess.Popen[bytes]:
        with open_log(tail.path) as log:
            tail.skip_to_end()
            process = subprocess.Popen(
                part.argv,
                cwd=self._folder,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        write_record(self._record(part), process.pid)
        return process

    def _restart_if_due(self, running: _Running) -> None:
        if running.due is None or time.monotonic() < running.due:
            return
        try:
            running.process = self._spawn(running.part, running.tail)
        except OSError as error:
            self._announce_death(running, f"could not be started ({error})")
            return
        running.started, running.due = time.monotonic(), None

    def _announce_death(self, running: _Running, ending: str) -> None:
        again = f"starting it again in {running.wait:g} s"
        self._say(f"{running.part.name} {ending}; {again} (log: {running.tail.path})")
        running.due = time.monotonic() + running.wait
        running.wait = min(running.wait * 2, LONGEST_WAIT)

    def _record(self, part: Part) -> Path:
        return self._run / f"{part.name}.json"


def python(*arguments: str) -> tuple[str, ...]:
    """The command line that runs this very Python with `arguments`."""
    return (sys.executable, *arguments)


def write_record(path: Path, pid: int) -> None:
    """Record a process by pid and start time, whole or not at all; one that is gone is not recorded."""
    try:
        body = {"pid": pid, "started": psutil.Process(pid).create_time()}
    except psutil.NoSuchProcess:
        return
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(body))
    fresh.replace(path)


def recorded_process(path: Path) -> psutil.Process | None:
    """The process of a record, when it still runs and is the same one and not a later one with its pid."""
    try:
        body = json.loads(path.read_text())
        process = psutil.Process(body["pid"])
        same = abs(process.create_time() - body["started"]) < SAME_START
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None


def end_leftovers(home: Path, seconds: float = 5.0) -> list[str]:
    """End the parts that an `up` which was killed left running; answers their names."""
    found = {path: process for path, process in _recorded(home / "run") if process is not None}
    for process in found.values():
        _signal_leftover(process, signal.SIGTERM)
    _, alive = psutil.wait_procs(list(found.values()), timeout=seconds)
    for process in alive:
        _signal_leftover(process, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=seconds)
    for path, _ in _recorded(home / "run"):
        path.unlink(missing_ok=True)
    return sorted(path.stem for path in found)


def _recorded(run: Path) -> Iterator[tuple[Path, psutil.Process | None]]:
    for path in sorted(run.glob("*.json")):
        yield path, recorded_process(path)


def _signal_leftover(process: psutil.Process, number: signal.Signals) -> None:
    """Signal a part's whole group; its leader's pid is the group's number, since it began a session."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.poll() is not None:
        return  # its number may belong to another by now
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def _ending(code: int) -> str:
    """How a process ended, in words."""
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"exited with code {code}"
