"""The REST API of data sets, under /api/v1/w/<slug>/datasets."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import File, Form, Path, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import ConfigDict, Field

from apps.accounts.api import TokenRequest
from apps.aws.models import Workspace
from apps.aws.queries import find_workspace
from apps.core.errors import InvalidInput
from apps.datasets import queries, services
from apps.datasets.forms import ChoiceForm, RegisterForm, UploadForm
from apps.datasets.models import HOLDOUT, SEED, Dataset, DatasetVersion

router = Router(tags=["data sets"])


class VersionOut(Schema):
    """One version of a data set."""

    number: int
    state: str
    created_at: datetime
    sha256: str
    size_bytes: int
    row_count: int | None
    target: str
    task: str
    features: list[str]
    holdout: int
    seed: int
    stratified: bool
    train_rows: int | None
    validation_rows: int | None
    train_s3_uri: str
    validation_s3_uri: str
    raw_s3_uri: str
    content_type: str
    encodings: dict[str, list[str]]
    failure: str
    failure_line: int | None
    failure_column: int | None
    trouble: str


class DatasetOut(Schema):
    """A data set; `state` is that of its newest version, `current_version` the newest that is Ready."""

    id: int
    name: str
    title: str
    owner: str | None
    created_at: datetime
    state: str
    current_version: int | None

    @staticmethod
    def resolve_owner(dataset: Dataset) -> str | None:
        """The user name of who made it."""
        return dataset.owner.username if dataset.owner else None

    @staticmethod
    def resolve_state(dataset: Dataset) -> str:
        """How far the console is with it."""
        return getattr(dataset, "newest_state", None) or queries.newest(dataset).state

    @staticmethod
    def resolve_current_version(dataset: Dataset) -> int | None:
        """What is trained on."""
        return dataset.current.number if dataset.current else None


class DatasetWhole(DatasetOut):
    """A data set with the columns of its newest version, and all versions, the newest first."""

    failure: str
    columns: list[dict[str, Any]]
    versions: list[VersionOut]

    @staticmethod
    def resolve_failure(dataset: Dataset) -> str:
        """Why its newest version cannot be used."""
        return queries.newest(dataset).failure

    @staticmethod
    def resolve_columns(dataset: Dataset) -> list[dict[str, Any]]:
        """Name, type, missing and distinct values, extremes and histogram of each."""
        return list(queries.newest(dataset).columns)

    @staticmethod
    def resolve_versions(dataset: Dataset) -> list[DatasetVersion]:
        """All of them."""
        return queries.versions(dataset)


class DatasetsOut(Schema):
    """All data sets by name."""

    items: list[DatasetOut]


class RegisterIn(Schema):
    """An object in S3 that becomes a version; `holdout` in per cent or as a share."""

    model_config = ConfigDict(extra="forbid")
    name: str
    s3_uri: str
    target: str = ""
    holdout: float = HOLDOUT


class ChoiceIn(Schema):
    """What is predicted from what; without `features` from every column that can be used."""

    model_config = ConfigDict(extra="forbid")
    target: str
    features: list[str] | None = None
    task: str = ""
    holdout: float = HOLDOUT
    seed: Annotated[int, Field(ge=0)] = SEED


def find(slug: str, key: str) -> Dataset:
    """A data set by its id or its name."""
    return queries.find_by_key(find_workspace(slug), key)


@router.get("", response=DatasetsOut, summary="List data sets")
def datasets(request: HttpRequest, slug: Path[str]) -> dict[str, Any]:
    """Every data set of the workspace."""
    return {"items": queries.with_states(find_workspace(slug))}


@router.post("", response={201: DatasetWhole}, summary="Upload a data set")
def upload(
    request: TokenRequest,
    slug: Path[str],
    file: File[UploadedFile],
    name: Form[str],
    target: Form[str] = "",
    holdout: Form[str] = "",
) -> Status[Dataset]:
    """A CSV or Parquet file: a new data set, or a new version of the one of that name. Ready once `state` says so."""
    workspace = find_workspace(slug)
    given = UploadForm({"name": name, "target": target, "holdout": holdout, "filename": file.name, "size": file.size})
    version = services.upload_whole(services.begin_upload(workspace, request.user, **given.checked()), file.read)
    return Status(201, fresh(workspace, version))


@router.post("/register", response={201: DatasetWhole}, summary="Register an object in S3")
def register(request: TokenRequest, slug: Path[str], payload: RegisterIn) -> Status[Dataset]:
    """The object stays where it is; the console reads it and writes the training objects beside its own."""
    workspace = find_workspace(slug)
    version = services.register(workspace, request.user, **RegisterForm(payload.dict()).checked())
    return Status(201, fresh(workspace, version))


@router.get("/{key}", response=DatasetWhole, summary="Describe a data set")
def describe(request: HttpRequest, slug: Path[str], key: str) -> Dataset:
    """By id or name: state, columns and versions."""
    return find(slug, key)


@router.post("/{key}/versions", response={201: VersionOut}, summary="Choose target and columns")
def choose(request: TokenRequest, slug: Path[str], key: str, payload: ChoiceIn) -> Status[DatasetVersion]:
    """Of the newest version: one that waits for it is prepared, else a new version of the same file is made."""
    version = queries.newest(find(slug, key))
    form = ChoiceForm(payload.dict(), version=version, features=payload.features)
    if not form.is_valid() or form.choice is None:
        raise InvalidInput({field: [str(each) for each in errors] for field, errors in form.errors.items()})
    return Status(
        201, services.apply_choice(version, request.user, form.choice, form.cleaned_data["holdout"], form.seed_given)
    )


@router.delete("/{key}", response={202: DatasetOut}, summary="Delete a data set")
def delete(request: TokenRequest, slug: Path[str], key: str) -> Status[Dataset]:
    """With all its versions and their objects; 422 while a job trains on it. A registered file stays in S3."""
    dataset = find(slug, key)
    services.request_delete(dataset, request.user)
    return Status(202, dataset)


def fresh(workspace: Workspace, version: DatasetVersion) -> Dataset:
    """The version's data set as it stands now."""
    return queries.find(workspace, version.dataset.name)
