"""What stands in the launch form at first: what suits a data set, or the values of an earlier job."""

from collections.abc import Mapping
from typing import Any

from apps.aws.models import Workspace
from apps.datasets.queries import trainable
from apps.training import queries
from apps.training.catalogue import ALGORITHMS, Algorithm
from apps.training.forms import PREFIX
from apps.training.inputs import TYPE, URI
from apps.training.lines import as_lines
from apps.training.models import TrainingJob
from apps.training.recommending import suggestions
from apps.training.services.launching import suggest_name

OWN_IMAGE = "own-image"
SAME = (
    "instance_type",
    "instance_count",
    "volume_size_gb",
    "max_runtime_seconds",
    "max_wait_seconds",
    "checkpoint_s3_uri",
)


def beginning(workspace: Workspace, algorithm: Algorithm, asked: Mapping[str, Any]) -> dict[str, Any]:
    """By `from` (an earlier job's name; raises NotFound) or `dataset`, else the first data set there is."""
    if earlier := asked.get("from", ""):
        job = queries.find(workspace, earlier)
        return of_job(job, algorithm) | {"name": suggest_name(algorithm.name, job.dataset.name if job.dataset else "")}
    known = {dataset.name: dataset for dataset in trainable(workspace)} if algorithm.labelled else {}
    chosen = known.get(asked.get("dataset", "")) or next(iter(known.values()), None)
    if chosen is None or chosen.current is None:
        return {"name": suggest_name(algorithm.name)}
    suited = {PREFIX + name: value for name, value in suggestions(algorithm, chosen.current).items()}
    return suited | {"dataset": chosen.name, "name": suggest_name(algorithm.name, chosen.name)}


def algorithm_of(job: TrainingJob) -> str:
    """The form on which an earlier job is put together again; one of an unknown image is an image of one's own."""
    return job.algorithm if job.algorithm in ALGORITHMS else OWN_IMAGE


def of_job(job: TrainingJob, algorithm: Algorithm) -> dict[str, Any]:
    """The values that an earlier job was launched with, but for its name."""
    values: dict[str, Any] = {name: getattr(job, name) for name in SAME} | {"cloned_from": job.name}
    values |= {PREFIX + name: value for name, value in job.hyperparameters.items()}
    values |= {"spot": job.max_wait_seconds is not None, "tags": as_lines(job.tags)}
    values |= {"environment": as_lines(job.environment)} | _own_code(job)
    # An older version is named by its objects: the form's data sets are their newest versions.
    newest = job.dataset.current if job.dataset else None
    if job.dataset and newest and newest.pk == job.dataset_version_id and algorithm.labelled:
        return values | {"dataset": job.dataset.name}
    further = {name: channel["s3_uri"] for name, channel in job.channels.items() if name not in algorithm.channels}
    for name, channel in job.channels.items():
        values |= {name + URI: channel.get("s3_uri", ""), name + TYPE: channel.get("content_type", "")}
    return values | {"more_channels": as_lines(further)}


def _own_code(job: TrainingJob) -> dict[str, Any]:
    source = job.source
    git = {"git_url": source["git_url"], "git_ref": source.get("git_ref", "")} if source.get("git_url") else {}
    return git | {
        "hyperparameters": as_lines(job.hyperparameters),
        "metric_definitions": as_lines(job.metric_definitions),
        "training_image": job.training_image or (job.image_uri if job.algorithm not in ALGORITHMS else ""),
        "program": source.get("program", ""),
        "git_folder": source.get("folder", ""),
        "source_s3_uri": "" if git else source.get("s3_uri", ""),
    }
