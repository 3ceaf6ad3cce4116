"""Search over training jobs: every operator, nested conditions, expressions in expressions, order and pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.region.conftest import RegionProcess
from tests.region.trainer import BUCKET, Trainer, channel

PREFIX = "searched"


@pytest.fixture(scope="module")
def trainer(region: RegionProcess) -> Trainer:
    """The shared region with four jobs: `a` completed with tags, `b`, `c` and `d` failed at once."""
    made = Trainer(region)
    made.train(
        TrainingJobName=f"{PREFIX}-a", Tags=[{"Key": "team", "Value": "onco"}, {"Key": "a.b", "Value": "dotted"}]
    )
    for depth, name in ((3, "b"), (12, "c"), (9, "d")):
        bad = {"max_depth": str(depth), "objective": "no:such", "num_round": "1"}
        other = [channel("train", f"s3://{BUCKET}/cancer/validation/")]
        made.train(TrainingJobName=f"{PREFIX}-{name}", HyperParameters=bad, InputDataConfig=other)
    return made


def condition(name: str, operator: str | None = None, value: str | None = None) -> dict[str, str]:
    """A filter."""
    given = {"Name": name, "Operator": operator, "Value": value}
    return {key: each for key, each in given.items() if each is not None}


def found(trainer: Trainer, *filters: dict[str, str], **expression: Any) -> str:
    """The last letters of the names of the jobs that match, in order."""
    ours = {"Filters": [condition("TrainingJobName", "Contains", PREFIX)]}
    given = {**expression, **({"Filters": [*filters]} if filters else {})}
    both = {"SubExpressions": [ours, given] if given else [ours]}
    answer = trainer.sagemaker.search(
        Resource="TrainingJob", SearchExpression=both, SortBy="TrainingJobName", SortOrder="Ascending", MaxResults=100
    )
    names = [each["TrainingJob"]["TrainingJobName"] for each in answer["Results"]]
    assert answer["TotalHits"] == {"Value": len(names), "Relation": "EqualTo"}
    return "".join(name[-1] for name in names)


@pytest.mark.parametrize(
    ("name", "operator", "value", "names"),
    [
        ("TrainingJobStatus", None, "Failed", "bcd"),
        ("TrainingJobStatus", "Equals", "Completed", "a"),
        ("TrainingJobStatus", "NotEquals", "Completed", "bcd"),
        ("TrainingJobStatus", "In", "Completed,Stopped", "a"),
        ("TrainingJobName", "Contains", "SEARCHED-B", "b"),
        ("HyperParameters.max_depth", "GreaterThan", "9", "c"),
        ("HyperParameters.max_depth", "GreaterThanOrEqualTo", "9", "cd"),
        ("HyperParameters.max_depth", "LessThan", "9", "b"),
        ("HyperParameters.max_depth", "LessThanOrEqualTo", "9", "bd"),
        ("HyperParameters.max_depth", "Exists", None, "bcd"),
        ("HyperParameters.max_depth", "NotExists", None, "a"),
        ("HyperParameters.max_depth", "NotEquals", "3", "acd"),
        ("Tags.team", "Equals", "onco", "a"),
        ("Tags.a.b", "Equals", "dotted", "a"),
        ("Tags.team", "NotExists", None, "bcd"),
        ("Metrics.validation:auc", "GreaterThan", "0.9", "a"),
        ("Metrics.validation:auc", "GreaterThan", "1.5", ""),
        ("FailureReason", "Contains", "no:such", "bcd"),
        ("FailureReason", "Exists", None, "bcd"),
        ("ResourceConfig.InstanceType", "Equals", "ml.m5.large", "abcd"),
        ("ResourceConfig.InstanceCount", "GreaterThan", "1", ""),
        ("EnableManagedSpotTraining", "Equals", "false", "abcd"),
        ("InputDataConfig.ChannelName", "Equals", "validation", "a"),
        ("NoSuchProperty", "Equals", "x", ""),
    ],
)
def test_each_operator_compares_as_sagemakers(
    trainer: Trainer, name: str, operator: str | None, value: str | None, names: str
) -> None:
    assert found(trainer, condition(name, operator, value)) == names


def test_times_are_compared_as_times(trainer: Trainer) -> None:
    now = datetime.now(UTC)
    before, after = (now - timedelta(hours=1)).isoformat(), (now + timedelta(hours=1)).isoformat()
    assert found(trainer, condition("CreationTime", "GreaterThan", before)) == "abcd"
    assert found(trainer, condition("CreationTime", "GreaterThan", after)) == ""
    assert found(trainer, condition("CreationTime", "LessThan", after.replace("+00:00", "Z"))) == "abcd"


def test_conditions_hold_together_or_one_of_them(trainer: Trainer) -> None:
    filters = [
        condition("TrainingJobStatus", "Equals", "Failed"),
        condition("HyperParameters.max_depth", "Equals", "3"),
    ]
    assert found(trainer, *filters) == "b"
    assert found(trainer, *filters, Operator="And") == "b"
    assert found(trainer, *filters, Operator="Or") == "bcd"
    inner = [{"Filters": filters}, {"Filters": [condition("Tags.team", "Exists")]}]
    assert found(trainer, SubExpressions=inner, Operator="Or") == "ab"


def test_a_nested_condition_holds_for_one_element_of_a_list(trainer: Trainer) -> None:
    def nested(name: str, uri: str) -> str:
        filters = [
            condition("InputDataConfig.ChannelName", "Equals", name),
            condition("InputDataConfig.DataSource.S3DataSource.S3Uri", "Contains", uri),
        ]
        return found(trainer, NestedFilters=[{"NestedPropertyName": "InputDataConfig", "Filters": filters}])

    assert nested("train", "cancer/train") == "a"
    assert nested("train", "cancer/validation") == "bcd"
    assert nested("validation", "cancer/train") == ""


def test_results_are_sorted_and_paged(trainer: Trainer) -> None:
    ours = {"Filters": [condition("TrainingJobName", "Contains", PREFIX)]}
    pages = trainer.sagemaker.get_paginator("search").paginate(
        Resource="TrainingJob", SearchExpression=ours, SortBy="HyperParameters.max_depth", SortOrder="Descending",
        PaginationConfig={"PageSize": 3},
    )  # fmt: skip
    names = [[each["TrainingJob"]["TrainingJobName"][-1] for each in page["Results"]] for page in pages]
    assert names == [["d", "b", "c"], ["a"]]  # as texts, as hyperparameters are: "9", "3", "12", none
    newest = trainer.sagemaker.search(Resource="TrainingJob", SearchExpression=ours, MaxResults=1)["Results"]
    assert newest[0]["TrainingJob"]["TrainingJobName"] == f"{PREFIX}-d"
    with pytest.raises(ClientError, match="Invalid NextToken"):
        trainer.sagemaker.search(Resource="TrainingJob", NextToken="forged")


def test_a_result_is_the_job_with_its_tags(trainer: Trainer) -> None:
    expression = {"Filters": [condition("TrainingJobName", "Equals", f"{PREFIX}-a")]}
    (result,) = trainer.sagemaker.search(Resource="TrainingJob", SearchExpression=expression)["Results"]
    job, described = result["TrainingJob"], trainer.describe(f"{PREFIX}-a")
    assert {"Key": "team", "Value": "onco"} in job["Tags"]
    assert job["FinalMetricDataList"] == described["FinalMetricDataList"]
    assert job["CreationTime"] == described["CreationTime"]


@pytest.mark.parametrize(
    "wrong", [condition("TrainingJobName", "Equals"), condition("TrainingJobName", "Exists", "x")], ids=["none", "one"]
)
def test_a_filter_without_its_value_is_refused(trainer: Trainer, wrong: dict[str, str]) -> None:
    with pytest.raises(ClientError, match=r"\(ValidationException\).*Value: filter TrainingJobName"):
        trainer.sagemaker.search(Resource="TrainingJob", SearchExpression={"Filters": [wrong]})


def test_there_is_nothing_of_other_resources(trainer: Trainer) -> None:
    assert trainer.sagemaker.search(Resource="Experiment")["Results"] == []


def test_property_names_are_suggested(trainer: Trainer) -> None:
    suggested = trainer.sagemaker.get_search_suggestions(
        Resource="TrainingJob", SuggestionQuery={"PropertyNameQuery": {"PropertyNameHint": "HyperParameters.max"}}
    )["PropertyNameSuggestions"]
    assert {"PropertyName": "HyperParameters.max_depth"} in suggested
    assert all(each["PropertyName"].startswith("HyperParameters.max") for each in suggested)
