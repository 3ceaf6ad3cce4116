"""CloudWatch speaks three protocols: a client of any age is understood and answered in its own."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.session import Session

from tests.region.conftest import RegionProcess
from tests.region.raw import send, signed

PROTOCOLS = ("json", "query", "smithy-rpc-v2-cbor")


def call(region: RegionProcess, protocol: str, operation: str, members: dict[str, Any]) -> tuple[int, Any]:
    """Serialise, sign, send and parse as botocore would, in a protocol of our choice."""
    model = Session().get_service_model("cloudwatch").operation_model(operation)
    made: Any = create_serializer(protocol).serialize_to_request(members, model)
    body = made["body"]
    if isinstance(body, dict):
        body = urlencode(body).encode()
        made["headers"] = {"Content-Type": "application/x-www-form-urlencoded"}
    target, headers = made["url_path"], made["headers"]
    status, answered, reply = send(
        region, "POST", target, signed(region, "monitoring", "POST", target, headers, body), body
    )
    lowered = {name.lower(): value for name, value in answered.items()}
    parser: Any = create_parser(protocol)
    response = {"status_code": status, "headers": lowered, "body": reply}
    return status, parser.parse(response, model.output_shape)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_answer_comes_in_the_protocol_of_the_question(region: RegionProcess, protocol: str) -> None:
    status, answer = call(region, protocol, "ListMetrics", {"Namespace": "of-three-protocols"})
    assert status == 200
    assert answer["Metrics"] == []


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_times_numbers_and_nested_members_are_understood(region: RegionProcess, protocol: str) -> None:
    metric = {"Namespace": "n", "MetricName": "m", "Dimensions": [{"Name": "d", "Value": "v"}]}
    query = {"Id": "q", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Average"}}
    start = datetime(2026, 11, 24, 6, tzinfo=UTC)
    members = {"MetricDataQueries": [query], "StartTime": start, "EndTime": start + timedelta(hours=1)}
    status, answer = call(region, protocol, "GetMetricData", members)
    assert status == 200
    assert [(result["Id"], result["Values"]) for result in answer["MetricDataResults"]] == [("q", [])]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_error_comes_in_the_protocol_of_the_question(region: RegionProcess, protocol: str) -> None:
    status, answer = call(region, protocol, "ListMetrics", {"Namespace": ":"})
    assert status == 400
    assert "Value ':' at 'namespace' failed to satisfy constraint" in answer["Error"]["Message"]
    status, answer = call(region, protocol, "DeleteDashboards", {"DashboardNames": ["any"]})
    assert status in (400, 404)
    assert answer["Error"]["Code"] in ("InvalidAction", "UnknownOperationException")


def test_cbor_that_is_none_is_a_serialization_error(region: RegionProcess) -> None:
    target = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
    headers = {"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"}
    for body in (
        b"\xff",
        b"\x9f",
        b"\xbf",
        b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\xa1\x61a",
        b"\x80",
        b"\x81" * 9999,
    ):
        status, _, reply = send(
            region, "POST", target, signed(region, "monitoring", "POST", target, headers, body), body
        )
        assert status == 400
        assert b"SerializationException" in reply
