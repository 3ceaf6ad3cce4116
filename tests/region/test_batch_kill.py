"""kill -9 of each process around a transform job, and its stop: nothing is half stored, run twice or left behind."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.region.conftest import RegionProcess
from tests.region.trainer import BUCKET, ROLE, WAIT_SECONDS, Trainer
from tests.region.transformer import Transformer

INTERNAL = "InternalServerError: We encountered an internal error. Please try again."
# Serves until it gets "wait": that request is answered once the file `go` is there.
SERVE = """#!/usr/bin/env python
import http.server, os, pathlib, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(b"")
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        while body == b"wait" and not pathlib.Path(os.environ["GO"]).exists():
            time.sleep(0.02)
        self.answer(body.upper())
    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.HTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""


@pytest.fixture
def transformer(private_region: RegionProcess) -> Iterator[Transformer]:
    """A region of the test's own with a model that waits; whatever still runs in it ends with the test."""
    trainer = Trainer(private_region)
    made = Transformer(trainer)
    made.put("images/patient/serve", SERVE)
    made.put("waiting/a.txt", "first\n")
    made.put("waiting/b.txt", "wait\n")
    container = {"Image": f"venv+s3://{BUCKET}/images/patient/", "Environment": {"GO": str(go(made))}}
    trainer.sagemaker.create_model(ModelName="patient", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    yield made
    for record in (private_region.home / "transform-jobs").glob("*/*.json"):
        if record.name in ("supervisor.json", "training.json"):
            end(json.loads(record.read_text())["pid"])


def go(transformer: Transformer) -> Path:
    """The file that lets the model answer."""
    return transformer.trainer.region.home.parent / "go"


def end(pid: int) -> None:
    """SIGKILL, if it is there."""
    if pid and psutil.pid_exists(pid):
        os.kill(pid, signal.SIGKILL)


def pid(transformer: Transformer, name: str, what: str) -> int:
    """The pid of the job's "supervisor" or "training" program, which is its agent."""
    record = transformer.trainer.region.home / "transform-jobs" / name / f"{what}.json"
    found: int = json.loads(record.read_text())["pid"]
    return found


def start_waiting(transformer: Transformer) -> str:
    """A job that has transformed its first object and waits at the second."""
    name = transformer.start("patient", "waiting/", kind="text/plain", TransformOutput={"AssembleWith": "None"})
    deadline = time.monotonic() + WAIT_SECONDS
    while "a.txt.out" not in transformer.outputs(name):
        assert time.monotonic() < deadline, transformer.describe(name)
        time.sleep(0.05)
    return name


def test_a_job_goes_on_without_its_region_and_is_adopted_again(transformer: Transformer) -> None:
    name = start_waiting(transformer)
    agent, region = pid(transformer, name, "training"), transformer.trainer.region
    region.kill()
    assert psutil.Process(agent).is_running()
    region.start()
    assert transformer.describe(name)["TransformJobStatus"] == "InProgress"
    assert pid(transformer, name, "training") == agent
    go(transformer).touch()
    assert transformer.wait(name)["TransformJobStatus"] == "Completed"
    assert transformer.outputs(name) == {"a.txt.out": "FIRST", "b.txt.out": "WAIT"}


def test_a_job_that_ended_while_the_region_was_dead_is_finished_from_its_exit_record(transformer: Transformer) -> None:
    name = start_waiting(transformer)
    region = transformer.trainer.region
    supervisor = psutil.Process(pid(transformer, name, "supervisor"))
    region.kill()
    go(transformer).touch()
    supervisor.wait(WAIT_SECONDS)
    region.start()
    assert transformer.wait(name)["TransformJobStatus"] == "Completed"
    assert transformer.outputs(name) == {"a.txt.out": "FIRST", "b.txt.out": "WAIT"}


@pytest.mark.parametrize("what", ["supervisor", "training"])
def test_a_job_whose_process_is_killed_fails_and_keeps_whole_outputs_only(transformer: Transformer, what: str) -> None:
    name = start_waiting(transformer)
    pids = [pid(transformer, name, each) for each in ("supervisor", "training")]
    children = [child.pid for child in psutil.Process(pids[1]).children(recursive=True)]
    end(pid(transformer, name, what))
    job = transformer.wait(name)
    assert job["TransformJobStatus"] == "Failed"
    assert job["FailureReason"] == (
        INTERNAL
        if what == "supervisor"
        else "AlgorithmError: The instance's program ended with exit code 137. See job logs for more information"
    )
    assert transformer.outputs(name) == {"a.txt.out": "FIRST"}
    deadline = time.monotonic() + WAIT_SECONDS
    while any(psutil.pid_exists(each) for each in [*pids, *children]):
        assert time.monotonic() < deadline, "a process of the job is left behind"
        time.sleep(0.05)


def test_a_stopped_job_keeps_what_it_has_finished(transformer: Transformer) -> None:
    name = start_waiting(transformer)
    transformer.sagemaker.stop_transform_job(TransformJobName=name)
    job = transformer.wait(name)
    assert job["TransformJobStatus"] == "Stopped"
    assert "FailureReason" not in job
    assert transformer.outputs(name) == {"a.txt.out": "FIRST"}
    assert not psutil.pid_exists(pid(transformer, name, "training"))
