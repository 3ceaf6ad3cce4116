"""What the index knows of blobs: small ones themselves, the sums of the others, and which are made of which."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO

from apps.localregion.store.blobs import Blobs, Draft
from apps.localregion.store.database import Database
from apps.localregion.store.joined import Joined
from apps.localregion.store.pieces import PieceReader, Readable

NAMED = (("objects", "digest"), ("versions", "digest"), ("parts", "digest"), ("joints", "part"))
# Every blob that is named and a file; an index of its own answers each arm.
FILES = """WITH named AS (SELECT digest FROM objects UNION SELECT digest FROM versions WHERE digest != ''
        UNION SELECT digest FROM parts UNION SELECT part FROM joints)
    SELECT named.digest, size, sums FROM named LEFT JOIN blobs ON blobs.digest = named.digest
    WHERE body IS NULL AND named.digest NOT IN (SELECT digest FROM joints)"""


def named(connection: sqlite3.Connection, digest: str) -> bool:
    """Whether an object, a version, a part or a joined blob has this blob."""
    query = " UNION ALL ".join(f"SELECT 1 FROM {table} WHERE {column} = ?" for table, column in NAMED)
    return connection.execute(f"{query} LIMIT 1", (digest,) * len(NAMED)).fetchone() is not None


def keep(connection: sqlite3.Connection, blobs: Blobs, draft: Draft) -> None:
    """Make a draft a blob, once this transaction is committed."""
    blobs.adopt(draft)
    body = draft.stored if draft.path is None else None
    connection.execute(
        "INSERT OR REPLACE INTO blobs (digest, size, sums, body) VALUES (?, ?, ?, ?)",
        (draft.digest, draft.stored_size, draft.sums, body),
    )


def join(connection: sqlite3.Connection, parts: Sequence[str]) -> str:
    """The digest of a blob that is these blobs one after the other; nothing is copied."""
    digest = f"{hashlib.sha256(''.join(parts).encode()).hexdigest()}-{len(parts)}"
    if named(connection, digest):  # perhaps as a file: older releases copied the parts together
        return digest
    connection.executemany(
        "INSERT INTO joints (digest, number, part) VALUES (?, ?, ?)",
        ((digest, number, part) for number, part in enumerate(parts)),
    )
    return digest


def forget(connection: sqlite3.Connection, digests: Iterable[str]) -> list[str]:
    """Drop from the index those that nothing names any more; answers the files that may go when it is committed."""
    files: list[str] = []
    for digest in dict.fromkeys(digests):
        if named(connection, digest):
            continue
        gone = connection.execute("SELECT body IS NULL FROM blobs WHERE digest = ?", (digest,)).fetchone()
        connection.execute("DELETE FROM blobs WHERE digest = ?", (digest,))
        if gone and not gone[0]:
            continue
        parts = connection.execute("DELETE FROM joints WHERE digest = ? RETURNING part", (digest,)).fetchall()
        files += [digest] if gone or not parts else []
        files += forget(connection, [row["part"] for row in parts])
    return files


def opened(
    database: Database,
    blobs: Blobs,
    digest: str,
    measured: Callable[[], tuple[int, bytes]],
    release: Callable[[list[str]], None],
) -> Readable:
    """A blob, checked as it is read; raises FileNotFoundError when nothing names it any more.

    `measured` answers the size and the sums of one that the index does not know; `release` takes the digests that a
    reader lets go of.
    """
    if (row := _known(database, digest)) is not None:
        return _reader(blobs, row)
    query = "SELECT blobs.* FROM joints JOIN blobs ON blobs.digest = part WHERE joints.digest = ? ORDER BY number"
    rows = database.connection.execute(query, (digest,)).fetchall()
    if not rows:
        file = blobs.path(digest).open("rb")
        return PieceReader(file, *measured(), digest)
    parts = [row["digest"] for row in rows]
    blobs.hold(parts)
    if not database.connection.execute("SELECT 1 FROM joints WHERE digest = ? LIMIT 1", (digest,)).fetchone():
        release(parts)
        raise FileNotFoundError(digest)

    sizes = [row["size"] for row in rows]
    return Joined(sizes, lambda number: _reader(blobs, rows[number]), lambda: release(parts))


def opened_part(database: Database, blobs: Blobs, digest: str) -> Readable:
    """A blob that is made of no others; raises FileNotFoundError."""
    row = _known(database, digest)
    if row is None:
        raise FileNotFoundError(digest)
    return _reader(blobs, row)


def _known(database: Database, digest: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = database.connection.execute("SELECT * FROM blobs WHERE digest = ?", (digest,)).fetchone()
    return row


def _reader(blobs: Blobs, row: sqlite3.Row) -> PieceReader:
    file = blobs.path(row["digest"]).open("rb") if row["body"] is None else BytesIO(row["body"])
    return PieceReader(file, row["size"], row["sums"], row["digest"])
