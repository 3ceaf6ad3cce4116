"""The metrics that training jobs write, under SageMaker's namespace and dimensions.

https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
"""

import time
from typing import Any

from apps.localregion.compute import metrics
from apps.localregion.compute.launch import HOST
from apps.localregion.compute.statuses import KIND
from apps.localregion.region import Region
from apps.localregion.services.cloudwatch.refusals import invalid
from apps.localregion.services.cloudwatch.statistics import of_one_value
from apps.localregion.store.metrics import Metric, Sample

NAMESPACE = "/aws/sagemaker/TrainingJobs"
JOBS_A_PAGE = 50
UNITS = dict.fromkeys(metrics.USAGE, "Percent")

Body = dict[str, Any]


def samples(region: Region, metric: Metric, start: float, end: float) -> list[Sample]:
    """The metric's points from `start` to before `end`, unix seconds; none for what no job here has written."""
    if metric.namespace != NAMESPACE or len(metric.dimensions) != 1:
        return []
    ((dimension, value),) = metric.dimensions
    of_host = dimension == "Host"
    job = value.removesuffix(f"/{HOST}") if of_host else value
    if dimension not in ("Host", "TrainingJobName") or region.documents.get(KIND, job) is None:
        return []
    read = metrics.usage if of_host else metrics.training
    unit = UNITS.get(metric.name, "None")
    points = read(region.jobs.folder(job), metric.name, start, end)
    return [of_one_value(moment, unit, number) for moment, number in points]


def page(
    region: Region, wanted: set[tuple[str, str | None]], written_after: float, token: str | None
) -> tuple[list[Metric], str | None]:
    """The metrics of the jobs that the dimensions name, or else of a page of jobs, and the token of the next."""
    named = [value.removesuffix(f"/{HOST}") for _, value in wanted if value]
    if named:
        body = region.documents.get(KIND, named[0])
        bodies, following = ([body] if body else []), None
    else:
        try:
            bodies, following = region.documents.page(
                KIND, sort_by="name", descending=False, after=token, limit=JOBS_A_PAGE
            )
        except ValueError as error:
            raise invalid(f"The parameter NextToken is invalid: {error}") from error
    recent = [body for body in bodies if body.get("TrainingEndTime", time.time()) >= written_after]
    return [metric for body in recent for metric in _of(region, body["TrainingJobName"])], following


def _of(region: Region, job: str) -> list[Metric]:
    names = metrics.training_names(region.jobs.folder(job))
    return [
        *(Metric(NAMESPACE, name, (("Host", f"{job}/{HOST}"),)) for name in metrics.USAGE),
        *(Metric(NAMESPACE, name, (("TrainingJobName", job),)) for name in names),
    ]
