"""S3's objects: an index in SQLite over content-addressed blobs. Keys are data, never paths."""

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from apps.localregion.errors import AwsError
from apps.localregion.store import versions
from apps.localregion.store.blobindex import FILES, forget, keep, named, opened
from apps.localregion.store.blobs import COPY_BYTES, Blobs, Draft, Drafting, link_blob
from apps.localregion.store.buckets import Buckets, versioning
from apps.localregion.store.database import Database
from apps.localregion.store.documents import Documents
from apps.localregion.store.integrity import measured
from apps.localregion.store.keyring import Keyring
from apps.localregion.store.keys import behind, successor
from apps.localregion.store.pieces import Readable
from apps.localregion.store.sealing import Unsealed
from apps.localregion.store.stored import (
    COLUMNS,
    DEFAULT_TYPE,
    NULL,
    Condition,
    Description,
    StoredObject,
    dump_description,
    read_row,
)

__all__ = ["Objects", "Removal", "StoredObject"]

PAGE = 1000
Digests = list[str]


@dataclass(frozen=True)
class Removal:
    """What became of one deletion: the version that it removed or made, and whether that is a delete marker."""

    version: str = ""
    marker: bool = False


class Objects(Buckets):
    """Buckets and objects.

    A crash leaves the old or the new object; blobs that nobody names go at the next start.
    """

    def __init__(self, path: Path, blobs: Path) -> None:
        super().__init__(Database(path))
        self.blobs = Blobs(blobs)
        self.keyring = Keyring(Documents(path))

    def delete_bucket(self, bucket: str) -> None:
        """Remove an empty bucket; raises AwsError NoSuchBucket or BucketNotEmpty."""
        with self.database.write() as connection:
            kept = versioning(connection, bucket)
            for table in ("objects", "versions"):
                if connection.execute(f"SELECT 1 FROM {table} WHERE bucket = ? LIMIT 1", (bucket,)).fetchone():
                    versioned = " You must delete all versions in the bucket." if kept else ""
                    message = f"The bucket you tried to delete is not empty.{versioned}"
                    raise AwsError("BucketNotEmpty", message, 409, BucketName=bucket)
            unfinished = "FROM parts WHERE upload IN (SELECT id FROM uploads WHERE bucket = ?)"
            rows = connection.execute(f"SELECT digest {unfinished}", (bucket,)).fetchall()
            connection.execute(f"DELETE {unfinished}", (bucket,))
            for table, column in (("uploads", "bucket"), ("ended", "bucket"), ("buckets", "name")):
                connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (bucket,))
            files = forget(connection, [row["digest"] for row in rows])
        self.collect(files)

    def draft(self, key: bytes | None = None) -> Drafting:
        """What a body that is coming in is written into, sealed with the key if there is one."""
        return self.blobs.draft(key)

    def put_file(
        self,
        bucket: str,
        key: str,
        source: Path,
        *,
        content_type: str = DEFAULT_TYPE,
        metadata: dict[str, str] | None = None,
        kms_key: str = "",
    ) -> StoredObject:
        """Store a copy of a file, encrypted if a kms key is named; raises AwsError NoSuchBucket or of kms."""
        sealing: dict[str, str] = {}
        data_key, headers = None, {}
        if kms_key:
            sealing, data_key = self.keyring.new_sealing(kms_key, {"aws:s3:arn": f"arn:aws:s3:::{bucket}/{key}"})
            headers = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": sealing["kms"]}
        with self.draft(data_key) as drafting:
            with source.open("rb") as file:
                shutil.copyfileobj(file, drafting, COPY_BYTES)
            description = Description(content_type, metadata or {}, headers, sealing=sealing)
            return self.put(bucket, key, drafting.finish(), description)

    def put(
        self,
        bucket: str,
        key: str,
        draft: Draft,
        description: Description,
        condition: Condition | None = None,
    ) -> StoredObject:
        """Make a draft the latest version of this key.

        `condition` sees the object that is there (or None) and raises to refuse. Raises AwsError NoSuchBucket.
        """
        with self.database.write() as connection:
            gone = self._make_room(connection, bucket, key, condition)
            keep(connection, self.blobs, draft)
            stored = self._write(connection, bucket, key, draft.size, draft.etag, draft.digest, description)
            files = forget(connection, gone)
        self.collect(files)
        return stored

    def put_joined(
        self,
        bucket: str,
        key: str,
        size: int,
        etag: str,
        description: Description,
        condition: Condition | None,
        within: Callable[[sqlite3.Connection], tuple[str, Digests]],
        done: Callable[[sqlite3.Connection, StoredObject], None],
    ) -> StoredObject:
        """As `put`; `within` answers the digest that it has made, and those that may be free; `done` comes last."""
        with self.database.write() as connection:
            gone = self._make_room(connection, bucket, key, condition)
            digest, free = within(connection)
            stored = self._write(connection, bucket, key, size, etag, digest, description)
            done(connection, stored)
            files = forget(connection, gone + free)
        self.collect(files)
        return stored

    def copy(
        self,
        source: StoredObject,
        bucket: str,
        key: str,
        description: Description,
        condition: Condition | None = None,
    ) -> StoredObject | None:
        """Store another object with the bytes of `source`; None when that is not there any more."""
        with self.database.write() as connection:
            if not named(connection, source.digest):
                return None
            gone = self._make_room(connection, bucket, key, condition)
            stored = self._write(connection, bucket, key, source.size, source.etag, source.digest, description)
            files = forget(connection, gone)
        self.collect(files)
        return stored

    def describe(
        self, bucket: str, key: str, version: str | None, change: Callable[[Description], Description]
    ) -> StoredObject | None:
        """Change what is kept beside the bytes of the latest or a named version; None when it is not there."""
        with self.database.write() as connection:
            found = self._find(connection, bucket, key, version)
            if found is None or found.marker:
                return found
            changed = dump_description(change(found.description))
            for table in ("objects", "versions"):
                connection.execute(
                    f"UPDATE {table} SET body = ? WHERE {versions.SAME_KEY} AND version = ?",
                    (changed, bucket, key, found.version),
                )
            return self._find(connection, bucket, key, found.version)

    def get(self, bucket: str, key: str, version: str | None = None) -> StoredObject | None:
        """The object, or a version of it, which may be a delete marker; None when it is not there."""
        return self._find(self.database.connection, bucket, key, version)

    def marker(self, bucket: str, key: str) -> StoredObject | None:
        """The delete marker that is the latest version of a key without an object, if it is."""
        row = self.database.connection.execute(
            f"SELECT * FROM versions WHERE {versions.SAME_KEY} ORDER BY position LIMIT 1", (bucket, key)
        ).fetchone()
        return read_row(row) if row and not row["digest"] else None

    def open(self, stored: StoredObject, key: bytes | None = None) -> Readable:
        """The object's bytes, checked as they are read; `key` is the customer's, if it was sealed with one.

        Raises FileNotFoundError when it was replaced since, Damaged, and AwsError of kms.
        """
        reader = self._reader(stored)
        if not stored.description.sealing:
            return reader
        data_key = key or self.keyring.opened(stored.description.sealing)
        return Unsealed(reader, stored.description.part_sizes or (stored.size,), data_key)

    def bring(self, stored: StoredObject, target: Path) -> None:
        """Make `target` a file of the object's bytes: a hard link to its checked blob, where that is just its file.

        Raises as `open` does, and OSError.
        """
        blob = self.blobs.path(stored.digest)
        with closing(self.open(stored)) as source:
            if stored.description.sealing or not blob.exists():
                with target.open("xb") as file:
                    shutil.copyfileobj(source, file, COPY_BYTES)
                return
            while source.read(COPY_BYTES):
                pass
        link_blob(blob, target)

    def list(self, bucket: str, prefix: str = "") -> Iterator[StoredObject]:
        """The objects whose keys start with `prefix`, in key order (UTF-8)."""
        start = prefix
        while page := self.page(bucket, prefix, start, PAGE):
            yield from page
            start = behind(page[-1].key)

    def page(self, bucket: str, prefix: str, start: str, limit: int) -> Sequence[StoredObject]:
        """At most `limit` objects under `prefix`, from the key `start` on."""
        end = successor(prefix)
        rows = self.database.connection.execute(
            "SELECT * FROM objects WHERE bucket = ? AND key >= ? AND (? IS NULL OR key < ?) ORDER BY key LIMIT ?",
            (bucket, max(prefix, start), end, end, limit),
        )
        return [read_row(row) for row in rows.fetchall()]

    def page_versions(
        self, bucket: str, prefix: str, start: str, behind_position: int | None, limit: int
    ) -> Sequence[tuple[StoredObject, bool]]:
        """At most `limit` versions, the newest of a key first, from `start` on (behind a position of that key).

        Each comes with whether it is the latest.
        """
        end, start = successor(prefix), max(prefix, start)
        arm = (
            f"SELECT {COLUMNS} FROM {{}} WHERE bucket = :bucket AND key >= :start AND (:end IS NULL OR key < :end)"
            " AND (key > :start OR :behind IS NULL OR position > :behind)"
        )
        rows = self.database.connection.execute(
            f"{arm.format('objects')} UNION ALL {arm.format('versions')} ORDER BY key, position LIMIT :limit",
            {"bucket": bucket, "start": start, "end": end, "behind": behind_position, "limit": limit},
        )
        found = [read_row(row) for row in rows.fetchall()]
        before = start if behind_position is not None else None
        latest = []
        for stored in found:
            latest.append(stored.key != before)
            before = stored.key
        return [*zip(found, latest, strict=True)]

    def delete(self, bucket: str, key: str) -> None:
        """Remove the object, if it is there; raises AwsError NoSuchBucket."""
        self.delete_all(bucket, [(key, None)])

    def delete_all(
        self, bucket: str, names: Iterable[tuple[str, str | None]], condition: Condition | None = None
    ) -> Sequence[Removal]:
        """Remove those of the objects (key, version or None) that are there; raises AwsError NoSuchBucket.

        Where versions are kept and none is named, a delete marker is put in front instead.
        """
        gone: list[str] = []
        done = []
        with self.database.write() as connection:
            kept = versioning(connection, bucket)
            for key, version in names:
                if condition is not None:
                    condition(self._find(connection, bucket, key, version))
                if version is not None:
                    digest = versions.remove(connection, bucket, key, version)
                    gone += [digest] if digest else []
                    done.append(Removal(version, marker=digest == ""))
                    continue
                position = versions.next_position(connection, bucket, key) if kept else 0
                gone += versions.supersede(connection, bucket, key, kept)
                made = versions.new_version(position) if kept == "Enabled" else NULL
                if kept:
                    versions.insert_marker(connection, bucket, key, position, made)
                done.append(Removal(made, marker=True) if kept else Removal())
            files = forget(connection, gone)
        self.collect(files)
        return done

    def collect(self, digests: Iterable[str]) -> None:
        """Remove the blobs among these that nothing names any more; they are gone from the index on the disk."""
        wanted = [*digests]
        if not wanted:
            return
        with self.database.write() as connection:
            for digest in wanted:
                if not named(connection, digest):
                    self.blobs.drop(digest)

    def _reader(self, stored: StoredObject) -> Readable:
        return opened(
            self.database,
            self.blobs,
            stored.digest,
            lambda: measured(self.database, self.blobs, stored),
            lambda digests: self.collect(self.blobs.release(digests)),
        )

    def collect_all(self) -> None:
        """Remove the drafts and the unnamed blobs that crashes left behind. Only before the first request."""
        self.blobs.clear_drafts()
        with self.database.write() as connection:
            wanted = {row["digest"] for row in connection.execute(FILES)}
            for digest in self.blobs.stored():
                if digest not in wanted:
                    self.blobs.drop(digest)

    def _find(self, connection: sqlite3.Connection, bucket: str, key: str, version: str | None) -> StoredObject | None:
        tables = ("objects",) if version is None else ("objects", "versions")
        wanted, values = ("", ()) if version is None else (" AND version = ?", (version,))
        for table in tables:
            query = f"SELECT * FROM {table} WHERE {versions.SAME_KEY}{wanted}"
            if row := connection.execute(query, (bucket, key, *values)).fetchone():
                return read_row(row)
        return None

    def _make_room(self, connection: sqlite3.Connection, bucket: str, key: str, condition: Condition | None) -> Digests:
        """Before a new latest version: refuse by the condition, or answer the digests of what it replaces for good."""
        kept = versioning(connection, bucket)
        if condition is not None:
            condition(self._find(connection, bucket, key, None))
        return versions.supersede(connection, bucket, key, kept)

    def _write(
        self,
        connection: sqlite3.Connection,
        bucket: str,
        key: str,
        size: int,
        etag: str,
        digest: str,
        description: Description,
    ) -> StoredObject:
        kept = versioning(connection, bucket)
        position = versions.next_position(connection, bucket, key) if kept else -time.time_ns()
        version = versions.new_version(position) if kept == "Enabled" else NULL
        values = (bucket, key, size, etag, digest, time.time(), dump_description(description), version, position)
        row = connection.execute(
            f"INSERT INTO objects ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *", values
        ).fetchone()
        return read_row(row)
