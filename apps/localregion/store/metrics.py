"""Metrics that clients put: a row a metric, and its data points by time."""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from apps.localregion.store.database import Database

KEPT_SECONDS = 455 * 24 * 3600.0  # CloudWatch keeps hourly figures as long; these are kept whole

Dimensions = tuple[tuple[str, str], ...]  # names and values, by name


@dataclass(frozen=True)
class Sample:
    """One data point: some values at a time (unix seconds), or of a statistic set only what they come to."""

    moment: float
    unit: str
    count: float
    total: float
    low: float
    high: float
    counts: tuple[tuple[float, float], ...] = ()  # value, how often


@dataclass(frozen=True)
class Metric:
    """A metric's name."""

    namespace: str
    name: str
    dimensions: Dimensions


class StoredMetrics:
    """The metrics of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, points: Iterable[tuple[Metric, Sample]]) -> None:
        """Add data points, all or none; on the disk when this returns."""
        with self._database.write() as connection:
            for metric, sample in points:
                key = (metric.namespace, metric.name, json.dumps(metric.dimensions))
                (row,) = connection.execute(
                    "INSERT INTO metrics (namespace, name, dimensions, written) VALUES (?, ?, ?, ?)"
                    " ON CONFLICT DO UPDATE SET written = max(written, excluded.written) RETURNING id",
                    (*key, sample.moment),
                ).fetchall()
                connection.execute(
                    "INSERT INTO metric_points (metric, moment, unit, count, sum, low, high, counts)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        row["id"], sample.moment, sample.unit, sample.count, sample.total, sample.low, sample.high,
                        json.dumps(sample.counts),
                    ),
                )  # fmt: skip

    def samples(self, metric: Metric, start: float, end: float) -> list[Sample]:
        """The data points from `start` to before `end`, unix seconds, oldest first."""
        rows = self._database.connection.execute(
            "SELECT moment, unit, count, sum, low, high, counts FROM metric_points WHERE metric ="
            " (SELECT id FROM metrics WHERE namespace = ? AND name = ? AND dimensions = ?)"
            " AND moment >= ? AND moment < ? ORDER BY moment",
            (metric.namespace, metric.name, json.dumps(metric.dimensions), start, end),
        )
        return [
            Sample(
                row["moment"],
                row["unit"],
                row["count"],
                row["sum"],
                row["low"],
                row["high"],
                tuple((value, often) for value, often in json.loads(row["counts"])),
            )
            for row in rows
        ]

    def page(
        self, namespace: str | None, name: str | None, written_after: float, after: int, limit: int
    ) -> tuple[list[tuple[int, Metric]], bool]:
        """Metrics with their rows' numbers, from behind a number on, and whether there are more."""
        given: Sequence[tuple[str, Any]] = (
            ("id > ?", after), ("written >= ?", written_after), ("namespace = ?", namespace), ("name = ?", name)
        )  # fmt: skip
        conditions = [(condition, value) for condition, value in given if value is not None]
        rows = self._database.connection.execute(
            "SELECT id, namespace, name, dimensions FROM metrics"
            f" WHERE {' AND '.join(condition for condition, _ in conditions)} ORDER BY id LIMIT ?",
            (*(value for _, value in conditions), limit + 1),
        ).fetchall()
        found = [(row["id"], Metric(row["namespace"], row["name"], _dimensions(row["dimensions"]))) for row in rows]
        return found[:limit], len(found) > limit

    def forget(self, seconds: float) -> int:
        """Remove data points older than so many seconds, and metrics without any; answers how many points."""
        before = time.time() - seconds
        with self._database.write() as connection:
            gone = connection.execute("DELETE FROM metric_points WHERE moment < ?", (before,)).rowcount
            connection.execute("DELETE FROM metrics WHERE written < ?", (before,))
        return gone


def _dimensions(text: str) -> Dimensions:
    return tuple((name, value) for name, value in json.loads(text))
