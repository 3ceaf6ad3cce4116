"""A training job's document as DescribeTrainingJob, ListTrainingJobs and Search answer it."""

from typing import Any

from apps.localregion.images import catalogue
from apps.localregion.services.sagemaker.times import answer_members

SUMMARY = (
    "TrainingJobName",
    "TrainingJobArn",
    "CreationTime",
    "TrainingEndTime",
    "LastModifiedTime",
    "TrainingJobStatus",
    "SecondaryStatus",
    "WarmPoolStatus",
)
# Beside the members of DescribeTrainingJob's answer: what the region keeps for itself.
INTERNAL = ("Status", "Tags", "Attempt")
TIMES = ("CreationTime", "LastModifiedTime", "TrainingStartTime", "TrainingEndTime")

Body = dict[str, Any]


def describe(body: Body) -> Body:
    """Everything about a job."""
    answered = answer_members(without_internals(body), *TIMES)
    answered["AlgorithmSpecification"] = _algorithm(body["AlgorithmSpecification"], body.get("HyperParameters", {}))
    answered["SecondaryStatusTransitions"] = [
        answer_members(each, "StartTime", "EndTime") for each in body["SecondaryStatusTransitions"]
    ]
    if "FinalMetricDataList" in body:
        answered["FinalMetricDataList"] = [answer_members(each, "Timestamp") for each in body["FinalMetricDataList"]]
    return answered


def search_record(body: Body) -> Body:
    """The job as Search answers it, with its tags."""
    tags = {"Tags": body["Tags"]} if body.get("Tags") else {}
    return {**describe(body), **tags}


def summarise(body: Body) -> Body:
    """The job's line in a list."""
    return answer_members({name: body[name] for name in SUMMARY if name in body}, *TIMES)


def without_internals(body: Body) -> Body:
    """What of the document is the caller's to see."""
    return {name: value for name, value in body.items() if name not in INTERNAL}


def _algorithm(kept: Body, hyperparameters: dict[str, str]) -> Body:
    """With the metric definitions of a built-in image, which AWS answers for every job.

    They are not kept in each document: the image's table is as good, and a job's document stays small.
    """
    definitions = catalogue.metric_definitions(kept["TrainingImage"], hyperparameters)
    return {**kept, "MetricDefinitions": [*definitions]} if definitions else kept
