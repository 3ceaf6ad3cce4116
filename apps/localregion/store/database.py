"""The one SQLite file of a region: its schema, a connection a thread, and write transactions."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Each step leads from one schema version (PRAGMA user_version) to the next; released steps never change.
STEPS = (
    (
        """CREATE TABLE documents (kind TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL,
               created REAL NOT NULL, modified REAL NOT NULL, body TEXT NOT NULL,
               PRIMARY KEY (kind, name)) WITHOUT ROWID""",
        "CREATE INDEX documents_created ON documents (kind, created, name)",
        "CREATE INDEX documents_modified ON documents (kind, modified, name)",
        "CREATE INDEX documents_status ON documents (kind, status, name)",
        "CREATE TABLE buckets (name TEXT PRIMARY KEY, created REAL NOT NULL) WITHOUT ROWID",
        """CREATE TABLE objects (bucket TEXT NOT NULL, key TEXT NOT NULL, size INTEGER NOT NULL,
               etag TEXT NOT NULL, digest TEXT NOT NULL, modified REAL NOT NULL, body TEXT NOT NULL,
               PRIMARY KEY (bucket, key)) WITHOUT ROWID""",
        "CREATE INDEX objects_digest ON objects (digest)",
        """CREATE TABLE uploads (id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL,
               created REAL NOT NULL, body TEXT NOT NULL) WITHOUT ROWID""",
        "CREATE INDEX uploads_key ON uploads (bucket, key, id)",
        """CREATE TABLE parts (upload TEXT NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL,
               etag TEXT NOT NULL, digest TEXT NOT NULL, modified REAL NOT NULL, checksums TEXT NOT NULL,
               PRIMARY KEY (upload, number)) WITHOUT ROWID""",
        "CREATE INDEX parts_digest ON parts (digest)",
    ),
    (
        # Roles as iam keeps them since it has policies.
        """UPDATE documents SET body = json_set(body, '$.Id', json_extract(body, '$.RoleId'),
               '$.Tags', json(coalesce(json_extract(body, '$.Tags'), '[]')),
               '$.Description', coalesce(json_extract(body, '$.Description'), ''),
               '$.PermissionsBoundary', coalesce(json_extract(body, '$.PermissionsBoundary'), ''),
               '$.Inline', json('{}'), '$.Attached', json('[]')) WHERE kind = 'role'""",
        # A page of one status in the order of creation.
        "CREATE INDEX documents_status_created ON documents (kind, status, created, name)",
    ),
    (
        "ALTER TABLE buckets ADD COLUMN versioning TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE buckets ADD COLUMN settings TEXT NOT NULL DEFAULT '{}'",
        "ALTER TABLE objects ADD COLUMN version TEXT NOT NULL DEFAULT 'null'",
        "ALTER TABLE objects ADD COLUMN position INTEGER NOT NULL DEFAULT 0",
        """CREATE TABLE versions (bucket TEXT NOT NULL, key TEXT NOT NULL, size INTEGER NOT NULL,
               etag TEXT NOT NULL, digest TEXT NOT NULL, modified REAL NOT NULL, body TEXT NOT NULL,
               version TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (bucket, key, position)) WITHOUT ROWID""",
        "CREATE UNIQUE INDEX versions_version ON versions (bucket, key, version)",
        "CREATE INDEX versions_digest ON versions (digest)",
        # The CRC-32 of each piece of a blob, and the bytes of its file.
        "CREATE TABLE blobs (digest TEXT PRIMARY KEY, size INTEGER NOT NULL, sums BLOB NOT NULL) WITHOUT ROWID",
    ),
    (
        """CREATE TABLE trail (position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, moment REAL NOT NULL,
               name TEXT NOT NULL, source TEXT NOT NULL, user TEXT NOT NULL, access_key TEXT NOT NULL,
               read_only TEXT NOT NULL, resources TEXT NOT NULL, body TEXT NOT NULL)""",
        "CREATE INDEX trail_moment ON trail (moment)",
        """CREATE TABLE log_streams (id INTEGER PRIMARY KEY, group_name TEXT NOT NULL, name TEXT NOT NULL,
               created INTEGER NOT NULL, first INTEGER, last INTEGER, ingested INTEGER, UNIQUE (group_name, name))""",
        """CREATE TABLE log_events (id INTEGER PRIMARY KEY, stream INTEGER NOT NULL, moment INTEGER NOT NULL,
               ingested INTEGER NOT NULL, message TEXT NOT NULL)""",
        "CREATE INDEX log_events_moment ON log_events (stream, moment, id)",
        """CREATE TABLE metrics (id INTEGER PRIMARY KEY, namespace TEXT NOT NULL, name TEXT NOT NULL,
               dimensions TEXT NOT NULL, written REAL NOT NULL, UNIQUE (namespace, name, dimensions))""",
        """CREATE TABLE metric_points (metric INTEGER NOT NULL, moment REAL NOT NULL, unit TEXT NOT NULL,
               count REAL NOT NULL, sum REAL NOT NULL, low REAL NOT NULL, high REAL NOT NULL, counts TEXT NOT NULL)""",
        "CREATE INDEX metric_points_moment ON metric_points (metric, moment)",
    ),
    (
        "ALTER TABLE blobs ADD COLUMN body BLOB",  # of a small one, which has no file
        # A blob that is others, one after the other: what is uploaded in parts.
        """CREATE TABLE joints (digest TEXT NOT NULL, number INTEGER NOT NULL, part TEXT NOT NULL,
               PRIMARY KEY (digest, number)) WITHOUT ROWID""",
        "CREATE INDEX joints_part ON joints (part)",
    ),
    (
        # Uploads that were completed, with what was answered, or given up.
        """CREATE TABLE ended (upload TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, moment REAL NOT NULL,
               parts TEXT NOT NULL, answer TEXT NOT NULL) WITHOUT ROWID""",
        "CREATE INDEX ended_moment ON ended (moment)",
    ),
)

BUSY_SECONDS = 30.0
CACHE_KIBIBYTES = 512  # a connection; there are as many as threads


class Database:
    """Connections to one SQLite file, one a thread, in WAL mode: readers never wait for the writer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        with self.write() as connection:
            _upgrade(connection)

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode=WAL")
            # FULL: a blob is unlinked only after the row that named it is gone from the disk too.
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute(f"PRAGMA cache_size=-{CACHE_KIBIBYTES}")
            self._local.connection = connection
        return connection

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One write transaction: the only writer of the whole file, committed at the end or rolled back."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _upgrade(connection: sqlite3.Connection) -> None:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(STEPS):
        raise RuntimeError(f"region.sqlite3 has schema {version}, newer than this program's {len(STEPS)}: update it")
    for step in STEPS[version:]:
        for statement in step:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version={len(STEPS)}")
