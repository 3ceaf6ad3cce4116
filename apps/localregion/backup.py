"""`python -m apps.localregion.backup --home DIR --to FOLDER`: a copy of all of a region's state, while it runs.

The copy is itself a region's folder: to restore it, serve it. What makes it consistent is the order: first the job
folders, which a document can only be ahead of, then the database as of one moment, then every blob it names (one that
was collected meanwhile means the database is read anew), and last the logs, which only grow.

A training job that is in progress at that moment has its process only in the region that was copied: in the copy it
ends as Failed.
"""

import argparse
import os
import shutil
import sqlite3
import stat
import sys
from contextlib import closing
from pathlib import Path

from apps.localregion.store.blobindex import FILES

DATABASE = "region.sqlite3"
ATTEMPTS = 5
GROWING = ("metrics.jsonl", "usage.jsonl")  # of a job's folder: read with the logs
JOBS = ("jobs", "transform-jobs", "processing-jobs")  # the folders that have jobs' folders


class Failed(Exception):
    """No copy could be made; the text says why."""


def back_up(home: Path, target: Path) -> tuple[int, int]:
    """Make the copy; answers how many files of blobs it names and how many are missing, as they are in the region.

    Raises Failed; an unfinished copy has another name.
    """
    if not (home / DATABASE).is_file():
        raise Failed(f"{home} is not a region's folder")
    if target.exists():
        raise Failed(f"{target} is there already: name a new folder")
    draft = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700, parents=True)
    _copy(home / "credentials", draft / "credentials")
    for jobs in JOBS:
        _copy_tree(home / jobs, draft / jobs)
    named, missing = _copy_store(home, draft)
    _copy_tree(home / "logs", draft / "logs")
    for path in (path for jobs in JOBS for name in GROWING for path in (home / jobs).rglob(name)):
        if (draft / path.relative_to(home)).parent.is_dir():
            _copy(path, draft / path.relative_to(home))
    _sync(draft)
    draft.rename(target)
    return named, missing


def _copy_store(home: Path, draft: Path) -> tuple[int, int]:
    """The database and the blobs that it names: how many, and how many are missing however often one looks."""
    digests: set[str] = set()
    missing = 0
    for _ in range(ATTEMPTS):
        (draft / DATABASE).unlink(missing_ok=True)
        digests = _copy_database(home / DATABASE, draft / DATABASE)
        missing = sum(not _copy_blob(home, draft, digest) for digest in digests)
        if not missing:
            break
    return len(digests), missing


def _copy_database(source: Path, target: Path) -> set[str]:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        return {digest for digest, *_ in copy.execute(FILES)}


def _copy_blob(home: Path, draft: Path, digest: str) -> bool:
    """Whether the blob is in the copy: blobs never change, so one that was copied before is as good."""
    relative = Path("blobs") / digest[:2] / digest
    (draft / relative.parent).mkdir(parents=True, exist_ok=True)
    return (draft / relative).exists() or _copy(home / relative, draft / relative)


def _copy_tree(source: Path, target: Path) -> None:
    """Files and folders as they are found; what vanishes meanwhile, pipes and sockets are left out."""
    target.mkdir(exist_ok=True)
    for folder, folders, files in os.walk(source):
        inside = target / Path(folder).relative_to(source)
        for name in folders:
            path = Path(folder) / name
            if path.is_symlink():
                (inside / name).symlink_to(path.readlink())
            else:
                (inside / name).mkdir(exist_ok=True)
        for name in files:
            _copy(Path(folder) / name, inside / name)


def _copy(source: Path, target: Path) -> bool:
    try:
        mode = source.lstat().st_mode
        if stat.S_ISLNK(mode):
            target.symlink_to(source.readlink())
        elif stat.S_ISREG(mode):
            shutil.copy2(source, target)
    except FileNotFoundError:
        return False
    return True


def _sync(folder: Path) -> None:
    """All of it on the disk, before it gets its name."""
    os.sync()
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def main() -> None:
    """Make the copy that the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m apps.localregion.backup", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="the region's folder")
    parser.add_argument("--to", type=Path, required=True, help="a folder that is not there yet")
    given = parser.parse_args()
    try:
        named, missing = back_up(given.home.absolute(), given.to.absolute())
    except (Failed, OSError, sqlite3.Error) as error:
        sys.exit(f"no backup: {error}")
    print(f"{given.to}: the database, {named - missing} blobs, jobs and logs")
    if missing:
        sys.exit(f"{missing} blobs are missing in the region itself: region_fsck tells whose")


if __name__ == "__main__":
    main()
