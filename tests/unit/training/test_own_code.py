"""Own programs and images on the form: what is asked for, what is refused, and the request that they become."""

import io
import tarfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.accounts.models import User
from apps.aws.models import Workspace
from apps.core.errors import Refusal
from apps.training.aws.requests import create_request
from apps.training.code import snippets
from apps.training.forms import LaunchForm
from apps.training.lines import ENVIRONMENT, METRICS, TAGS, LinesField, Row, as_lines
from apps.training.models import JobFact, MetricPoint, TrainingJob
from apps.training.services.launching import requested
from apps.training.sources import from_upload

WHERE = {"instance_type": "ml.m5.xlarge", "instance_count": "1", "max_runtime_seconds": "60"}
SCRIPT = WHERE | {"source_s3_uri": "s3://bucket/sourcedir.tar.gz", "program": "fit.py", "name": "mine"}


def errors(workspace: Workspace, algorithm: str, **typed: str) -> dict[str, str]:
    """What the form says to these values, by field."""
    form = LaunchForm(WHERE | typed, workspace=workspace, algorithm=algorithm)
    return {name: " ".join(map(str, texts)) for name, texts in form.errors.items()}


@pytest.mark.parametrize(
    ("algorithm", "typed", "field", "says"),
    [
        ("scikit-learn", {}, "script", "Upload a program"),
        ("scikit-learn", {"git_url": "git@host:team/x.git"}, "git_url", "without a password"),
        ("scikit-learn", {"git_url": "https://me:secret@host/x.git"}, "git_url", "without a password"),
        ("scikit-learn", {"git_url": "https://h/x", "source_s3_uri": "s3://bucket/x.tar.gz"}, "git_url", "not both"),
        ("scikit-learn", {"git_url": "https://h/x", "git_folder": "../x"}, "git_folder", "a folder in the repository"),
        ("own-image", {"training_image": f"host/{'x' * 300}"}, "training_image", "at most 255"),
        ("scikit-learn", {"source_s3_uri": "s3://bucket/x", "program": "rm -rf"}, "program", "such as train.py"),
        ("own-image", {}, "training_image", "Give the image's address."),
        ("own-image", {"training_image": "no image"}, "training_image", "such as 123456789012"),
        ("own-image", {"training_image": "a/b:1", "hyperparameters": "a"}, "hyperparameters", "Line 1 must be"),
        ("own-image", {"training_image": "a/b:1", "more_channels": "a = /etc"}, "more_channels", "must be an S3 URI"),
        ("own-image", {"training_image": "a/b:1", "environment": "1A=b"}, "environment", "cannot be a name"),
        ("xgboost-script", {"source_s3_uri": "x"}, "source_s3_uri", "Give an S3 URI"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    workspace: Workspace, algorithm: str, typed: dict[str, str], field: str, says: str
) -> None:
    found = errors(workspace, algorithm, **typed)
    assert list(found) == [field]
    assert says in found[field]


@pytest.mark.parametrize(
    ("row", "text", "says"),
    [
        (METRICS, "loss = loss=[0-9]+", "needs a group in brackets"),
        (METRICS, "loss = (", "is no regular expression"),
        (ENVIRONMENT, "A=1\n\nA=2", "Line 3: A stands there twice."),
        (ENVIRONMENT, f"A={'x' * 513}", "512 at most"),
        (ENVIRONMENT, "\n".join(f"A{n}=1" for n in range(101)), "At most 100 rows, not 101."),
        (TAGS, "aws:x=1", "which is reserved"),
    ],
)
def test_a_row_that_sagemaker_would_not_take_is_refused_by_its_name(row: Row, text: str, says: str) -> None:
    field = LinesField(row)
    with pytest.raises(Exception, match=says.replace("(", r"\(")):
        field.clean(text)


def test_rows_are_read_as_they_are_written() -> None:
    rows = {"A": "x=y", "B_2": ""}
    assert LinesField(ENVIRONMENT).clean(as_lines(rows)) == rows
    assert LinesField(ENVIRONMENT).clean(rows) == rows


def test_a_script_is_sent_as_the_sagemaker_sdk_sends_it(workspace: Workspace, alice: User) -> None:
    typed = SCRIPT | {"hyperparameters": "epochs = 10\nname = two words\nflag = true", "train_s3_uri": "s3://bucket/t/"}
    form = LaunchForm(typed, workspace=workspace, algorithm="scikit-learn")
    assert form.is_valid(), form.errors
    request = create_request(requested(workspace, alice, form.spec()))
    assert request["HyperParameters"] == {
        "epochs": "10",
        "name": '"two words"',
        "flag": "true",
        "sagemaker_submit_directory": '"s3://bucket/sourcedir.tar.gz"',
        "sagemaker_program": '"fit.py"',
        "sagemaker_container_log_level": "20",
        "sagemaker_job_name": '"mine"',
        "sagemaker_region": '"us-east-1"',
    }
    assert "ContentType" not in request["InputDataConfig"][0]


def test_spot_checkpoints_and_environment_are_asked_for_and_nothing_empty_is(workspace: Workspace, alice: User) -> None:
    base = {"train_s3_uri": "s3://bucket/t/", "hp_num_round": "1"} | WHERE
    plain = LaunchForm(base, workspace=workspace)
    assert plain.is_valid(), plain.errors
    request = create_request(requested(workspace, alice, plain.spec()))
    assert not {"CheckpointConfig", "EnableManagedSpotTraining", "Environment"} & set(request)
    more = {"spot": "on", "checkpoint_s3_uri": "s3://bucket/c/", "environment": "A=b", "volume_size_gb": "7"}
    form = LaunchForm(base | more, workspace=workspace)
    assert form.is_valid(), form.errors
    request = create_request(requested(workspace, alice, form.spec()))
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}
    assert (request["Environment"], request["CheckpointConfig"]) == ({"A": "b"}, {"S3Uri": "s3://bucket/c/"})
    assert request["ResourceConfig"]["VolumeSizeInGB"] == 7
    short = LaunchForm(base | more | {"max_wait_seconds": "59"}, workspace=workspace)
    assert "at least 60 seconds" in short.errors["max_wait_seconds"][0]


def test_no_program_shows_the_consoles_own_marks(workspace: Workspace, alice: User) -> None:
    form = LaunchForm(SCRIPT | {"tags": "team=risk"}, workspace=workspace, algorithm="scikit-learn")
    assert form.is_valid(), form.errors
    code = snippets(create_request(requested(workspace, alice, form.spec())), "us-east-1")
    assert all("mlconsole:" not in text and "risk" in text for text in vars(code).values())


def packed(**files: bytes) -> bytes:
    """A tar.gz of these files, named without their ending."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"{name}.py")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def test_an_upload_becomes_an_archive_that_holds_the_program() -> None:
    single = from_upload("fit.py", b"print(1)", "")
    assert single.program == "fit.py"
    assert single.archive == from_upload("fit.py", b"print(1)", "").archive
    with tarfile.open(fileobj=io.BytesIO(single.archive)) as archive:
        assert archive.getnames() == ["fit.py"]
    whole = packed(train=b"", fit=b"")
    assert (from_upload("a.tar.gz", whole, "").program, from_upload("a.tgz", whole, "fit.py").program) == (
        "train.py",
        "fit.py",
    )


@pytest.mark.parametrize(
    ("filename", "content", "says"),
    [
        ("a.ipynb", b"{}", "Upload a Python program"),
        ("a.tar.gz", b"no archive", "no tar.gz that can be read"),
        ("a.tar.gz", packed(other=b""), "has no train.py; it has other.py"),
    ],
)
def test_an_upload_that_is_no_program_is_refused(filename: str, content: bytes, says: str) -> None:
    with pytest.raises(Refusal, match=says):
        from_upload(filename, content, "")


def test_an_upload_that_cannot_be_stored_is_said_beside_it_and_launches_nothing(
    client: Client, alice: User, workspace: Workspace
) -> None:
    client.force_login(alice)
    upload: Any = SimpleUploadedFile("fit.py", b"print(1)")
    answer = client.post("/w/there/train/scikit-learn/", WHERE | {"script": upload, "tags": "team=risk"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_script-error"' in text
    assert "team=risk" in text
    assert not TrainingJob.objects.exists()


@pytest.mark.parametrize(
    ("field", "characters"),
    [
        (TrainingJob.algorithm, 170),  # API_AlgorithmSpecification: AlgorithmName
        (TrainingJob.objective_metric, 255),  # API_MetricDefinition: Name
        (MetricPoint.name, 255),
        (JobFact.key, len("hyperparameters.") + 256),  # API_CreateTrainingJob: HyperParameters
    ],
)
def test_what_sagemaker_lets_through_fits_the_columns(field: Any, characters: int) -> None:
    """SQLite takes longer texts than its columns say; PostgreSQL would fail."""
    assert field.field.max_length >= characters
