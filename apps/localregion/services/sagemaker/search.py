"""SageMaker's Search over training jobs, and the property names it suggests.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Search.html
"""

import base64
import binascii
import json
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from apps.localregion.compute.statuses import KIND
from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.sagemaker import description
from apps.localregion.services.sagemaker.conditions import matches, present, value_at

PAGE = 10
SUGGESTIONS = 100
RESOURCE = "TrainingJob"  # the only searchable resource of this region: there are none of the others
# Facts of a job that are properties by name rather than members of its description.
NAMED = {"Tags": ("Key", "Value"), "Metrics": ("MetricName", "Value")}

Body = dict[str, Any]


def search(region: Region, request: Body) -> Body:
    """A page of the training jobs that match an expression, newest first unless asked otherwise.

    Of the jobs before and behind the page only the names are held: there may be very many.
    """
    if "VisibilityConditions" in request or request.get("CrossAccountFilterOption") == "CrossAccount":
        raise AwsError("ValidationException", "Search across accounts is not supported by the local region.")
    if request["Resource"] != RESOURCE:
        return {"Results": [], "TotalHits": {"Value": 0, "Relation": "EqualTo"}}
    expression, sort_by = request.get("SearchExpression", {}), request.get("SortBy", "CreationTime")
    found = [
        (_order(value_at(properties, sort_by)), job["TrainingJobName"])
        for job in _jobs(region, _status(expression))
        if matches(expression, properties := _properties(job))
    ]
    found.sort(key=itemgetter(0), reverse=request.get("SortOrder") != "Ascending")
    start, size = _read_token(request.get("NextToken"), len(found)), request.get("MaxResults", PAGE)
    jobs = (region.documents.get(KIND, name) for _, name in found[start : start + size])
    page = [{RESOURCE: description.search_record(job)} for job in jobs if job is not None]
    more = {"NextToken": _token(start + size)} if start + size < len(found) else {}
    return {"Results": page, "TotalHits": {"Value": len(found), "Relation": "EqualTo"}, **more}


def get_search_suggestions(region: Region, request: Body) -> Body:
    """The property names of training jobs that begin with a hint."""
    if request["Resource"] != RESOURCE:
        return {}
    hint = request.get("SuggestionQuery", {}).get("PropertyNameQuery", {}).get("PropertyNameHint", "").lower()
    names = {name for job in _jobs(region) for name in _names(_properties(job))}
    kept = sorted(name for name in names if name.lower().startswith(hint))
    return {"PropertyNameSuggestions": [{"PropertyName": name} for name in kept[:SUGGESTIONS]]}


def _status(expression: Body) -> str | None:
    """The status that every match must have, if the expression says so at its top: found by an index."""
    filters = expression.get("Filters", []) if expression.get("Operator") != "Or" else []
    return next((each.get("Value") for each in filters if _asks_for_status(each)), None)


def _asks_for_status(condition: Body) -> bool:
    return (condition["Name"], condition.get("Operator", "Equals")) == ("TrainingJobStatus", "Equals")


def _jobs(region: Region, status: str | None = None) -> Iterator[Body]:
    """Every training job, or those of a status, the newest first, read page by page."""
    token: str | None = None
    while True:
        bodies, token = region.documents.page(KIND, status=status, after=token)
        yield from bodies
        if token is None:
            return


def _properties(job: Body) -> Body:
    """The job as filters see it: its description, with tags and final metrics by their names."""
    listed = {"Tags": job.get("Tags", []), "Metrics": job.get("FinalMetricDataList", [])}
    named = {
        group: {each[key]: each[value] for each in listed[group]}
        for group, (key, value) in NAMED.items()
        if listed[group]
    }
    return {**description.without_internals(job), **named}


def _names(value: Any, path: str = "") -> Iterator[str]:
    """The dotted names of everything that has a value."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _names(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for each in value:
            yield from _names(each, path)
    elif path:
        yield path


def _order(value: Any) -> tuple[int, float, str]:
    """Sorts numbers before texts and what is absent first."""
    if not present(value):
        return 0, 0.0, ""
    if isinstance(value, int | float):
        return 1, float(value), ""
    return 2, 0.0, str(value)


def _token(position: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([position]).encode()).decode()


def _read_token(token: str | None, total: int) -> int:
    try:
        (position,) = json.loads(base64.urlsafe_b64decode(token)) if token else [0]
        if isinstance(position, int) and position >= 0:
            return min(position, total)
    except (binascii.Error, TypeError, ValueError) as error:
        raise AwsError("ValidationException", "Invalid NextToken") from error
    raise AwsError("ValidationException", "Invalid NextToken")
