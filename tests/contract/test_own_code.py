"""A person's own program, uploaded or from git, trains; an own image is asked for as it was given."""

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from dulwich import porcelain
from dulwich.repo import Repo
from dulwich.server import DictBackend
from dulwich.web import make_wsgi_chain

from apps.accounts.models import User
from apps.aws.account import bucket
from apps.aws.models import Workspace
from apps.training.aws import jobs as aws
from apps.training.models import TrainingJob
from apps.training.services.submitting import submit
from tests.stack import until

PROGRAM = b"""
import argparse, os, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("--depth", type=int)
parser.add_argument("--note")
given = parser.parse_args()
rows = pathlib.Path(os.environ["SM_CHANNEL_TRAIN"], "train.csv").read_text().splitlines()
print(f"rows={len(rows)} depth={given.depth} note={given.note} loss=0.25;")
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text("learned")
"""


class Quiet(WSGIRequestHandler):
    """Serves without a line on stderr for each request."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A git repository over HTTP, its program in a folder: its address, and a commit that no branch ends in."""
    repo = Repo.init(str(tmp_path))
    (tmp_path / "job").mkdir()
    commits = []
    for text in (PROGRAM, PROGRAM + b"print('second')\n"):
        (tmp_path / "job" / "train.py").write_bytes(text)
        porcelain.add(repo, [str(tmp_path / "job" / "train.py")])
        commits.append(porcelain.commit(repo, message=b"a program", author=b"A <a@b>", committer=b"A <a@b>").decode())
    repositories: dict[str, Any] = {"/team": repo}
    backend = DictBackend(repositories)
    server = make_server("127.0.0.1", 0, make_wsgi_chain(backend), handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/team", commits[0]
    server.shutdown()
    server.server_close()
    repo.close()


@pytest.fixture
def launched(client: Client, workspace: Workspace) -> Callable[..., TrainingJob]:
    """Sends the form of an algorithm, submits the job that it makes, and answers it."""
    client.force_login(User.objects.create_user("alice"))

    def send(algorithm: str, **typed: object) -> TrainingJob:
        where = {"instance_type": "ml.m5.xlarge", "instance_count": "1", "max_runtime_seconds": "600"}
        train = {"train_s3_uri": f"s3://{bucket(workspace)}/submitting/train.csv"}
        answer = client.post(f"/w/{workspace.slug}/train/{algorithm}/", where | train | typed)
        assert answer.status_code == 302, re.findall(r'class="error"[^>]*>([^<]*)', answer.content.decode())
        job = TrainingJob.objects.get(workspace=workspace)
        submit(job.pk)
        job.refresh_from_db()
        return job

    return send


def ended(job: TrainingJob) -> dict[str, Any]:
    """SageMaker's description once the job has ended."""

    def look() -> dict[str, Any] | None:
        found: Any = aws.describe(job.workspace, job.name)
        return found if found["TrainingJobStatus"] in ("Completed", "Failed") else None

    return until(look, 120, f"the end of {job.name}")


def test_an_uploaded_program_trains_with_its_hyperparameters_and_metrics(launched: Callable[..., TrainingJob]) -> None:
    job = launched(
        "scikit-learn",
        script=SimpleUploadedFile("fit.py", PROGRAM),
        hyperparameters="depth = 4\nnote = two words",
        metric_definitions="train:loss = loss=([0-9.]+);",
    )
    assert job.status == "InProgress", job.failure_reason
    answer = ended(job)
    assert answer["TrainingJobStatus"] == "Completed", answer["FailureReason"]
    assert [metric["MetricName"] for metric in answer["FinalMetricDataList"]] == ["train:loss"]
    sent = answer["HyperParameters"]
    assert (sent["depth"], sent["note"], sent["sagemaker_program"]) == ("4", '"two words"', '"fit.py"')
    assert sent["sagemaker_submit_directory"] == f'"{job.source["s3_uri"]}"'
    assert {"sagemaker_container_log_level", "sagemaker_job_name", "sagemaker_region"} <= set(sent)


def test_a_program_from_git_is_the_commit_that_was_asked_for(
    launched: Callable[..., TrainingJob], repository: tuple[str, str]
) -> None:
    url, first = repository
    job = launched("scikit-learn", git_url=url, git_ref=first[:10], git_folder="job", program="train.py")
    assert job.status == "InProgress", job.failure_reason
    assert (job.source["git_commit"], job.source["git_url"]) == (first, url)
    assert ended(job)["TrainingJobStatus"] == "Completed"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"git_ref": "nowhere"}, "no branch, tag or commit 'nowhere'"),
        ({"git_folder": "elsewhere"}, "no folder elsewhere"),
        ({"program": "other.py"}, "has no job/other.py at its default branch"),
    ],
)
def test_what_git_does_not_have_ends_the_job_with_the_reason(
    launched: Callable[..., TrainingJob], repository: tuple[str, str], changes: dict[str, str], says: str
) -> None:
    job = launched("scikit-learn", **{"git_url": repository[0], "git_folder": "job", "program": "train.py"} | changes)
    assert job.status == "Failed"
    assert says in job.failure_reason


def test_a_repository_that_does_not_answer_leaves_the_job_requested(launched: Callable[..., TrainingJob]) -> None:
    job = launched("scikit-learn", git_url="http://127.0.0.1:9/team")
    assert job.status == "Requested"
    assert "does not answer" in job.trouble


def test_an_own_image_is_asked_for_as_it_was_given(launched: Callable[..., TrainingJob], workspace: Workspace) -> None:
    image = f"venv+s3://{bucket(workspace)}/submitting/"
    job = launched(
        "own-image", training_image=image, hyperparameters="a = b", metric_definitions="m = m=([0-9]+)", spot="on"
    )
    assert job.status == "InProgress", job.failure_reason
    answer = aws.describe(workspace, job.name)
    assert answer["AlgorithmSpecification"]["TrainingImage"] == image
    assert answer["AlgorithmSpecification"]["MetricDefinitions"] == [{"Name": "m", "Regex": "m=([0-9]+)"}]
    assert answer["HyperParameters"] == {"a": "b"}
    assert answer["EnableManagedSpotTraining"] is True
