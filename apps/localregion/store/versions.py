"""How an object's versions follow each other in the index.

`objects` has what a plain GET finds; `versions` has older versions, and delete markers wherever they stand.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
"""

import base64
import binascii
import secrets
import sqlite3
import time

from apps.localregion.store.stored import COLUMNS, NULL

SAME_KEY = "bucket = ? AND key = ?"


def next_position(connection: sqlite3.Connection, bucket: str, key: str) -> int:
    """A position in front of all versions of the key."""
    row = connection.execute(
        f"SELECT min(position) AS first FROM (SELECT position FROM objects WHERE {SAME_KEY}"
        f" UNION ALL SELECT position FROM versions WHERE {SAME_KEY})",
        (bucket, key, bucket, key),
    ).fetchone()
    return min(-time.time_ns(), (row["first"] or 0) - 1)


def new_version(position: int) -> str:
    """A version id of 32 characters; it tells the position, so that a listing goes on behind one that is gone."""
    return base64.urlsafe_b64encode((-position).to_bytes(8, "big") + secrets.token_bytes(16)).decode()


def position_of(version: str) -> int | None:
    """The position that a version id tells; None for "null" and what is no id."""
    try:
        raw = base64.urlsafe_b64decode(version.encode())
    except (binascii.Error, ValueError):
        return None
    return -int.from_bytes(raw[:8], "big") if len(raw) == 24 else None


def supersede(connection: sqlite3.Connection, bucket: str, key: str, versioning: str) -> list[str]:
    """Make room for a new latest version; answers the digests of what is gone for good.

    Where versions are kept the latest one stays as an older one; else the "null" version goes, wherever it stands.
    """
    same = (bucket, key)
    if not versioning:
        gone = connection.execute(f"DELETE FROM objects WHERE {SAME_KEY} RETURNING digest", same)
        return [row["digest"] for row in gone.fetchall()]
    gone_digests: list[str] = []
    if versioning == "Suspended":
        for table in ("objects", "versions"):
            rows = connection.execute(
                f"DELETE FROM {table} WHERE {SAME_KEY} AND version = ? RETURNING digest", (*same, NULL)
            )
            gone_digests += [row["digest"] for row in rows.fetchall()]
    connection.execute(f"INSERT INTO versions ({COLUMNS}) SELECT {COLUMNS} FROM objects WHERE {SAME_KEY}", same)
    connection.execute(f"DELETE FROM objects WHERE {SAME_KEY}", same)
    return gone_digests


def insert_marker(connection: sqlite3.Connection, bucket: str, key: str, position: int, version: str) -> None:
    """Put a delete marker in front of the versions of the key."""
    connection.execute(
        f"INSERT INTO versions ({COLUMNS}) VALUES (?, ?, 0, '', '', ?, ?, ?, ?)",
        (bucket, key, time.time(), '{"part_sizes": []}', version, position),
    )


def remove(connection: sqlite3.Connection, bucket: str, key: str, version: str) -> str | None:
    """Remove one version and answer its digest, empty for a marker; None when there is none.

    When it was the latest, the one before it is the latest again.
    """
    for table in ("objects", "versions"):
        row = connection.execute(
            f"DELETE FROM {table} WHERE {SAME_KEY} AND version = ? RETURNING digest", (bucket, key, version)
        ).fetchone()
        if row is not None:
            _promote(connection, bucket, key)
            return str(row["digest"])
    return None


def _promote(connection: sqlite3.Connection, bucket: str, key: str) -> None:
    """Where no object is in front, the newest version becomes it, unless that is a delete marker."""
    if connection.execute(f"SELECT 1 FROM objects WHERE {SAME_KEY}", (bucket, key)).fetchone():
        return
    newest = connection.execute(
        f"SELECT digest, position FROM versions WHERE {SAME_KEY} ORDER BY position LIMIT 1", (bucket, key)
    ).fetchone()
    if newest is None or not newest["digest"]:
        return
    same = (bucket, key, newest["position"])
    connection.execute(
        f"INSERT INTO objects ({COLUMNS}) SELECT {COLUMNS} FROM versions WHERE {SAME_KEY} AND position = ?", same
    )
    connection.execute(f"DELETE FROM versions WHERE {SAME_KEY} AND position = ?", same)
