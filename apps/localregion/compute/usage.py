"""CPU, memory and disk use of a job in percent, CPU 100 a core, as SageMaker reports an instance's."""

from __future__ import annotations

import shutil
from pathlib import Path

import psutil


class Usage:
    """Samples a process and all its children."""

    def __init__(self, pid: int, volume: Path) -> None:
        self._root = psutil.Process(pid)
        self._volume = volume
        self._known: dict[int, psutil.Process] = {}
        self._total = psutil.virtual_memory().total

    def sample(self) -> dict[str, float] | None:
        """Percentages since the last call; None at the first call, and when the process is gone."""
        try:
            members = [self._root, *self._root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return None
        first = not self._known
        # cpu_percent counts from the last call on the same object, so the objects are kept.
        self._known = {process.pid: self._known.get(process.pid, process) for process in members}
        cpu = memory = 0.0
        for process in self._known.values():
            try:
                cpu += process.cpu_percent()
                memory += process.memory_info().rss
            except psutil.Error:
                continue
        if first:
            return None
        disk = shutil.disk_usage(self._volume)
        return {
            "CPUUtilization": round(cpu, 2),
            "MemoryUtilization": round(100 * memory / self._total, 3),
            "DiskUtilization": round(100 * disk.used / disk.total, 3),
        }
