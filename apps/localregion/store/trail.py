"""The trail of calls: rows that are only ever added, and removed when they are too old to be asked for."""

import base64
import binascii
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.localregion.store.database import Database

# What rows can be found by; a resource is one of several in its row.
COLUMNS = {
    "EventId": "id = ?",
    "EventName": "name = ?",
    "EventSource": "source = ?",
    "Username": "user = ?",
    "AccessKeyId": "access_key = ?",
    "ReadOnly": "read_only = ?",
    "ResourceName": "instr(resources, ?) > 0",
    "ResourceType": "instr(resources, ?) > 0",
}


@dataclass(frozen=True)
class Entry:
    """One call: who called what, when (unix seconds), on what, and CloudTrail's own record of it as JSON."""

    id: str
    moment: float
    name: str
    source: str
    user: str
    access_key: str
    read_only: str  # "true" or "false", as CloudTrail has it
    resources: Sequence[dict[str, str]]
    body: str


class Trail:
    """The entries of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, entry: Entry) -> None:
        """Add an entry; on the disk when this returns."""
        row = (
            entry.id, entry.moment, entry.name, entry.source, entry.user, entry.access_key, entry.read_only,
            json.dumps(entry.resources), entry.body,
        )  # fmt: skip
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO trail (id, moment, name, source, user, access_key, read_only, resources, body)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )

    def page(
        self, start: float, end: float, attribute: tuple[str, str] | None, after: str | None, limit: int
    ) -> tuple[list[Entry], str | None]:
        """Entries from `start` to `end` (unix seconds, both inclusive), newest first, and the token of the next page.

        `attribute` is a name of COLUMNS and its value. Raises ValueError for a bad token.
        """
        conditions = ["moment >= ?", "moment <= ?"]
        bound: list[Any] = [start, end]
        if attribute is not None:
            name, value = attribute
            conditions.append(COLUMNS[name])
            # A resource's JSON has its members in one form, in which quotes within a value are escaped.
            bound.append(f'"{name}": {json.dumps(value)}' if name.startswith("Resource") else value)
        if after is not None:
            conditions.append("(moment, position) < (?, ?)")
            bound += _read_token(after)
        rows = self._database.connection.execute(
            f"SELECT * FROM trail WHERE {' AND '.join(conditions)} ORDER BY moment DESC, position DESC LIMIT ?",
            (*bound, limit + 1),
        ).fetchall()
        more = len(rows) > limit
        names = ("id", "moment", "name", "source", "user", "access_key", "read_only")
        entries = [
            Entry(**{name: row[name] for name in names}, resources=json.loads(row["resources"]), body=row["body"])
            for row in rows[:limit]
        ]
        return entries, _make_token(rows[limit - 1]) if more else None

    def forget(self, before: float) -> int:
        """Remove the entries before a time, unix seconds; answers how many."""
        with self._database.write() as connection:
            return connection.execute("DELETE FROM trail WHERE moment < ?", (before,)).rowcount


def _make_token(last: sqlite3.Row) -> str:
    return base64.urlsafe_b64encode(json.dumps([last["moment"], last["position"]]).encode()).decode()


def _read_token(token: str) -> tuple[float, int]:
    try:
        moment, position = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, UnicodeError, TypeError, ValueError) as error:
        raise ValueError("this is not a page token") from error
    if not isinstance(moment, float) or not isinstance(position, int) or not 0 <= position < 1 << 63:
        raise ValueError("this is not a page token")
    return moment, position
