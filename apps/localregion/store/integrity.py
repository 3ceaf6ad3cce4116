"""What is known of each blob's pieces, and whether the blobs on the disk still are what was written."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from apps.localregion.store.blobindex import FILES, named
from apps.localregion.store.blobs import Blobs
from apps.localregion.store.database import Database
from apps.localregion.store.pieces import PIECE, Damaged, PieceReader, PieceSums
from apps.localregion.store.stored import StoredObject


def measured(database: Database, blobs: Blobs, stored: StoredObject) -> tuple[int, bytes]:
    """The bytes and the sums of a blob of a release that kept none: measured once, against the object's ETag.

    Raises FileNotFoundError, and Damaged.
    """
    sums = _measured(blobs, stored)
    with database.write() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO blobs (digest, size, sums) SELECT ?, ?, ? WHERE EXISTS"
            " (SELECT 1 FROM objects WHERE digest = ?)",
            (stored.digest, stored.size, sums, stored.digest),
        )
    return stored.size, sums


def damaged_blobs(database: Database, blobs: Blobs) -> Iterator[tuple[str, str]]:
    """Each blob that is named but not what it should be: its digest, and what is wrong."""
    for row in database.connection.execute(FILES).fetchall():
        if reason := _reason(row, blobs.path(row["digest"])):
            yield row["digest"], reason
    for row in database.connection.execute("SELECT digest, size, sums, body FROM blobs WHERE body IS NOT NULL"):
        if len(row["body"]) != row["size"]:
            yield row["digest"], f"{len(row['body'])} bytes instead of {row['size']}"
        elif reason := _unlike(BytesIO(row["body"]), row):
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
        return _unlike(path.open("rb"), row)
    except FileNotFoundError:
        return "missing"
    except OSError as error:
        return str(error)


def _unlike(file: BinaryIO, row: sqlite3.Row) -> str:
    with closing(PieceReader(file, row["size"], row["sums"], row["digest"])) as reader:
        try:
            while reader.read(PIECE):
                pass
        except Damaged as error:
            return str(error)
    return ""


def _measured(blobs: Blobs, stored: StoredObject) -> bytes:
    sums, md5s = PieceSums(), []
    with blobs.path(stored.digest).open("rb") as file:
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
        raise Damaged(f"the blob {stored.digest} of {stored.bucket}/{stored.key} is not what its ETag says")
    return sums.finish()
