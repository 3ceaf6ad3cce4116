"""Launching a training job by the API: the payload fills in the form of the page, so that both refuse alike."""

from dataclasses import replace
from typing import Annotated, Any

from ninja import Path, Schema
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints

from apps.accounts.api import TokenRequest
from apps.aws.queries import find_workspace
from apps.core.errors import InvalidInput
from apps.training import services
from apps.training.api.router import router
from apps.training.api.schemas import JobOut
from apps.training.catalogue import ALGORITHMS
from apps.training.forms import PREFIX, LaunchForm
from apps.training.models import TrainingJob

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Tag.html, less the two tags of our own.
MAX_TAGS = 48
TagKey = Annotated[str, StringConstraints(max_length=128, pattern=r"^[\w\s.:/=+@-]+$")]
TagValue = Annotated[str, StringConstraints(max_length=256, pattern=r"^[\w\s.:/=+@-]*$")]


def as_text(value: object) -> object:
    """A hyperparameter as SageMaker takes it: a string; numbers and booleans of JSON are written as such."""
    return str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int | float) else value


Hyperparameter = Annotated[str, BeforeValidator(as_text)]


class ChannelIn(Schema):
    """One input channel."""

    model_config = ConfigDict(extra="forbid")
    s3_uri: str
    content_type: str = "text/csv"


class LaunchIn(Schema):
    """A training job to launch."""

    model_config = ConfigDict(extra="forbid")
    name: str = ""
    algorithm: str
    hyperparameters: dict[str, Hyperparameter] = Field(default_factory=dict)
    channels: dict[str, ChannelIn]
    instance_type: str = "ml.m5.xlarge"
    instance_count: int = 1
    max_runtime_seconds: int = 3600
    tags: dict[TagKey, TagValue] = Field(default_factory=dict, max_length=MAX_TAGS)


@router.post("", response={201: JobOut}, summary="Launch a training job")
def launch(request: TokenRequest, slug: Path[str], payload: LaunchIn) -> tuple[int, TrainingJob]:
    """Write the job down; the worker submits it to SageMaker at once. Status `Requested` until SageMaker has it."""
    workspace = find_workspace(slug)
    form = LaunchForm(_form_data(payload), workspace=workspace)
    if not form.is_valid():
        raise InvalidInput({_api_name(field): [str(e) for e in errors] for field, errors in form.errors.items()})
    return 201, services.launch(workspace, request.user, replace(form.spec(), tags=payload.tags))


def _form_data(payload: LaunchIn) -> dict[str, Any]:
    """The payload as the form's fields, so that page and API refuse alike."""
    if payload.algorithm not in ALGORITHMS:
        raise InvalidInput({"algorithm": [f"must be one of {', '.join(ALGORITHMS)}, not {payload.algorithm!r}"]})
    unknown = (
        {
            f"tags.{name}": ["begins with aws:, which AWS keeps for itself"]
            for name in payload.tags
            if name.lower().startswith("aws:")
        }
        | {
            f"hyperparameters.{name}": [f"{payload.algorithm} has no hyperparameter of this name"]
            for name in payload.hyperparameters
            if name not in ALGORITHMS[payload.algorithm].hyperparameters
        }
        | {
            f"channels.{name}": ["must be train or validation"]
            for name in payload.channels
            if name not in ("train", "validation")
        }
    )
    if unknown:
        raise InvalidInput(unknown)
    data: dict[str, Any] = {name: getattr(payload, name) for name in SAME_NAME}
    for name, channel in payload.channels.items():
        data[f"{name}_s3_uri"] = channel.s3_uri
        data["content_type" if name == "train" else "validation_content_type"] = channel.content_type
    return data | {PREFIX + name: value for name, value in payload.hyperparameters.items()}


SAME_NAME = ("name", "instance_type", "instance_count", "max_runtime_seconds")
FORM_TO_API = {
    "train_s3_uri": "channels.train.s3_uri",
    "validation_s3_uri": "channels.validation.s3_uri",
    "content_type": "channels.train.content_type",
    "validation_content_type": "channels.validation.content_type",
}


def _api_name(field: str) -> str:
    """How the API calls a field of the form."""
    if field.startswith(PREFIX):
        return f"hyperparameters.{field.removeprefix(PREFIX)}"
    return FORM_TO_API.get(field, field)
