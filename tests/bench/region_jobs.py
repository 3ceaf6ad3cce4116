"""Training jobs of the region: described, listed and searched among 100,000, against moto's server with 100."""

import functools
import json
import sqlite3
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

from tests.bench.figure import Figure
from tests.bench.moto_server import moto_server
from tests.region.conftest import RegionProcess, free_port
from tests.region.trainer import Trainer

KIND = "training-job"
STORED, PEERS = 100_000, 100
PAGE, LATE = 100, 1000  # jobs of a page, and the number of the late one
CALLS = 100
SEARCHES = 3
SEARCH_BOUND, SCAN_BOUND = 2500.0, 8000.0  # ms: among those of a status, and among all jobs by any property
STATUSES = ("Completed", "Completed", "Completed", "Failed", "Stopped")


def measure() -> Iterator[Figure]:
    """The group `region-jobs`."""
    with moto_server("sagemaker") as peer, tempfile.TemporaryDirectory(prefix="mlconsole-bench-") as folder:
        described, listed = _peer(peer)
        region = RegionProcess(Path(folder) / "home", free_port())
        region.start()
        try:
            name = _train(region)
            region.stop()
            _load(region.home / "region.sqlite3", name)
            region.start()
            yield from _stored(region, described, listed)
        finally:
            region.stop()


def _peer(sagemaker: Any) -> tuple[float, float]:
    """Milliseconds of moto's server: a job described, a page listed."""
    for number in range(PEERS):
        sagemaker.create_training_job(**_request(f"job-{number}"))
    described = _milliseconds(lambda: sagemaker.describe_training_job(TrainingJobName="job-50"))
    return described, _milliseconds(lambda: sagemaker.list_training_jobs(MaxResults=PAGE))


def _stored(region: RegionProcess, described: float, listed: float) -> Iterator[Figure]:
    sagemaker = region.client("sagemaker")
    name = f"stored-{STORED // 2}"
    took = _milliseconds(lambda: sagemaker.describe_training_job(TrainingJobName=name))
    yield Figure("jobs.describe", "ms", took, described, floor=described)
    took = _milliseconds(lambda: sagemaker.list_training_jobs(MaxResults=PAGE))
    yield Figure("jobs.list-first", "ms", took, listed, floor=listed)
    token = _token(sagemaker)
    took = _milliseconds(lambda: sagemaker.list_training_jobs(MaxResults=PAGE, NextToken=token))
    yield Figure("jobs.list-1000th", "ms", took, listed, floor=listed)
    for label, bound, filters in (
        ("search-all", SCAN_BOUND, []),
        ("search-status", SEARCH_BOUND, [("TrainingJobStatus", "Equals", "Failed")]),
        ("search-name", SCAN_BOUND, [("TrainingJobName", "Contains", "stored-777")]),
        ("search-property", SCAN_BOUND, [("HyperParameters.eta", "GreaterThan", "0.9")]),
    ):
        given = [dict(zip(("Name", "Operator", "Value"), each, strict=True)) for each in filters]
        asked: dict[str, Any] = {"SearchExpression": {"Filters": given}} if given else {}
        took = _milliseconds(functools.partial(sagemaker.search, Resource="TrainingJob", **asked), SEARCHES)
        yield Figure(f"jobs.{label}", "ms", took, bound)
    assert region.process is not None
    yield Figure("jobs.memory", "MB", _megabytes(region.process.pid), 150)


def _token(sagemaker: Any) -> str:
    """What leads to the late page."""
    answer = sagemaker.list_training_jobs(MaxResults=PAGE)
    for _ in range(LATE - 2):
        answer = sagemaker.list_training_jobs(MaxResults=PAGE, NextToken=answer["NextToken"])
    return str(answer["NextToken"])


def _train(region: RegionProcess) -> str:
    """The name of a job that the region has really trained: the pattern of the stored ones."""
    return str(Trainer(region).train()["TrainingJobName"])


def _load(database: Path, pattern: str) -> None:
    """Copies of a job's document under other names, a minute apart, of several statuses."""
    with sqlite3.connect(database) as connection:
        (text,) = connection.execute("SELECT body FROM documents WHERE name = ?", (pattern,)).fetchone()
        rows = (_copy(json.loads(text), pattern, number) for number in range(STORED))
        connection.executemany(
            "INSERT INTO documents (kind, name, status, created, modified, body) VALUES (?, ?, ?, ?, ?, ?)",
            rows,
        )
    connection.close()


def _copy(body: dict[str, Any], pattern: str, number: int) -> tuple[str, str, str, float, float, str]:
    name, status = f"stored-{number}", STATUSES[number % len(STATUSES)]
    created = time.time() - 60 * (STORED - number)
    body.update(TrainingJobStatus=status, SecondaryStatus=status, Status=status, CreationTime=created)
    body["HyperParameters"]["eta"] = f"{number % 1000 / 1000}"
    text = json.dumps(body).replace(pattern, name)
    return KIND, name, status, created, created + 30, text


def _request(name: str) -> dict[str, Any]:
    """What moto's server is given to keep: as many members as the stored jobs have."""
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://training/train/", "S3DataDistributionType": "FullyReplicated"}
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": f"image-{uuid.uuid4()}", "TrainingInputMode": "File"},
        "RoleArn": "arn:aws:iam::123456789012:role/role",
        "HyperParameters": {"num_round": "12", "objective": "binary:logistic", "eval_metric": "auc"},
        "InputDataConfig": [
            {"ChannelName": channel, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}
            for channel in ("train", "validation")
        ],
        "OutputDataConfig": {"S3OutputPath": "s3://training/models"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    }


def _milliseconds(call: Callable[[], object], calls: int = CALLS) -> float:
    """The median of some calls, after a first one."""
    call()
    took = []
    for _ in range(calls):
        began = time.perf_counter()
        call()
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000


def _megabytes(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss) / 1e6
