"""A control group for each instance of a job, where this user may make one: version 2, or 1's cpu and memory.

https://docs.kernel.org/admin-guide/cgroup-v2.html
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from apps.localregion.compute.limits import Limits

ROOT = Path("/sys/fs/cgroup")
OURS = "mlconsole"
PERIOD = 100_000  # microseconds, the kernel's own
SHARES = 1024  # of a thread in no group, in version 1
CONTROLLERS = ("cpu", "memory")  # of version 1, a tree each


def sweep() -> None:
    """Remove the groups that nobody is in: those of jobs whose supervisor was killed."""
    for parent in (ROOT / OURS, *(ROOT / controller / OURS for controller in CONTROLLERS)):
        for folder in parent.glob("*/") if parent.is_dir() else ():
            with contextlib.suppress(OSError):  # somebody is in it
                folder.rmdir()


class Group:
    """The control group of this name, in whichever tree there is; nothing at all where none may be made."""

    def __init__(self, name: str, limits: Limits) -> None:
        self._folders: list[Path] = []
        with contextlib.suppress(OSError):
            self._make(name, limits)

    def join(self) -> None:
        """Put the calling process into the group, with all that it will start."""
        for folder in self._folders:
            with contextlib.suppress(OSError):
                (folder / "cgroup.procs").write_text(str(os.getpid()))

    def out_of_memory(self) -> bool:
        """Whether the kernel has killed a process of the group for want of memory."""
        for name in ("memory.events", "memory.oom_control"):
            for folder in self._folders:
                with contextlib.suppress(OSError):
                    lines = (folder / name).read_text().splitlines()
                    if any(line.startswith("oom_kill ") and line != "oom_kill 0" for line in lines):
                        return True
        return False

    def remove(self) -> None:
        """Remove the group, once all in it have ended."""
        for folder in self._folders:
            with contextlib.suppress(OSError):
                folder.rmdir()

    def _make(self, name: str, limits: Limits) -> None:
        quota = limits.cpus * PERIOD
        if (ROOT / "cgroup.controllers").is_file():
            parent = ROOT / OURS
            parent.mkdir(exist_ok=True)
            (parent / "cgroup.subtree_control").write_text("+cpu +memory")
            folder = self._add(parent / name)
            (folder / "cpu.max").write_text(f"{quota} {PERIOD}")
            (folder / "memory.max").write_text(str(limits.memory))
            return
        for controller in CONTROLLERS:
            (ROOT / controller / OURS).mkdir(exist_ok=True)
            self._add(ROOT / controller / OURS / name)
        cpu, memory = self._folders
        # As many shares as threads have that are in no group: else all jobs together would count as one of them.
        (ROOT / "cpu" / OURS / "cpu.shares").write_text(str(SHARES * (os.cpu_count() or 1)))
        (cpu / "cpu.shares").write_text(str(SHARES * limits.cpus))
        (cpu / "cpu.cfs_quota_us").write_text(str(quota))
        (memory / "memory.limit_in_bytes").write_text(str(limits.memory))

    def _add(self, folder: Path) -> Path:
        folder.mkdir(exist_ok=True)
        self._folders.append(folder)
        return folder
