"""What a person asks for: launch a job, stop it. Both only write the row; the worker does the rest."""

import re
import secrets
from dataclasses import asdict

from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.accounts.services import record
from apps.aws.models import Workspace
from apps.aws.prices import price_per_hour
from apps.core import clock
from apps.core.errors import InvalidInput, Refusal
from apps.core.events import publish_on_commit
from apps.core.queue import enqueue_on_commit
from apps.training.catalogue import ALGORITHMS
from apps.training.models import TrainingJob
from apps.training.services import facts
from apps.training.spec import LaunchSpec
from apps.training.states import TERMINAL, TrainingJobStatus

SUBMIT = "apps.training.tasks.submit"
REFRESH = "apps.training.tasks.refresh"
MAX_NAME = 63


def suggest_name(algorithm: str, dataset: str = "") -> str:
    """A name that says what is trained on what, with six random digits so that it is new."""
    stem = re.sub(r"[^a-zA-Z0-9]+", "-", f"{dataset}-{algorithm}").strip("-")
    return f"{stem[: MAX_NAME - 7].strip('-')}-{secrets.token_hex(3)}"


def requested(workspace: Workspace, owner: User | None, spec: LaunchSpec) -> TrainingJob:
    """The row that the request becomes, not saved: for the launch, and for what is shown of it before."""
    algorithm = ALGORITHMS[spec.algorithm]
    definitions = algorithm.metric_definitions() if algorithm.kind == "built-in" else dict(spec.metric_definitions)
    objective = algorithm.objective_metric(spec.hyperparameters, spec.channels) or next(iter(definitions), "")
    return TrainingJob(
        workspace=workspace,
        name=spec.name or suggest_name(spec.algorithm, spec.dataset.name if spec.dataset else ""),
        owner=owner,
        algorithm=spec.algorithm,
        dataset=spec.dataset,
        dataset_version=spec.dataset_version,
        hyperparameters=dict(spec.hyperparameters),
        channels={channel: asdict(where) for channel, where in spec.channels.items()},
        instance_type=spec.instance_type,
        instance_count=spec.instance_count,
        volume_size_gb=spec.volume_size_gb,
        max_runtime_seconds=spec.max_runtime_seconds,
        max_wait_seconds=spec.max_wait_seconds,
        checkpoint_s3_uri=spec.checkpoint_s3_uri,
        environment=dict(spec.environment),
        source=dict(spec.source),
        training_image=spec.training_image,
        price_per_hour=price_per_hour(spec.instance_type),
        tags=dict(spec.tags),
        metric_definitions=definitions,
        objective_metric=objective,
    )


def launch(workspace: Workspace, owner: User | None, spec: LaunchSpec) -> TrainingJob:
    """Write the job down and hand it to the worker; raises InvalidInput when its name is taken."""
    job = requested(workspace, owner, spec)
    job.cloned_from = TrainingJob.objects.filter(workspace=workspace, name=spec.cloned_from).first()
    try:
        with transaction.atomic():
            job.save(force_insert=True)
            facts.keep(job, "hyperparameters", job.hyperparameters)
            facts.keep(job, "tags", job.tags)
            record(owner, "launch training job", workspace=workspace.slug, target=job.name)
            publish_on_commit(workspace.pk, "jobs")
            enqueue_on_commit(SUBMIT, job.pk)
    except IntegrityError as error:
        raise InvalidInput({"name": ["There is a training job of this name already."]}) from error
    return job


def request_stop(job: TrainingJob, by: User | None) -> None:
    """Note that the job shall stop, and let the worker ask SageMaker; raises Refusal when it has ended."""
    with transaction.atomic():
        noted = (
            TrainingJob.objects.filter(pk=job.pk, stop_requested_at=None, ended_at=None)
            .exclude(status__in=TERMINAL)
            .update(stop_requested_at=clock.now())
        )
        job.refresh_from_db()
        if not noted and job.is_terminal:
            raise Refusal(f"{job.name} has ended already: {job.status}.")
        if noted:
            record(by, "stop training job", workspace=job.workspace.slug, target=job.name)
            publish_on_commit(job.workspace_id, job.topic, "jobs")
            # Not due before its time: whoever holds the row now will see the wish when it looks again.
            TrainingJob.objects.filter(pk=job.pk, status=TrainingJobStatus.IN_PROGRESS).update(next_poll_at=clock.now())
            enqueue_on_commit(REFRESH if job.arn else SUBMIT, job.pk)
