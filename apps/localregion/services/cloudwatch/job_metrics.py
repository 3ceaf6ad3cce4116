"""The metrics that training jobs write, under SageMaker's namespace and dimensions.

https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
"""

import time
from typing import Any

from apps.localregion.compute import metrics
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
    job, _, host = value.partition("/") if of_host else (value, "", "")
    if dimension not in ("Host", "TrainingJobName") or region.documents.get(KIND, job) is None:
        return []
    folder, unit = region.jobs.folder(job), UNITS.get(metric.name, "None")
    if of_host:
        named = [each for each in folder.hosts() if each.name == host]
        points = [point for each in named for point in metrics.usage(each, metric.name, start, end)]
    else:
        points = metrics.training(folder, metric.name, start, end)
    return [of_one_value(moment, unit, number) for moment, number in points]


def page(
    region: Region, wanted: set[tuple[str, str | None]], written_after: float, token: str | None
) -> tuple[list[Metric], str | None]:
    """The metrics of the jobs that the dimensions name, or else of a page of jobs, and the token of the next."""
    named = [value.partition("/")[0] for _, value in wanted if value]
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
    folder = region.jobs.folder(job)
    names = metrics.training_names(folder)
    return [
        *(
            Metric(NAMESPACE, name, (("Host", f"{job}/{each.name}"),))
            for each in folder.hosts()
            for name in metrics.USAGE
        ),
        *(Metric(NAMESPACE, name, (("TrainingJobName", job),)) for name in names),
    ]
