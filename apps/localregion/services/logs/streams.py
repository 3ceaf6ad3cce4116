"""Log streams: made by clients, or by training jobs."""

import time
from typing import Any

from apps.localregion.compute.statuses import ACTIVE
from apps.localregion.compute.statuses import KIND as JOB
from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.services.logs.groups import arn, group, group_name
from apps.localregion.services.logs.pages import page
from apps.localregion.services.logs.sources import FileSource, Source, StoredSource, sources
from apps.localregion.store.logs import StoredLogs

PAGE = 50  # also the most

Body = dict[str, Any]


def create_log_stream(region: Region, request: Body) -> Body:
    """Make an empty stream."""
    name, stream = request["logGroupName"], request["logStreamName"]
    group(region, name)
    there = region.jobs.logs.has_stream(name, stream)
    if there or not StoredLogs(region.objects.database).create(name, stream):
        raise AwsError("ResourceAlreadyExistsException", "The specified log stream already exists")
    return {}


def delete_log_stream(region: Region, request: Body) -> Body:
    """Remove a stream and its events; a running job's is refused, as it goes on writing."""
    name, stream = request["logGroupName"], request["logStreamName"]
    group(region, name)
    if region.jobs.logs.has_stream(name, stream):
        job = region.documents.get(JOB, stream.partition("/")[0])
        if job is not None and job["TrainingJobStatus"] in ACTIVE:
            raise AwsError("OperationAbortedException", "A training job that is in progress writes to this log stream.")
        region.jobs.logs.path(name, stream).unlink(missing_ok=True)
    elif not StoredLogs(region.objects.database).delete(name, stream):
        raise AwsError("ResourceNotFoundException", "The specified log stream does not exist.")
    return {}


def describe_log_streams(region: Region, request: Body) -> Body:
    """A page of a group's streams, by name or by the time of their last event."""
    name = group_name(region, request)
    prefix, by_time = request.get("logStreamNamePrefix", ""), request.get("orderBy") == "LastEventTime"
    if by_time and prefix:
        raise AwsError("InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix.")
    found = {each.name: each for each in sources(region, name, prefix)}
    if not by_time:
        names, more = page([(each, each) for each in found], request, PAGE, descending=request.get("descending", False))
        return {"logStreams": [_described(region, name, found[each]) for each in names], **more}
    # Described once: a stream that is written to meanwhile stands where its answer says.
    described = {each: _described(region, name, found[each]) for each in found}
    keyed = [(_last_written(each), name) for name, each in described.items()]
    names, more = page(keyed, request, PAGE, descending=request.get("descending", False))
    return {"logStreams": [described[each] for each in names], **more}


def _last_written(described: Body) -> int:
    """Unix milliseconds: of its last event, else when it was made."""
    moment = "lastEventTimestamp" if "lastEventTimestamp" in described else "creationTime"
    return int(described[moment])


def _described(region: Region, group: str, source: Source) -> Body:
    facts = _of_row(source) if isinstance(source, StoredSource) else _of_file(source)
    return {
        "logStreamName": source.name,
        "arn": f"{arn(region, group)}:log-stream:{source.name}",
        "storedBytes": 0,  # CloudWatch Logs always answers 0 (DescribeLogStreams in the API reference)
        **{name: value for name, value in facts.items() if value is not None},
    }


def _of_row(source: StoredSource) -> Body:
    stream = source.stream
    return {
        "creationTime": stream.created,
        "firstEventTimestamp": stream.first,
        "lastEventTimestamp": stream.last,
        "lastIngestionTime": stream.ingested,
        "uploadSequenceToken": None if stream.ingested is None else f"{stream.ingested:056d}",
    }


def _of_file(source: Source) -> Body:
    end = source.end()
    first = next(source.lines(0, end), None)
    last = next(source.lines(0, end, newest_first=True), None)
    if first is None or last is None:
        made = source.path.stat().st_mtime if isinstance(source, FileSource) else time.time()
        return {"creationTime": int(made * 1000)}
    return {
        "creationTime": first.milliseconds,
        "firstEventTimestamp": first.milliseconds,
        "lastEventTimestamp": last.milliseconds,
        "lastIngestionTime": last.ingested,
    }
