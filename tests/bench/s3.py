"""S3 of the region: a large object against copying the file, many small ones against moto's server."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from botocore.config import Config

from tests.bench.figure import Figure
from tests.bench.moto_server import moto_server
from tests.region.conftest import RegionProcess, free_port

LARGE = 1 << 30  # bytes
SMALL, SMALL_BYTES = 10_000, 100  # objects and bytes of each
BUCKET = "bench"
# A first connection that is slow is no answer about S3.
CONFIG = Config(retries={"total_max_attempts": 1}, read_timeout=300)


def measure() -> Iterator[Figure]:
    """The group `s3`."""
    with tempfile.TemporaryDirectory(prefix="mlconsole-bench-") as folder:
        region = RegionProcess(Path(folder) / "home", free_port())
        region.start()
        try:
            yield from _large(region, Path(folder))
            yield from _small(region)
        finally:
            region.stop()


def _large(region: RegionProcess, folder: Path) -> Iterator[Figure]:
    source, copy, back = folder / "source", folder / "copy", folder / "back"
    _write(source)
    copied = _seconds(lambda: _copy_synced(source, copy))
    copy.unlink()
    s3 = region.client("s3", CONFIG)
    s3.create_bucket(Bucket=BUCKET)
    put = _seconds(lambda: s3.upload_file(str(source), BUCKET, "large"))
    got = _seconds(lambda: s3.download_file(BUCKET, "large", str(back)))
    back.unlink()
    yield Figure("s3.put-1gb", "s", put, 3 * copied, floor=copied)
    yield Figure("s3.get-1gb", "s", got, 3 * copied, floor=copied)
    assert region.process is not None
    yield Figure("s3.memory", "MB", peak_megabytes(region.process.pid), 150)
    s3.delete_object(Bucket=BUCKET, Key="large")


def _small(region: RegionProcess) -> Iterator[Figure]:
    ours = _put_list_delete(region.client("s3", CONFIG))
    with moto_server("s3", CONFIG) as s3:
        theirs = _put_list_delete(s3)
    for name, mine, peer in zip(("put", "list", "delete"), ours, theirs, strict=True):
        yield Figure(f"s3.small-{name}", "s", mine, peer, floor=peer)


def _put_list_delete(s3: Any) -> list[float]:
    """Seconds of each, for all the small objects."""
    s3.create_bucket(Bucket="small")
    body = os.urandom(SMALL_BYTES)
    keys = [f"small/{number:05}" for number in range(SMALL)]

    def put() -> None:
        for key in keys:
            s3.put_object(Bucket="small", Key=key, Body=body + key.encode())

    def listed() -> None:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket="small")
        assert sum(page["KeyCount"] for page in pages) == SMALL

    def delete() -> None:
        for first in range(0, SMALL, 1000):
            named = [{"Key": key} for key in keys[first : first + 1000]]
            s3.delete_objects(Bucket="small", Delete={"Objects": named, "Quiet": True})

    return [_seconds(step) for step in (put, listed, delete)]


def _write(path: Path) -> None:
    block = os.urandom(1 << 20)
    with path.open("wb") as file:
        for number in range(LARGE >> 20):
            file.write(number.to_bytes(8, "big") + block[8:])


def _copy_synced(source: Path, target: Path) -> None:
    with source.open("rb") as reader, target.open("wb") as writer:
        shutil.copyfileobj(reader, writer, 1 << 20)
        writer.flush()
        os.fsync(writer.fileno())


def _seconds(step: Any) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


def peak_megabytes(pid: int) -> float:
    """The most that the process has held, where the system tells it, else what it holds now."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1000
    return float(psutil.Process(pid).memory_info().rss) / 1e6
