"""Log streams that clients write: their events as rows, in order of time however they come."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from apps.localregion.store.database import Database

CHUNK = 500  # rows read at once
EARLIEST, LATEST = (-1, -1), (1 << 62, 1 << 62)

Key = tuple[int, int]  # an event's place in its stream: unix milliseconds, row


@dataclass(frozen=True)
class Row:
    """An event: its place, when it was taken in (unix milliseconds), its message."""

    key: Key
    ingested: int
    message: str


@dataclass(frozen=True)
class StreamRow:
    """A stream's facts, times in unix milliseconds; an empty stream has none of its events."""

    id: int
    name: str
    created: int
    first: int | None
    last: int | None
    ingested: int | None


class StoredLogs:
    """The streams and events of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, group: str, name: str) -> bool:
        """Make a stream; False when it is there."""
        with self._database.write() as connection:
            done = connection.execute(
                "INSERT OR IGNORE INTO log_streams (group_name, name, created) VALUES (?, ?, ?)",
                (group, name, int(time.time() * 1000)),
            )
            return done.rowcount > 0

    def stream(self, group: str, name: str) -> StreamRow | None:
        """The stream, or None."""
        found = self._streams("group_name = ? AND name = ?", (group, name))
        return found[0] if found else None

    def streams(self, group: str, prefix: str = "") -> list[StreamRow]:
        """The group's streams whose names start with `prefix`, by name."""
        return self._streams("group_name = ? AND substr(name, 1, ?) = ?", (group, len(prefix), prefix))

    def delete(self, group: str, name: str | None = None) -> bool:
        """Remove a stream, or all of the group, with their events; False when there was none."""
        condition, values = (
            ("group_name = ?", [group]) if name is None else ("group_name = ? AND name = ?", [group, name])
        )
        with self._database.write() as connection:
            connection.execute(
                f"DELETE FROM log_events WHERE stream IN (SELECT id FROM log_streams WHERE {condition})",
                values,
            )
            return connection.execute(f"DELETE FROM log_streams WHERE {condition}", values).rowcount > 0

    def append(self, stream: int, events: Sequence[tuple[int, str]]) -> bool:
        """Add events (unix milliseconds, message), on the disk when this returns; False when the stream is gone."""
        now = int(time.time() * 1000)
        moments = [moment for moment, _ in events]
        with self._database.write() as connection:
            done = connection.execute(
                "UPDATE log_streams SET first = min(ifnull(first, ?1), ?1), last = max(ifnull(last, ?2), ?2),"
                " ingested = ?3 WHERE id = ?4",
                (min(moments), max(moments), now, stream),
            )
            if done.rowcount == 0:
                return False
            connection.executemany(
                "INSERT INTO log_events (stream, moment, ingested, message) VALUES (?, ?, ?, ?)",
                [(stream, moment, now, message) for moment, message in events],
            )
        return True

    def rows(self, stream: int, low: Key, high: Key, *, newest_first: bool = False) -> Iterator[Row]:
        """The events from `low` to before `high`, read in chunks: no reader stands in the way of the writer."""
        order = "DESC" if newest_first else "ASC"
        while True:
            found = self._database.connection.execute(
                "SELECT moment, id, ingested, message FROM log_events"
                " WHERE stream = ? AND (moment, id) >= (?, ?) AND (moment, id) < (?, ?)"
                f" ORDER BY moment {order}, id {order} LIMIT ?",
                (stream, *low, *high, CHUNK),
            ).fetchall()
            for row in found:
                yield Row((row["moment"], row["id"]), row["ingested"], row["message"])
            if len(found) < CHUNK:
                return
            last = (found[-1]["moment"], found[-1]["id"])
            low, high = (low, last) if newest_first else ((last[0], last[1] + 1), high)

    def stored_bytes(self, group: str) -> int:
        """The size of the messages of a group."""
        row = self._database.connection.execute(
            "SELECT sum(length(CAST(message AS BLOB))) AS size FROM log_events"
            " WHERE stream IN (SELECT id FROM log_streams WHERE group_name = ?)",
            (group,),
        ).fetchone()
        return int(row["size"] or 0)

    def forget(self, group: str, before: int) -> int:
        """Remove the group's events before a time, unix milliseconds; answers how many."""
        with self._database.write() as connection:
            return connection.execute(
                "DELETE FROM log_events WHERE moment < ?"
                " AND stream IN (SELECT id FROM log_streams WHERE group_name = ?)",
                (before, group),
            ).rowcount

    def _streams(self, condition: str, values: tuple[Any, ...]) -> list[StreamRow]:
        rows = self._database.connection.execute(
            f"SELECT id, name, created, first, last, ingested FROM log_streams WHERE {condition} ORDER BY name",
            values,
        )
        return [StreamRow(*row) for row in rows]
