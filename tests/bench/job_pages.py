"""Measures the job's page in a process of its own; prints the figures as JSON, in milliseconds and kilobytes."""

import json
import random
import statistics
import time
from datetime import timedelta
from itertools import count

import django

django.setup()

from django.core.management import call_command  # noqa: E402  # Django must be set up first
from django.test import Client  # noqa: E402

from apps.accounts.models import User  # noqa: E402
from apps.aws.models import Workspace  # noqa: E402
from apps.core import clock  # noqa: E402
from apps.training.models import LogChunk, LogStream, MetricPoint, TrainingJob  # noqa: E402

POINTS, LINES = 100_000, 1_000_000
CHUNK, BATCH = 1000, 20
METRICS = ("train:auc", "validation:auc")
TIMES = 15
GZIP = {"Accept-Encoding": "gzip"}


def load() -> None:
    """The two jobs, made at the first call."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    workspace, made = Workspace.objects.get_or_create(
        slug="bench", defaults={"name": "bench", "region": "us-east-1", "endpoint_url": "http://127.0.0.1:9"}
    )
    if made:
        _points(workspace)
        _lines(workspace)


def _points(workspace: Workspace) -> None:
    rounds = POINTS // len(METRICS)
    best = {name: {"value": 1.0, "step": 0} for name in METRICS}
    began = clock.now() - timedelta(hours=10)
    job = _job(workspace, "points", started_at=began, objective_metric="validation:auc", best_metrics=best)
    chance = random.Random(7)  # noqa: S311  # nothing secret
    for name in METRICS:
        MetricPoint.objects.bulk_create(
            (
                MetricPoint(
                    job=job, name=name, step=step, value=chance.random(), at=began + timedelta(seconds=step / 2)
                )
                for step in range(rounds)
            ),
            batch_size=5000,
        )


def _lines(workspace: Workspace) -> None:
    job = _job(workspace, "lines", log_lines=LINES, log_levels={"error": {"count": LINES // CHUNK, "first": 1}})
    stream = LogStream.objects.create(job=job, name="lines/algo-1")
    for part in range(0, LINES, CHUNK * BATCH):
        LogChunk.objects.bulk_create(_chunk(job, stream, start) for start in range(part, part + CHUNK * BATCH, CHUNK))


def _chunk(job: TrainingJob, stream: LogStream, start: int) -> LogChunk:
    lines = [[start + n, f"[{start + n}]#011train-auc:0.98114#011validation-auc:0.97{start + n}"] for n in range(CHUNK)]
    ends = {"first_line": start + 1, "last_line": start + CHUNK}
    return LogChunk(job=job, stream=stream, lines=lines, flagged={"error": [start + 1]}, **ends)


def _job(workspace: Workspace, name: str, **columns: object) -> TrainingJob:
    ended = {"status": "Completed", "ended_at": clock.now(), "next_poll_at": None}
    return TrainingJob.objects.create(workspace=workspace, name=name, algorithm="xgboost", **ended, **columns)


def main() -> None:
    """Load, measure each address, print."""
    load()
    client = Client(headers=GZIP, SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get_or_create(username="bench")[0])
    somewhere = count(1)

    def median(address: str) -> tuple[float, int]:
        took = []
        for _ in range(TIMES + 2):
            line = next(somewhere) * 54_321 % (LINES - CHUNK) + 1
            began = time.perf_counter()
            answer = client.get(address.format(first=line, last=line + 99))
            took.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, answer.content
        return statistics.median(took[2:]), len(answer.content)

    jobs = "/w/bench/training-jobs"
    page, page_bytes = median(f"{jobs}/points/")
    curves, curves_bytes = median("/w/bench/curves/?jobs=points")
    found = {
        "page": page,
        "curves": curves,
        "page and curves, gzip": (page_bytes + curves_bytes) / 1000,
        "100 lines out of a million": median(jobs + "/lines/log/lines/?spans={first}-{last}")[0],
        "errors in a million lines": median(f"{jobs}/lines/log/?level=error&tail=100")[0],
        "text in a million lines": median(f"{jobs}/lines/log/search/?q=auc:0.9799999")[0],
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
