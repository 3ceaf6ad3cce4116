"""A first start as the README tells it, on the database of DATABASE_URL: its shell blocks run as they stand."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs import Jobs
from tests.stack import CHECKOUT, Stack, own_database, until

README = (CHECKOUT / "README.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def alive() -> Iterator[Jobs]:
    """A console with its sample data and first job."""
    running = Stack(extra=own_database(), bare=False)
    try:
        running.start()
        running.wait_until_healthy()
        yield Jobs(running)
    finally:
        running.remove()


def block(stack: Stack, *marks: str) -> str:
    """The README's shell block with these words, for a console on other ports and with this very Python."""
    text: str
    (text,) = [text for text in BLOCKS if all(mark in text for mark in marks)]
    return text.replace("127.0.0.1:8000", f"127.0.0.1:{stack.port}").replace(".venv/bin/python", sys.executable)


def shell(stack: Stack, script: str) -> str:
    """What a script prints; it must succeed."""
    run = ["bash", "-euc", script]
    return subprocess.run(
        run, cwd=CHECKOUT, env=stack.environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def test_the_first_job_trains_a_real_model(alive: Jobs, tmp_path: Path) -> None:
    (first,) = until(lambda: alive.names() or None, 300, "the first job", every=0.2)
    job = alive.wait_for_end(first)
    assert (job["status"], job["failure_reason"]) == ("Completed", None)
    best = until(lambda: alive.describe(first)["metrics"].get("validation:auc"), 150, "its metric", every=0.2)
    assert 0.97 < best <= 1
    bucket, key = job["model_s3_uri"].removeprefix("s3://").split("/", 1)
    alive.stack.client("s3").download_file(bucket, key, str(tmp_path / "model.tar.gz"))
    listing = subprocess.run(["tar", "-tzf", tmp_path / "model.tar.gz"], check=True, capture_output=True, text=True)
    assert "xgboost-model" in listing.stdout


def test_the_readmes_api_call_launches_a_job_that_completes(alive: Jobs) -> None:
    answer = json.loads(shell(alive.stack, block(alive.stack, "curl", "create_token")))
    assert answer["status"] == "Requested"
    assert alive.wait_for_end(answer["name"])["status"] == "Completed"
    alive.assert_whole(answer["name"], 50)


def test_the_readmes_exports_let_boto3_use_the_local_region(alive: Jobs) -> None:
    script = block(alive.stack, "region_env").replace("aws s3 ls\n", "")
    assert "breast-cancer-xgboost-" in shell(alive.stack, script)


def test_the_readmes_workspace_is_added(alive: Jobs) -> None:
    assert "/w/team-eu/" in shell(alive.stack, block(alive.stack, "add_workspace"))


def test_a_second_start_brings_nothing_twice_and_loses_nothing(alive: Jobs) -> None:
    before = alive.names()
    assert alive.stack.stop() == 0
    alive.stack.start()
    alive.stack.wait_until_healthy()
    assert alive.names() == before
    count = "from apps.datasets.models import Dataset; print(Dataset.objects.count())"
    assert alive.stack.manage("shell", "-c", count).splitlines()[-1] == "2"
