"""Processes by pid AND start time: a pid alone may belong to somebody else after a restart."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import psutil


def started(pid: int) -> str | None:
    """What tells this process from a later one with the same pid; None when it is gone, or a zombie.

    On Linux the boot's id and the start in clock ticks since boot (man 5 proc), which no clock change moves;
    elsewhere the start time.
    """
    if sys.platform == "linux":
        return _started_on_linux(pid)
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.2f}"
    except psutil.NoSuchProcess:
        return None


def alive(record: dict[str, object] | None) -> bool:
    """Whether the process recorded as {"pid", "started"} still runs."""
    return record is not None and started(int(str(record["pid"]))) == record["started"]


def identity(pid: int) -> dict[str, object]:
    """The record by which `alive` finds this process again."""
    return {"pid": pid, "started": started(pid)}


def kill_group(record: dict[str, object] | None, number: int = signal.SIGKILL) -> None:
    """Send a signal to the group that the recorded process leads or led, if its members may still be ours.

    A pid is not given out again while it names a group, so a leader that is gone is no danger: the group is
    ours or there is none. A leader that differs from the recorded one is somebody else's: nothing is sent.
    """
    pid = int(str(record["pid"])) if record else 0
    if record is None or pid <= 1:  # killpg(0) would mean our own group
        return
    if started(pid) not in (None, record["started"]) or not _same_boot(record):
        return
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _started_on_linux(pid: int) -> str | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, ticks = fields[0], fields[19]
    return None if state in "ZX" else f"{_boot()}:{ticks}"


def _same_boot(record: dict[str, object]) -> bool:
    return sys.platform != "linux" or str(record["started"]).startswith(_boot())


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
