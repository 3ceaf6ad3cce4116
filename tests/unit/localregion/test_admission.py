"""Who gets a slot: in order of creation, by size, and nobody past a larger job that waits."""

from typing import Any

import pytest

from apps.localregion.compute.admission import admitted


def job(name: str, count: int = 1, **members: Any) -> dict[str, Any]:
    """An active job's document."""
    return {
        "TrainingJobName": name,
        "TrainingJobStatus": "InProgress",
        "ResourceConfig": {"InstanceCount": count},
        **members,
    }


RUNNING: dict[str, Any] = {"TrainingStartTime": 1.0}


@pytest.mark.parametrize(
    ("bodies", "names"),
    [
        ([job("a"), job("b"), job("c"), job("d")], {"a", "b", "c"}),
        ([job("a", **RUNNING), job("b"), job("c"), job("d")], {"b", "c"}),
        ([job("a", **RUNNING), job("b", 3), job("c")], set()),
        ([job("a", 2), job("b", 2), job("c")], {"a"}),
        ([job("a", 99), job("b")], {"a"}),
        ([job("a", 99, **RUNNING), job("b")], set()),
        ([job("a", 3, TrainingJobStatus="Stopping"), job("b")], {"b"}),
    ],
)
def test_slots_go_in_order_and_none_past_a_larger_job(bodies: list[dict[str, Any]], names: set[str]) -> None:
    assert admitted(bodies, 3) == names
