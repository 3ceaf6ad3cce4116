"""New versions of data sets: of a file that was uploaded or registered, or by another choice of columns."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from apps.accounts.models import User
from apps.accounts.services import record
from apps.aws.errors import Missing
from apps.aws.models import Workspace
from apps.core import clock
from apps.core.errors import InvalidInput, Refusal
from apps.core.queue import enqueue_on_commit
from apps.datasets import aws
from apps.datasets.choice import Choice
from apps.datasets.models import HOLDOUT, SEED, Dataset, DatasetVersion
from apps.datasets.services.holding import WORK, tell
from apps.datasets.states import VersionState

# What a version by another choice of columns has in common with the one whose file it is made of.
SAME_FILE = (
    "raw_s3_uri", "raw_is_ours", "filename", "size_bytes", "sha256", "row_count", "columns", "column_count", "preview"
)  # fmt: skip


@dataclass(frozen=True)
class RawFile:
    """A file in S3 that becomes a version; `ours` when the console put it there."""

    s3_uri: str
    filename: str
    size: int
    ours: bool = True


def add_version(
    workspace: Workspace, owner: User | None, name: str, file: RawFile, target: str = "", holdout: int = HOLDOUT
) -> DatasetVersion:
    """Write down a new version, of a new data set when there is none of that name, and hand it to the worker."""
    with transaction.atomic():
        dataset, made = Dataset.objects.get_or_create(
            workspace=workspace, name=name, defaults={"title": name, "owner": owner, "source": file.filename[:200]}
        )
        version = _add(
            dataset,
            owner,
            raw_s3_uri=file.s3_uri,
            raw_is_ours=file.ours,
            filename=file.filename,
            size_bytes=file.size,
            target=target,
            holdout=holdout,
        )
        action = "create data set" if made else "add data set version"
        record(owner, action, workspace=workspace.slug, target=name, version=version.number, file=file.filename)
    return version


def _add(dataset: Dataset, owner: User | None, **columns: object) -> DatasetVersion:
    """A version with the next number; the data set's row is locked, so that no two get the same."""
    Dataset.objects.select_for_update().get(pk=dataset.pk)
    if dataset.versions.filter(state=VersionState.DELETING).exists():
        raise Refusal(f"{dataset.name} is being deleted. Choose another name, or wait until it is gone.", "name")
    number = (dataset.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    version = dataset.versions.create(number=number, owner=owner, **columns)
    enqueue_on_commit(WORK, version.pk)
    tell(version)
    return version


def register(
    workspace: Workspace, owner: User | None, name: str, s3_uri: str, target: str = "", holdout: int = HOLDOUT
) -> DatasetVersion:
    """A version of a file that is in S3 already; raises InvalidInput when it is not there."""
    try:
        found = aws.look(workspace, s3_uri)
    except Missing as error:
        raise InvalidInput({"s3_uri": ["There is no object of this URI, or the workspace may not read it."]}) from error
    file = RawFile(s3_uri, s3_uri.rpartition("/")[2][:255], found.size, ours=False)
    return add_version(workspace, owner, name, file, target, holdout)


def apply_choice(
    version: DatasetVersion, by: User | None, choice: Choice, holdout: int = HOLDOUT, seed: int = SEED
) -> DatasetVersion:
    """Prepare what was chosen: of a version that waits for it, else as a new version of the same file."""
    chosen = {
        "target": choice.target,
        "task": choice.task,
        "features": choice.features,
        "holdout": holdout,
        "seed": seed,
    }
    with transaction.atomic():
        waits = {"state": VersionState.PREPARING, "due_at": clock.now(), "lease": "", "attempts": 0}
        waiting = DatasetVersion.objects.filter(pk=version.pk, state=VersionState.PROFILED)
        if waiting.update(**waits, **chosen):
            made = DatasetVersion.objects.select_related("dataset").get(pk=version.pk)
            enqueue_on_commit(WORK, made.pk)
            tell(made)
        elif version.row_count is None or not version.sha256:
            raise Refusal("This version has not been read yet. Wait until its columns are known.")
        else:
            same = {name: getattr(version, name) for name in SAME_FILE}
            made = _add(version.dataset, by, state=VersionState.PREPARING, **same, **chosen)
        record(
            by, "choose data set columns", workspace=version.dataset.workspace.slug, target=version.dataset.name,
            version=made.number, columns=len(choice.features), label=choice.target,
        )  # fmt: skip
    return made
