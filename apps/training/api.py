"""The REST API of training jobs, under /api/v1/w/<slug>/training-jobs."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Schema
from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints

from apps.accounts.api import TokenRequest
from apps.aws.queries import find_workspace
from apps.core.errors import InvalidInput
from apps.training import queries, services
from apps.training.catalogue import ALGORITHMS
from apps.training.forms import PREFIX, LaunchForm
from apps.training.models import TrainingJob

router = Router(tags=["training jobs"])

MAX_PAGE = 500
MAX_LINES = 10_000
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


class JobOut(Schema):
    """One training job."""

    name: str
    status: str
    secondary_status: str
    algorithm: str
    owner: str | None
    dataset: str | None
    hyperparameters: dict[str, Any]
    channels: dict[str, Any]
    instance_type: str
    instance_count: int
    max_runtime_seconds: int
    tags: dict[str, str]
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    billable_seconds: int | None
    cost_usd: float | None
    objective_metric: str
    metrics: dict[str, float]
    model_s3_uri: str | None
    failure_reason: str | None

    @staticmethod
    def resolve_owner(job: TrainingJob) -> str | None:
        """The user name of who launched it."""
        return job.owner.username if job.owner else None

    @staticmethod
    def resolve_dataset(job: TrainingJob) -> str | None:
        """The name of its data set."""
        return job.dataset.name if job.dataset else None

    @staticmethod
    def resolve_cost_usd(job: TrainingJob) -> float | None:
        """On-demand price of what it has used."""
        return None if job.cost is None else float(job.cost)

    @staticmethod
    def resolve_metrics(job: TrainingJob) -> dict[str, float]:
        """The best value of each metric."""
        return {name: best["value"] for name, best in job.best_metrics.items()}

    @staticmethod
    def resolve_model_s3_uri(job: TrainingJob) -> str | None:
        """Where its model.tar.gz is; null while there is none."""
        return job.model_s3_uri or None

    @staticmethod
    def resolve_failure_reason(job: TrainingJob) -> str | None:
        """Why it failed; null when it did not."""
        return job.failure_reason or None


class JobsOut(Schema):
    """A page of jobs, newest first; `next_cursor` asks for the next one, null at the end."""

    items: list[JobOut]
    next_cursor: str | None


class LineOut(Schema):
    """One log line."""

    number: int
    at: datetime
    stream: str
    text: str


class LogsOut(Schema):
    """Log lines in order; `next_cursor` is the number to go on `after`, also at the present end."""

    items: list[LineOut]
    next_cursor: int
    more: bool


class CurveOut(Schema):
    """One metric by round."""

    name: str
    steps: list[int]
    values: list[float]
    best_step: int
    best_value: float


class CurvesOut(Schema):
    """All metrics of a job."""

    items: list[CurveOut]


@router.post("", response={201: JobOut}, summary="Launch a training job")
def launch(request: TokenRequest, slug: Path[str], payload: LaunchIn) -> tuple[int, TrainingJob]:
    """Write the job down; the worker submits it to SageMaker at once. Status `Requested` until SageMaker has it."""
    workspace = find_workspace(slug)
    form = LaunchForm(_form_data(payload), workspace=workspace)
    if not form.is_valid():
        raise InvalidInput({_api_name(field): [str(e) for e in errors] for field, errors in form.errors.items()})
    return 201, services.launch(workspace, request.user, replace(form.spec(), tags=payload.tags))


@router.get("", response=JobsOut, summary="List training jobs")
def history(
    request: HttpRequest,
    slug: Path[str],
    filter: str = "",
    sort: str = queries.NEWEST_FIRST,
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = queries.PAGE,
) -> queries.Page:
    """The workspace's jobs; `filter` as in `metrics.validation:auc > 0.9`, `sort` as in `-created`."""
    return queries.history(find_workspace(slug), cursor, limit, filter_text=filter, sort=sort)


@router.get("/{name}", response=JobOut, summary="Describe a training job")
def describe(request: HttpRequest, slug: Path[str], name: str) -> TrainingJob:
    """Its status, best metrics, model and failure reason."""
    return queries.find(find_workspace(slug), name)


@router.get("/{name}/logs", response=LogsOut, summary="Read a training job's log")
def logs(
    request: HttpRequest,
    slug: Path[str],
    name: str,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LINES)] = 1000,
) -> dict[str, Any]:
    """Lines behind line number `after`."""
    tail = queries.log_lines(queries.find(find_workspace(slug), name), after, limit)
    return {"items": tail.lines, "next_cursor": tail.last, "more": tail.more}


@router.get("/{name}/metrics", response=CurvesOut, summary="Read a training job's metrics")
def metrics(request: HttpRequest, slug: Path[str], name: str) -> dict[str, Any]:
    """Every metric by round, the objective metric first."""
    return {"items": queries.curves(queries.find(find_workspace(slug), name))}


@router.post("/{name}/stop", response={202: JobOut}, summary="Stop a training job")
def stop(request: TokenRequest, slug: Path[str], name: str) -> tuple[int, TrainingJob]:
    """Note the wish; the worker asks SageMaker at once. 422 when the job has ended already."""
    job = queries.find(find_workspace(slug), name)
    services.request_stop(job, request.user)
    return 202, job


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
