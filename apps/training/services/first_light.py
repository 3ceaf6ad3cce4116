"""What a first start shows: two sample data sets and one real job, so that the first page is alive."""

from django.db import transaction

from apps.accounts.services import ensure_admin
from apps.aws.models import Workspace
from apps.core import clock
from apps.datasets.queries import ready
from apps.datasets.services import bring_sample
from apps.training.services.launching import launch
from apps.training.spec import LaunchSpec, channels_of

FIRST_JOB_ON = "breast-cancer"
SAMPLES = ("abalone", FIRST_JOB_ON)


def first_light(workspace: Workspace) -> None:
    """Bring the samples and launch the first job, once in a workspace's life; cut short, it is done again."""
    if Workspace.objects.get(pk=workspace.pk).first_light_at:
        return
    admin = ensure_admin()
    brought = {name: bring_sample(workspace, name, admin) for name in SAMPLES}
    dataset = brought[FIRST_JOB_ON]
    version = ready(dataset)
    spec = LaunchSpec(
        algorithm="xgboost",
        hyperparameters=version.suggested,
        channels=channels_of(version),
        instance_type="ml.m5.xlarge",
        instance_count=1,
        max_runtime_seconds=3600,
        dataset=dataset,
        dataset_version=version,
    )
    with transaction.atomic():
        if Workspace.objects.filter(pk=workspace.pk, first_light_at=None).update(first_light_at=clock.now()):
            launch(workspace, admin, spec)
