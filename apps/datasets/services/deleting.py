"""Deleting a data set: asked for here, done by the worker, objects first and the row last."""

from django.db import transaction

from apps.accounts.models import User
from apps.accounts.services import record
from apps.core import clock
from apps.core.errors import Refusal
from apps.core.queue import enqueue_on_commit
from apps.datasets import aws
from apps.datasets.models import Dataset, DatasetVersion
from apps.datasets.queries import busy_jobs
from apps.datasets.services.holding import WORK, tell
from apps.datasets.states import VersionState


def request_delete(dataset: Dataset, by: User | None) -> None:
    """Let the worker delete every version and then the data set; raises Refusal while a job trains on it."""
    with transaction.atomic():
        Dataset.objects.select_for_update().get(pk=dataset.pk)
        if busy := busy_jobs(dataset):
            raise Refusal(f"{', '.join(busy)} still trains on {dataset.name}. Stop it, or wait for its end.")
        Dataset.objects.filter(pk=dataset.pk).update(current=None)
        dataset.versions.update(state=VersionState.DELETING, due_at=clock.now(), lease="", attempts=0, trouble="")
        record(by, "delete data set", workspace=dataset.workspace.slug, target=dataset.name)
        versions = list(dataset.versions.select_related("dataset"))
        if not versions:
            dataset.delete()
        for version in versions:
            enqueue_on_commit(WORK, version.pk)
            tell(version)


def remove(version: DatasetVersion) -> None:
    """Delete the objects that nobody else needs, then the row; the last version takes the data set with it."""
    workspace = version.dataset.workspace
    others = DatasetVersion.objects.filter(raw_s3_uri=version.raw_s3_uri).exclude(state=VersionState.DELETING)
    if version.raw_is_ours and version.raw_s3_uri and not others.exists():
        aws.delete(workspace, version.raw_s3_uri)
    if version.train_s3_uri:
        bucket, _ = aws.split(version.train_s3_uri)
        for key in version.keys.values():
            aws.delete(workspace, f"s3://{bucket}/{key}")
    with transaction.atomic():
        tell(version)
        dataset = version.dataset
        version.delete()
        if not dataset.versions.exists():
            dataset.delete()
