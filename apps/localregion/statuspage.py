"""The page that tells people how the region is: what runs, how large it is, what went wrong last."""

import html
import os
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from apps.localregion.answer import Answer
from apps.localregion.compute.statuses import ACTIVE, KIND
from apps.localregion.region import Region
from apps.localregion.requestlog import Failed, RequestLog

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the address may be a link that signs its reader in
    "X-Content-Type-Options": "nosniff",
}
JOBS = 50  # shown at most
STYLE = """
:root { color-scheme: light dark; --line: #d8dbe0; --dim: #5c6370; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --line: #3a3f47; --dim: #a2a9b5; --bad: #ff8a80; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--dim); } td { overflow-wrap: anywhere; }
p.none { color: var(--dim); } .bad { color: var(--bad); }
"""
FORBIDDEN = """<p>This page is for whoever sits at the region's machine, at its own address. From elsewhere it takes a
link, which there <code>python manage.py region_status --address URL</code> prints.</p>"""

Rows = Iterable[Sequence[str]]


def page(region: Region, log: RequestLog) -> Answer:
    """The page, made anew; takes some milliseconds, in a thread."""
    jobs = region.documents.all(KIND, status=ACTIVE)
    moved = sorted(jobs, key=lambda body: float(body["CreationTime"]))[:JOBS]
    running = [
        (body["TrainingJobName"], body["TrainingJobStatus"], body["SecondaryStatus"], _time(body["CreationTime"]))
        for body in moved
    ]
    told = [
        f"<h1>Region {html.escape(region.name)}, account {html.escape(region.account)}</h1>",
        f"<p>Up since {_time(log.started)}; {log.requests} requests. Now {_time(time.time())}.</p>",
        f"<h2>Training jobs in progress ({len(jobs)})</h2>",
        _table(("Job", "Status", "Step", "Created"), running),
        "<h2>Contents</h2>",
        _table(("What", "How much"), _contents(region)),
        "<h2>Last errors of the region</h2>",
        _table(("When", "Where", "What", "Level"), _failures(log.errors)),
        "<h2>Last requests that were refused</h2>",
        _table(("When", "Who", "What", "Answer"), _failures(log.failed)),
    ]
    return _answer(200, "".join(told))


def forbidden() -> Answer:
    """The answer to who may not see the page."""
    return _answer(403, FORBIDDEN)


def _contents(region: Region) -> Rows:
    connection = region.objects.database.connection
    objects, size = connection.execute("SELECT count(*), ifnull(sum(size), 0) FROM objects").fetchone()
    kinds = connection.execute("SELECT kind, status, count(*) FROM documents GROUP BY kind, status").fetchall()
    jobs = Counter({status: count for kind, status, count in kinds if kind == KIND})
    disk = shutil.disk_usage(region.home)
    yield "Training jobs", ", ".join(f"{count} {status}" for status, count in sorted(jobs.items())) or "none"
    yield "Objects in S3", f"{objects} in {_count(connection, 'buckets')} buckets, {_bytes(size)}"
    yield "Log events of clients", str(_count(connection, "log_events"))
    yield "Metric data points of clients", str(_count(connection, "metric_points"))
    yield "Calls in the trail", str(_count(connection, "trail"))
    yield "Database", f"{_bytes(_size(region.home / 'region.sqlite3'))}, schema {_version(connection)}"
    yield "Disk", f"{_bytes(disk.free)} free of {_bytes(disk.total)}"
    yield "Processors", str(os.cpu_count())


def _failures(failures: Iterable[Failed]) -> Rows:
    for each in reversed([*failures]):
        yield _time(each.moment), each.who, each.what, each.status


def _table(head: Sequence[str], rows: Rows) -> str:
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    if not body:
        return '<p class="none">None.</p>'
    names = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in head)
    return f"<table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"


def _answer(status: int, body: str) -> Answer:
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Region status</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="10">'
        f"<style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    )
    return Answer(status, dict(HEADERS), text.encode("utf-8", "replace"))


def _count(connection: sqlite3.Connection, table: str) -> int:
    found: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
    return found


def _version(connection: sqlite3.Connection) -> int:
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found


def _size(path: Path) -> int:
    return path.stat().st_size


def _time(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _bytes(size: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
