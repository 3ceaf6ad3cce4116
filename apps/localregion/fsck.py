"""`python -m apps.localregion.fsck --home DIR`: finds and reports what is damaged in a region's store.

It may run beside the region. Only while that is stopped does it remove the blobs that nothing names (`--collect`).
"""

import argparse
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

from apps.localregion.region import lock_home
from apps.localregion.store.integrity import damaged_blobs, stray_blobs
from apps.localregion.store.objects import Objects

NAMES = """WITH whole AS (SELECT :digest AS digest UNION SELECT digest FROM joints WHERE part = :digest)
    SELECT 's3://' || bucket || '/' || key AS name FROM objects WHERE digest IN whole
    UNION ALL SELECT 's3://' || bucket || '/' || key || ' version ' || version FROM versions WHERE digest IN whole
    UNION ALL SELECT 'part ' || number || ' of an upload to s3://' || bucket || '/' || key FROM parts
        JOIN uploads ON uploads.id = parts.upload WHERE digest = :digest"""
HOMELESS = """SELECT 's3://' || bucket || '/' || key AS name FROM objects
    WHERE bucket NOT IN (SELECT name FROM buckets)"""


def main() -> int:
    """Report, a line a finding; exits with 1 when anything is damaged."""
    parser = argparse.ArgumentParser(prog="python -m apps.localregion.fsck", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="the folder that holds the region's state")
    parser.add_argument("--collect", action="store_true", help="remove the blobs that nothing names")
    given = parser.parse_args()
    home: Path = given.home.absolute()
    if not (home / "region.sqlite3").is_file():
        print(f"{home} has no region: there is no region.sqlite3", file=sys.stderr)
        return 2
    try:
        objects = Objects(home / "region.sqlite3", home / "blobs")
        found = [*damages(objects)]
        strays = [*stray_blobs(objects.database, objects.blobs)]
        if given.collect:
            with lock_home(home):
                objects.collect_all()
    except (sqlite3.DatabaseError, RuntimeError) as error:
        print(f"damaged: region.sqlite3: {error}" if isinstance(error, sqlite3.Error) else error, file=sys.stderr)
        return 1
    for line in found:
        print(f"damaged: {line}")
    fate = "removed" if given.collect else "they go when the region starts, or by --collect while it is stopped"
    if strays:
        print(f"{len(strays)} blobs that nothing names: {fate}")
    print(f"{len(found)} damaged" if found else "nothing is damaged")
    return 1 if found else 0


def damages(objects: Objects) -> Iterator[str]:
    """What is wrong, a sentence each: the index itself, blobs, and objects without a bucket."""
    connection = objects.database.connection
    for row in connection.execute("PRAGMA integrity_check"):
        if row[0] != "ok":
            yield f"region.sqlite3: {row[0]}"
    for digest, reason in damaged_blobs(objects.database, objects.blobs):
        names = [row["name"] for row in connection.execute(NAMES, {"digest": digest})]
        yield f"blob {digest} ({reason}), which is {', '.join(names)}"
    for row in connection.execute(HOMELESS):
        yield f"{row['name']} is in a bucket that is not there"


if __name__ == "__main__":
    sys.exit(main())
