"""Uploads that are over, remembered for a day: a client that got no answer asks again, and S3 answers it.

AWS documents NoSuchUpload for one that was completed or aborted, and answers so only after about a day: see
https://github.com/adobe/S3Mock/issues/2586 (CompleteMultipartUpload) and
https://github.com/minio/minio/issues/2250 (AbortMultipartUpload), where both were tried.
"""

import hashlib
import json
import sqlite3
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from apps.localregion.store.stored import Description, StoredObject, dump_description, load_description

KEPT_SECONDS = 24 * 3600.0
MOST_KEPT = 10_000  # uploads, the latest ones

Named = Sequence[tuple[int, str]]  # the number and the ETag of each part, as a client names them


def remember_completed(connection: sqlite3.Connection, upload: str, parts: Named, made: StoredObject) -> None:
    """Keep what is answered about an object that was made of these parts."""
    described = made.description
    told = Description(headers=described.headers, checksums=described.checksums, checksum_type=described.checksum_type)
    answer: dict[str, str | int] = {
        "size": made.size,
        "etag": made.etag,
        "version": made.version,
        "told": dump_description(told),
    }
    _remember(connection, upload, made.bucket, made.key, _fingerprint(parts), answer)


def remember_aborted(connection: sqlite3.Connection, upload: str, bucket: str, key: str) -> None:
    """Keep that an upload was given up."""
    _remember(connection, upload, bucket, key, "", {})


def has_ended(connection: sqlite3.Connection, upload: str, bucket: str, key: str) -> bool:
    """Whether the upload was completed or given up, as far as that is remembered."""
    return _recall(connection, upload, bucket, key) is not None


def completed(connection: sqlite3.Connection, upload: str, bucket: str, key: str, parts: Named) -> StoredObject | None:
    """What the upload made of just these parts, with as much as its answer tells; None when that is not known."""
    row = _recall(connection, upload, bucket, key)
    if row is None or row["parts"] != _fingerprint(parts):
        return None
    answer = json.loads(row["answer"])
    modified, told = datetime.fromtimestamp(row["moment"], UTC), load_description(json.loads(answer["told"]))
    return StoredObject(bucket, key, answer["size"], answer["etag"], "", modified, told, answer["version"])


def _remember(
    connection: sqlite3.Connection, upload: str, bucket: str, key: str, parts: str, answer: dict[str, str | int]
) -> None:
    now = time.time()
    connection.execute(
        "INSERT INTO ended (upload, bucket, key, moment, parts, answer) VALUES (?, ?, ?, ?, ?, ?)",
        (upload, bucket, key, now, parts, json.dumps(answer)),
    )
    connection.execute(
        "DELETE FROM ended WHERE moment < ?"
        " OR moment < (SELECT moment FROM ended ORDER BY moment DESC LIMIT 1 OFFSET ?)",
        (now - KEPT_SECONDS, MOST_KEPT - 1),
    )


def _recall(connection: sqlite3.Connection, upload: str, bucket: str, key: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM ended WHERE upload = ? AND bucket = ? AND key = ? AND moment >= ?",
        (upload, bucket, key, time.time() - KEPT_SECONDS),
    ).fetchone()
    return row


def _fingerprint(parts: Named) -> str:
    return hashlib.sha256(json.dumps([*parts]).encode()).hexdigest()
