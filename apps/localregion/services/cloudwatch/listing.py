"""ListMetrics: first the metrics that clients put, then those of the jobs."""

import re
import time
from typing import Any

from apps.localregion.region import Region
from apps.localregion.services.cloudwatch import job_metrics
from apps.localregion.services.cloudwatch.refusals import invalid
from apps.localregion.store.metrics import Metric, StoredMetrics

PAGE = 500
RECENT, LISTED = 3 * 3600, 14 * 24 * 3600  # seconds since a metric's last data point
_TOKEN = re.compile(r"put:(\d{1,18})|jobs:(.*)")

Body = dict[str, Any]
Wanted = set[tuple[str, str | None]]


def list_metrics(region: Region, request: Body) -> Body:
    """A page of the metrics that fit; an empty page may come before a full one."""
    wanted: Wanted = {(each["Name"], each.get("Value")) for each in request.get("Dimensions", [])}
    if request.get("OwningAccount", region.account) != region.account:
        return {"Metrics": []}
    match = _TOKEN.fullmatch(request.get("NextToken", "put:0"))
    if match is None:
        raise invalid("The parameter NextToken is invalid")
    age = RECENT if "RecentlyActive" in request else LISTED
    if match[1] is not None:
        found, token = _put(region, request, time.time() - age, int(match[1]))
        kept = _kept(found, request, wanted)
        if token or not _of_jobs(request):
            return _answer(region, request, kept, token)
        match = None
    else:
        kept = []
    oldest = time.time() - age if "RecentlyActive" in request else 0.0  # the metrics of jobs stay as long as the jobs
    found, following = job_metrics.page(region, wanted, oldest, match[2] or None if match else None)
    token = f"jobs:{following}" if following else None
    return _answer(region, request, kept + _kept(found, request, wanted), token)


def _put(region: Region, request: Body, written_after: float, after: int) -> tuple[list[Metric], str | None]:
    stored = StoredMetrics(region.objects.database)
    rows, more = stored.page(request.get("Namespace"), request.get("MetricName"), written_after, after, PAGE)
    return [metric for _, metric in rows], f"put:{rows[-1][0]}" if more else None


def _of_jobs(request: Body) -> bool:
    return bool(request.get("Namespace", job_metrics.NAMESPACE) == job_metrics.NAMESPACE)


def _kept(found: list[Metric], request: Body, wanted: Wanted) -> list[Metric]:
    return [
        metric
        for metric in found
        if request.get("MetricName", metric.name) == metric.name
        and all(any(name == each and value in (None, of) for each, of in metric.dimensions) for name, value in wanted)
    ]


def _answer(region: Region, request: Body, kept: list[Metric], token: str | None) -> Body:
    answer: Body = {
        "Metrics": [
            {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
            }
            for metric in kept
        ]
    }
    if request.get("IncludeLinkedAccounts"):
        answer["OwningAccounts"] = [region.account] * len(kept)
    return answer | ({"NextToken": token} if token else {})
