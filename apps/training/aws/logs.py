"""A job's log in CloudWatch Logs: one stream an instance."""

from dataclasses import dataclass

from apps.aws import clients
from apps.aws.errors import Missing, printable, translated
from apps.aws.models import Workspace

LOG_GROUP = "/aws/sagemaker/TrainingJobs"


@dataclass(frozen=True)
class LogPage:
    """Log events in order, as (milliseconds since 1970, text), and CloudWatch's cursor behind them."""

    events: list[tuple[int, str]]
    token: str


def log_streams(workspace: Workspace, name: str) -> list[str]:
    """The log streams of a job, one an instance; none before it has logged anything."""
    try:
        with translated():
            pages = clients.logs(workspace).get_paginator("describe_log_streams")
            found = [
                stream["logStreamName"]
                for page in pages.paginate(logGroupName=LOG_GROUP, logStreamNamePrefix=f"{name}/")
                for stream in page["logStreams"]
            ]
    except Missing:
        return []
    return sorted(found)


def log_page(workspace: Workspace, stream: str, token: str) -> LogPage:
    """The next events of a stream behind `token`, from the start with an empty one."""
    where = {"nextToken": token} if token else {}
    with translated():
        answer = clients.logs(workspace).get_log_events(
            logGroupName=LOG_GROUP,
            logStreamName=stream,
            startFromHead=True,
            **where,  # type: ignore[arg-type]  # the token is left out, not None
        )
    events = [(event["timestamp"], printable(event["message"])) for event in answer["events"]]
    return LogPage(events, answer["nextForwardToken"])
