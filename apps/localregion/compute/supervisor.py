"""Runs one job to its end, alone: `python -m apps.localregion.compute.supervisor FOLDER`.

A program of its own, in its own session, so that no end of the region reaches it. It claims the folder
(exactly one supervisor ever runs a job), starts each instance's training program, keeps their output, metrics and
use of the machine, and writes exit.json last.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from apps.localregion.compute import sandbox
from apps.localregion.compute.durable import claim_json, read_json, write_json
from apps.localregion.compute.folder import JobFolder
from apps.localregion.compute.pipes import Feeder
from apps.localregion.compute.processes import identity
from apps.localregion.compute.program import Program
from apps.localregion.compute.space import FULL_SIGNAL
from apps.localregion.compute.watch import Watch

RESERVED_BYTES = 1 << 16  # kept back on the disk for the exit record
FULL_BYTES = 1 << 20  # less than this is a full disk
RETRY_SECONDS = 1.0


def main(path: str) -> int:
    """Run the job in the folder `path`, unless another supervisor has it."""
    wake = _wake_on_signals()
    folder = JobFolder(Path(path))
    if not claim_json(folder.supervisor, identity(os.getpid())):
        return 0
    job = read_json(folder.job)
    _reserve(folder)
    if job["isolated"]:
        with contextlib.suppress(OSError):  # recorded only, where it is not permitted
            sandbox.leave_network()
    started = time.time()
    programs = [Program(job, host, folder.host(host["name"]), folder.metrics) for host in job["hosts"]]
    feeders = [Feeder(plan) for program in programs for plan in sorted(program.folder.pipes.glob("*.json"))]
    for program in programs:
        program.start()
    for feeder in feeders:
        feeder.start()
    reason = Watch(folder, job, programs, wake).run()
    _write(folder, _record(programs, reason, started))
    return 0


def _wake_on_signals() -> int:
    """SIGTERM and SIGCHLD wake the loop through a pipe; answers its reading end."""
    reading, writing = os.pipe()
    for end in (reading, writing):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(writing)
    # Handlers, not SIG_IGN: the training program would inherit an ignored signal, a handler it does not.
    for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGINT, signal.SIGHUP, FULL_SIGNAL):
        signal.signal(number, lambda *_: None)
    return reading


def _record(programs: Sequence[Program], reason: str, started: float) -> dict[str, Any]:
    """The exit record: of several programs the first that failed tells how the job ended.

    A program ended by signal N has the shell's exit code 128 + N.
    """
    failed = [program for program in programs if program.code]
    program = min(failed, key=lambda each: each.ended_at, default=programs[0])
    code = program.code or 0
    delayed = any(each.output.delayed for each in programs)
    return {
        "exit_code": code if code >= 0 else 128 - code,
        "reason": "exited" if reason == "failed" else reason,
        "started": started,
        "ended": time.time(),
        "failure": program.folder.failure.read_text(errors="replace")[:4096]
        if program.folder.failure.is_file()
        else "",
        "tail": list(program.output.tail),
        "metrics": list({name: metric for each in programs for name, metric in each.output.last.items()}.values()),
        "out_of_memory": program.out_of_memory,
        "disk_full": delayed or shutil.disk_usage(program.folder.path).free < FULL_BYTES,
    }


def _reserve(folder: JobFolder) -> None:
    with contextlib.suppress(OSError):
        folder.reserve.write_bytes(b"\0" * RESERVED_BYTES)


def _write(folder: JobFolder, record: dict[str, Any]) -> None:
    """Write the exit record, on a full disk in the place kept for it, or once there is some."""
    folder.reserve.unlink(missing_ok=True)
    while True:
        try:
            write_json(folder.exit, record)
            return
        except OSError:
            time.sleep(RETRY_SECONDS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
