"""The job's page with 100,000 metric points and with 1,000,000 log lines, through Django's test client, on SQLite."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figure import Figure
from tests.stack import CHECKOUT

# Milliseconds and kilobytes; the peer's milliseconds are of its metric history call over as many points.
BOUNDS = {
    "page": ("ms", 60.0, None),
    "curves": ("ms", 60.0, 3200.0),
    "page and curves, gzip": ("kB", 300.0, None),
    "100 lines out of a million": ("ms", 20.0, None),
    "errors in a million lines": ("ms", 200.0, None),
    "text in a million lines": ("ms", 1000.0, None),
}


def measure() -> Iterator[Figure]:
    """The group `job`."""
    home = Path(os.environ.get("MLCONSOLE_HOME") or CHECKOUT / ".mlconsole") / "bench-job"
    home.mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"MLCONSOLE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "mlconsole.settings"}
    command = [sys.executable, "-m", "tests.bench.job_pages"]
    done = subprocess.run(command, env=environment, cwd=CHECKOUT, stdout=subprocess.PIPE, check=True)
    took: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    for name, (unit, bound, peer) in BOUNDS.items():
        yield Figure(f"job.{name}", unit, took[name], bound, floor=peer)
