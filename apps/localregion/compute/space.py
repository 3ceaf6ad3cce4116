"""Room on the disk: a job that fills it fails by name, before the region and the other jobs suffer from it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from collections.abc import Iterable
from pathlib import Path

from apps.localregion.compute.folder import JobFolder
from apps.localregion.compute.processes import alive

LEAST_BYTES = 256 << 20
LEAST_SHARE = 50  # of a small disk: one part in so many
FULL_SIGNAL = signal.SIGUSR1  # to a supervisor: its job has filled the disk


def least(home: Path) -> int:
    """The bytes that are to stay free on the disk of `home`."""
    return min(LEAST_BYTES, shutil.disk_usage(home).total // LEAST_SHARE)


def relieve(home: Path, folders: Iterable[JobFolder], kept_free: int) -> None:
    """When fewer bytes are free than are to be kept, end the running job that takes the most, if that is enough."""
    lacking = kept_free - shutil.disk_usage(home).free
    if lacking <= 0:
        return
    running = [(bytes_below(folder.path), folder) for folder in folders if alive(folder.claim())]
    taken, largest = max(running, key=lambda each: each[0], default=(0, None))
    claim = largest.claim() if largest else None
    if claim is not None and taken >= lacking:
        with contextlib.suppress(ProcessLookupError):
            os.kill(claim["pid"], FULL_SIGNAL)


def bytes_below(folder: Path) -> int:
    """What the files below a folder take of the disk."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # gone meanwhile
                total += os.lstat(os.path.join(path, name)).st_blocks * 512  # noqa: PTH118 - many files
    return total
