"""What must be ready before the web process starts: the database's tables and the collected static files."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def migrate_if_needed(say: Callable[[str], None]) -> None:
    """Bring the database's tables up to this version."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Preparing the database")
        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)


def collect_static_if_changed(say: Callable[[str], None]) -> None:
    """Collect, hash and compress the static files, unless those of the last time are still true."""
    stamp = settings.HOME / "run" / "static.stamp"
    sources = _digest_of_sources()
    if settings.STATIC_ROOT.is_dir() and stamp.exists() and stamp.read_text() == sources:
        return
    say("Collecting the static files")
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0, clear=True, skip_checks=True)
    stamp.write_text(sources)


def _digest_of_sources() -> str:
    """A digest of every static file's name, size and time of change."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            facts = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
