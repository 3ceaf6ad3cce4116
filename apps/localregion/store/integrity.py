"""What is known of each blob's pieces, and whether the blobs on the disk still are what was written."""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from apps.localregion.store.blobs import Blobs, Draft
from apps.localregion.store.database import Database
from apps.localregion.store.pieces import PIECE, Damaged, PieceReader, PieceSums
from apps.localregion.store.stored import StoredObject

NAMED = ("objects", "versions", "parts")


def named(connection: sqlite3.Connection, digest: str) -> bool:
    """Whether an object, a version or a part has this blob."""
    query = " UNION ALL ".join(f"SELECT 1 FROM {table} WHERE digest = ?" for table in NAMED)
    return connection.execute(f"{query} LIMIT 1", (digest,) * len(NAMED)).fetchone() is not None


def keep_sums(connection: sqlite3.Connection, draft: Draft) -> None:
    """Keep the sums of a blob that has been adopted."""
    connection.execute(
        "INSERT OR REPLACE INTO blobs (digest, size, sums) VALUES (?, ?, ?)",
        (draft.digest, draft.path_size, draft.sums),
    )


def forget_sums(connection: sqlite3.Connection, digests: Iterable[str]) -> None:
    """Drop the sums of those blobs that nothing names any more."""
    for digest in digests:
        if not named(connection, digest):
            connection.execute("DELETE FROM blobs WHERE digest = ?", (digest,))


def kept_sums(database: Database, stored: StoredObject) -> tuple[int, bytes]:
    """The bytes of the object's blob and their sums; raises FileNotFoundError, and Damaged.

    A blob of a release that kept none is measured once, against the object's ETag.
    """
    query = "SELECT size, sums FROM blobs WHERE digest = ?"
    row = database.connection.execute(query, (stored.digest,)).fetchone()
    if row is not None:
        return row["size"], row["sums"]
    sums = _measured(stored)
    with database.write() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO blobs (digest, size, sums) SELECT ?, ?, ? WHERE EXISTS"
            " (SELECT 1 FROM objects WHERE digest = ?)",
            (stored.digest, stored.size, sums, stored.digest),
        )
    return stored.size, sums


def damaged_blobs(database: Database, blobs: Blobs) -> Iterator[tuple[str, str]]:
    """Each blob that is named but not what it should be: its digest, and what is wrong."""
    digests = " UNION ".join(f"SELECT digest FROM {table} WHERE digest != ''" for table in NAMED)
    rows = database.connection.execute(
        f"SELECT named.digest, size, sums FROM ({digests}) AS named LEFT JOIN blobs ON blobs.digest = named.digest"
    )
    for row in rows.fetchall():
        if reason := _reason(row, blobs.path(row["digest"])):
            yield row["digest"], reason


def stray_blobs(database: Database, blobs: Blobs) -> Iterator[str]:
    """The blobs on the disk that nothing names."""
    yield from (digest for digest in blobs.stored() if not named(database.connection, digest))


def _reason(row: sqlite3.Row, path: Path) -> str:
    try:
        if row["sums"] is None:
            return "" if path.exists() else "missing"
        if path.stat().st_size != row["size"]:
            return f"{path.stat().st_size} bytes instead of {row['size']}"
        with closing(PieceReader(path, row["size"], row["sums"])) as reader:
            while reader.read(PIECE):
                pass
    except FileNotFoundError:
        return "missing"
    except (Damaged, OSError) as error:
        return str(error)
    return ""


def _measured(stored: StoredObject) -> bytes:
    sums, md5s = PieceSums(), []
    with stored.blob.open("rb") as file:
        for size in stored.description.part_sizes or (stored.size,):
            md5, left = hashlib.md5(usedforsecurity=False), size
            while data := file.read(min(left, PIECE)):
                md5.update(data)
                sums.update(data)
                left -= len(data)
            md5s.append(md5)
        rest = file.read(1)
    whole = hashlib.md5(b"".join(md5.digest() for md5 in md5s), usedforsecurity=False).hexdigest()
    expected = f"{whole}-{len(md5s)}" if "-" in stored.etag else md5s[0].hexdigest()
    if rest or expected != stored.etag:
        raise Damaged(f"the blob {stored.blob} of {stored.bucket}/{stored.key} is not what its ETag says")
    return sums.finish()
