"""Named JSON documents by kind ("training-job", "role"): what each service keeps."""

import base64
import binascii
import json
import sqlite3
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Literal, get_args

from apps.localregion.store.database import Database

Body = dict[str, Any]
SortBy = Literal["created", "modified", "name", "status"]


class Exists(Exception):
    """A document of this kind and name is there already."""


class Documents:
    """Documents in SQLite, each with `created` and `modified` (unix seconds) and `status` beside its JSON.

    They are the body's CreationTime, LastModifiedTime and Status; where it has no times, those of the write.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path)

    def insert(self, kind: str, name: str, body: Body) -> None:
        """Store a new document; raises Exists."""
        now = time.time()
        row = (kind, name, *_columns(body, now), _dump(body))
        with self._database.write() as connection:
            try:
                connection.execute(
                    "INSERT INTO documents (kind, name, status, created, modified, body) VALUES (?, ?, ?, ?, ?, ?)",
                    row,
                )
            except sqlite3.IntegrityError as error:
                raise Exists(f"{kind} {name}") from error

    def get(self, kind: str, name: str) -> Body | None:
        """The document, or None."""
        return _get(self._database.connection, kind, name)

    def update(self, kind: str, name: str, change: Callable[[Body], Body | None]) -> Body | None:
        """Read, change and write in one transaction; answers the body as stored afterwards, None if absent.

        `change` answers the new body, or None to leave the document as it is.
        """
        with self._database.write() as connection:
            found = _get(connection, kind, name)
            changed = None if found is None else change(found)
            if changed is None:
                return _get(connection, kind, name)
            status, created, modified = _columns(changed, time.time())
            connection.execute(
                "UPDATE documents SET status = ?, created = iif(?, ?, created), modified = ?, body = ?"
                " WHERE kind = ? AND name = ?",
                (status, "CreationTime" in changed, created, modified, _dump(changed), kind, name),
            )
            return changed

    def delete(self, kind: str, name: str) -> bool:
        """Remove the document; False when there was none."""
        with self._database.write() as connection:
            done = connection.execute("DELETE FROM documents WHERE kind = ? AND name = ?", (kind, name))
            return done.rowcount > 0

    def all(self, kind: str, *, status: Collection[str] | None = None) -> list[Body]:
        """Every document of a kind, oldest first, or only those in one of some statuses."""
        query, values = "SELECT body FROM documents WHERE kind = ?", [kind]
        if status is not None:
            # By name, as SQLite would rather walk all documents of the kind to find the few of a status.
            marks = ", ".join("?" * len(status))
            query = query.replace("WHERE", "INDEXED BY documents_status WHERE") + f" AND status IN ({marks})"
            values += status
        rows = self._database.connection.execute(f"{query} ORDER BY created, name", values)
        return [json.loads(row["body"]) for row in rows]

    def page(
        self,
        kind: str,
        *,
        status: str | None = None,
        name_contains: str | None = None,
        created_after: float | None = None,
        created_before: float | None = None,
        modified_after: float | None = None,
        modified_before: float | None = None,
        sort_by: SortBy = "created",
        descending: bool = True,
        after: str | None = None,
        limit: int = 100,
    ) -> tuple[list[Body], str | None]:
        """A page of bodies and the token of the next (None at the end); raises ValueError for a bad token.

        `after` is such a token. Time bounds are exclusive, in unix seconds.
        """
        if sort_by not in get_args(SortBy):
            raise ValueError(f"cannot sort by {sort_by}")
        filters = {
            "status = ?": status,
            "instr(name, ?) > 0": name_contains,
            "created > ?": created_after,
            "created < ?": created_before,
            "modified > ?": modified_after,
            "modified < ?": modified_before,
        }
        given = {condition: value for condition, value in filters.items() if value is not None}
        conditions, values = ["kind = ?", *given], [kind, *given.values()]
        direction, compared = ("DESC", "<") if descending else ("ASC", ">")
        if after is not None:
            conditions.append(f"({sort_by}, name) {compared} (?, ?)")
            values += _read_token(after, sort_by)
        rows = self._database.connection.execute(
            f"SELECT body, name, {sort_by} AS position FROM documents WHERE {' AND '.join(conditions)}"
            f" ORDER BY {sort_by} {direction}, name {direction} LIMIT ?",
            (*values, limit + 1),
        ).fetchall()
        token = _make_token(sort_by, rows[limit - 1]) if len(rows) > limit else None
        return [json.loads(row["body"]) for row in rows[:limit]], token


def _get(connection: sqlite3.Connection, kind: str, name: str) -> Body | None:
    row = connection.execute("SELECT body FROM documents WHERE kind = ? AND name = ?", (kind, name)).fetchone()
    body: Body | None = json.loads(row["body"]) if row else None
    return body


def _columns(body: Body, now: float) -> tuple[str, float, float]:
    created = body.get("CreationTime", now)
    return body.get("Status", ""), created, body.get("LastModifiedTime", now)


def _dump(body: Body) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _make_token(sort_by: SortBy, last: sqlite3.Row) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort_by, last["position"], last["name"]]).encode()).decode()


def _read_token(token: str, sort_by: SortBy) -> list[Any]:
    try:
        made_for, position, name = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, UnicodeError, TypeError, ValueError) as error:
        raise ValueError("this is not a page token") from error
    text_sort = sort_by in ("name", "status")
    if made_for != sort_by or not isinstance(name, str) or isinstance(position, str) is not text_sort:
        raise ValueError(f"this page token was not made for sorting by {sort_by}")
    if not isinstance(position, str | int | float):
        raise ValueError("this is not a page token")
    return [position, name]
