"""What is damaged on the disk is never served as good, and is found by the check."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ResponseStreamingError

from tests.region.conftest import RegionProcess, free_port

CHECKOUT = Path(__file__).resolve().parents[2]
ONCE = Config(retries={"total_max_attempts": 1}, response_checksum_validation="when_required")
BUCKET = "integrity"


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[RegionProcess]:
    """A region of the test's own, where the console would have it."""
    started = RegionProcess(tmp_path / "region", free_port())
    started.start()
    started.client("s3").create_bucket(Bucket=BUCKET)
    yield started
    started.stop()


def harm(region: RegionProcess, text: bytes, at: int = 0) -> Path:
    """Turn a bit of the blob that has these bytes."""
    path = next(path for path in (region.home / "blobs").rglob("*") if path.is_file() and path.read_bytes() == text)
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.seek(at)
        file.write(bytes([text[at] ^ 1]))
    return path


def check(region: RegionProcess, *arguments: str) -> tuple[int, str]:
    """Exit code and output of the check."""
    command = [sys.executable, "manage.py", "region_fsck", *arguments]
    environment = {**os.environ, "MLCONSOLE_HOME": str(region.home.parent)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=150)
    return done.returncode, done.stdout + done.stderr


def test_a_damaged_object_is_refused_and_reported(kept: RegionProcess) -> None:
    s3: Any = kept.client("s3", ONCE)
    small, large = os.urandom(20_000), os.urandom(3 << 20)
    for key, text in (("small", small), ("large", large), ("whole", b"whole")):
        s3.put_object(Bucket=BUCKET, Key=key, Body=text)
    assert check(kept) == (0, "nothing is damaged\n")
    harm(kept, small)
    harm(kept, large, at=2_000_000)
    with pytest.raises(ClientError) as refused:
        s3.get_object(Bucket=BUCKET, Key="small")
    answer: Any = refused.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == ("InternalError", 500)
    assert "is damaged" in (kept.home.parent / "region.log").read_text()
    with pytest.raises(ResponseStreamingError):
        s3.get_object(Bucket=BUCKET, Key="large")["Body"].read()
    assert s3.get_object(Bucket=BUCKET, Key="large", Range="bytes=0-99")["Body"].read() == large[:100]
    with pytest.raises(ClientError):
        s3.get_object(Bucket=BUCKET, Key="large", Range="bytes=2000000-2000099")
    assert s3.get_object(Bucket=BUCKET, Key="whole")["Body"].read() == b"whole"
    code, output = check(kept)
    assert code == 1
    assert "s3://integrity/small" in output
    assert "s3://integrity/large" in output
    assert output.endswith("2 damaged\n")


def test_a_damaged_small_object_is_refused_and_reported(kept: RegionProcess) -> None:
    s3: Any = kept.client("s3", ONCE)
    for key in ("small", "cut", "good"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode())
    assert not [path for path in (kept.home / "blobs").rglob("*") if path.is_file()]
    with sqlite3.connect(kept.home / "region.sqlite3", timeout=30) as database:
        database.execute("UPDATE blobs SET body = ? WHERE body = ?", (b"smell", b"small"))
        database.execute("UPDATE blobs SET body = ? WHERE body = ?", (b"cu", b"cut"))
    for key in ("small", "cut"):
        with pytest.raises(ClientError):
            s3.get_object(Bucket=BUCKET, Key=key)
    assert s3.get_object(Bucket=BUCKET, Key="good")["Body"].read() == b"good"
    code, output = check(kept)
    assert (code, "s3://integrity/small" in output, "s3://integrity/cut" in output) == (1, True, True)
    assert output.endswith("2 damaged\n")


def test_a_missing_blob_is_reported(kept: RegionProcess) -> None:
    lost = b"lost" * 10_000
    kept.client("s3").put_object(Bucket=BUCKET, Key="lost", Body=lost)
    harm(kept, lost).unlink()
    code, output = check(kept)
    assert code == 1
    assert "(missing), which is s3://integrity/lost" in output


def test_blobs_that_nothing_names_are_told_and_collected_once_the_region_stops(kept: RegionProcess) -> None:
    stray = kept.home / "blobs" / "ab" / ("ab" * 32)
    stray.parent.mkdir()
    stray.write_bytes(b"left behind")
    code, output = check(kept)
    assert code == 0
    assert "1 blobs that nothing names" in output
    code, output = check(kept, "--collect")
    assert code == 1
    assert "another region already runs" in output
    kept.kill()
    assert check(kept, "--collect")[0] == 0
    assert not stray.exists()
    kept.start()


def test_an_object_of_a_release_without_sums_is_held_against_its_etag(kept: RegionProcess) -> None:
    s3: Any = kept.client("s3", ONCE)
    for key in ("good", "bad"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode() * 10_000)
    with sqlite3.connect(kept.home / "region.sqlite3", timeout=30) as database:
        database.execute("DELETE FROM blobs")
    harm(kept, b"bad" * 10_000)
    for _ in range(2):
        assert s3.get_object(Bucket=BUCKET, Key="good")["Body"].read() == b"good" * 10_000
        with pytest.raises(ClientError):
            s3.get_object(Bucket=BUCKET, Key="bad")
