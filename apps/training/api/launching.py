"""Launching a training job by the API: the payload fills in the form of the page, so that both refuse alike."""

from typing import Annotated, Any

from ninja import Path, Schema, Status
from pydantic import BeforeValidator, ConfigDict, Field

from apps.accounts.api import TokenRequest
from apps.aws.models import Workspace
from apps.aws.queries import find_workspace
from apps.core.errors import InvalidInput
from apps.training import services
from apps.training.api.router import router
from apps.training.api.schemas import JobOut
from apps.training.catalogue import ALGORITHMS, Algorithm
from apps.training.forms import PREFIX, LaunchForm
from apps.training.inputs import TYPE, URI
from apps.training.models import TrainingJob
from apps.training.spec import VOLUME_GB


def as_text(value: object) -> object:
    """A hyperparameter as SageMaker takes it: a string; numbers and booleans of JSON are written as such."""
    return str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int | float) else value


Hyperparameter = Annotated[str, BeforeValidator(as_text)]


class ChannelIn(Schema):
    """One input channel."""

    model_config = ConfigDict(extra="forbid")
    s3_uri: str
    content_type: str | None = None


class SourceIn(Schema):
    """A program: an archive in S3, or a git repository at a branch, tag or commit."""

    model_config = ConfigDict(extra="forbid")
    program: str = "train.py"
    s3_uri: str = ""
    git_url: str = ""
    git_ref: str = ""
    folder: str = ""


class LaunchIn(Schema):
    """A training job to launch."""

    model_config = ConfigDict(extra="forbid")
    name: str = ""
    algorithm: str
    dataset: str = ""
    hyperparameters: dict[str, Hyperparameter] = Field(default_factory=dict)
    channels: dict[str, ChannelIn] = Field(default_factory=dict)
    source: SourceIn | None = None
    training_image: str = ""
    metric_definitions: dict[str, str] = Field(default_factory=dict)
    instance_type: str = ""
    instance_count: int = 1
    volume_size_gb: int = VOLUME_GB
    max_runtime_seconds: int = 3600
    max_wait_seconds: int | None = Field(None, description="managed spot training: runtime and waiting together")
    checkpoint_s3_uri: str = ""
    environment: dict[str, str] = Field(default_factory=dict)
    tags: dict[str, str] = Field(default_factory=dict)


@router.post("", response={201: JobOut}, summary="Launch a training job")
def launch(request: TokenRequest, slug: Path[str], payload: LaunchIn) -> Status[TrainingJob]:
    """Write the job down; the worker submits it to SageMaker at once. Status `Requested` until SageMaker has it."""
    workspace = find_workspace(slug)
    return Status(201, services.launch(workspace, request.user, checked(workspace, payload).spec()))


def checked(workspace: Workspace, payload: LaunchIn) -> LaunchForm:
    """The form that the payload fills in; raises InvalidInput with the API's own names."""
    if payload.algorithm not in ALGORITHMS:
        raise InvalidInput({"algorithm": [f"must be one of {', '.join(ALGORITHMS)}, not {payload.algorithm!r}"]})
    algorithm = ALGORITHMS[payload.algorithm]
    if unknown := _unknown(algorithm, payload):
        raise InvalidInput(unknown)
    form = LaunchForm(_form_data(algorithm, payload), workspace=workspace, algorithm=algorithm.name)
    if not form.is_valid():
        raise InvalidInput({_api_name(field): [str(e) for e in errors] for field, errors in form.errors.items()})
    return form


def _unknown(algorithm: Algorithm, payload: LaunchIn) -> dict[str, list[str]]:
    """Names that a built-in algorithm does not know."""
    if algorithm.kind != "built-in":
        return {}
    known = ", ".join(algorithm.channels)
    return {
        f"hyperparameters.{name}": [f"{algorithm.name} has no hyperparameter of this name"]
        for name in payload.hyperparameters
        if name not in algorithm.hyperparameters
    } | {f"channels.{name}": [f"must be one of {known}"] for name in payload.channels if name not in algorithm.channels}


def _form_data(algorithm: Algorithm, payload: LaunchIn) -> dict[str, Any]:
    """The payload as the form's fields."""
    data: dict[str, Any] = {name: getattr(payload, name) for name in SAME_NAME}
    data["instance_type"] = payload.instance_type or algorithm.instance_type
    data["spot"] = payload.max_wait_seconds is not None
    if payload.source:
        data |= {FROM_SOURCE.get(name, name): value for name, value in payload.source.dict().items()}
    more = {name: channel.s3_uri for name, channel in payload.channels.items() if name not in algorithm.channels}
    for name, channel in payload.channels.items():
        data |= {name + URI: channel.s3_uri, name + TYPE: channel.content_type}
    if algorithm.kind == "built-in":
        return data | {PREFIX + name: value for name, value in payload.hyperparameters.items()}
    return data | {"more_channels": more, "hyperparameters": payload.hyperparameters}


SAME_NAME = (
    "name",
    "dataset",
    "training_image",
    "metric_definitions",
    "instance_count",
    "volume_size_gb",
    "max_runtime_seconds",
    "max_wait_seconds",
    "checkpoint_s3_uri",
    "environment",
    "tags",
)
FROM_SOURCE = {"s3_uri": "source_s3_uri", "folder": "git_folder"}
FORM_TO_API = {
    "source_s3_uri": "source.s3_uri",
    "git_folder": "source.folder",
    "git_url": "source.git_url",
    "git_ref": "source.git_ref",
    "program": "source.program",
    "script": "source",
    "more_channels": "channels",
}


def _api_name(field: str) -> str:
    """How the API calls a field of the form."""
    if field.startswith(PREFIX):
        return f"hyperparameters.{field.removeprefix(PREFIX)}"
    if field in FORM_TO_API:
        return FORM_TO_API[field]
    for ending, member in ((URI, "s3_uri"), (TYPE, "content_type")):
        if field.endswith(ending) and field != f"checkpoint{URI}":
            return f"channels.{field.removesuffix(ending)}.{member}"
    return field
