"""What happened to alarms: changes of configuration, of state, and the actions that a state asks for."""

import base64
import binascii
import json
import time
from datetime import UTC, datetime
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region

KIND = "alarm-history"
ALARM = "alarm"  # documents of the alarms themselves
PAGE = 100  # also the most
KEPT_SECONDS = 30 * 24 * 3600  # DescribeAlarmHistory in the API reference
ACTIONS = {"OK": "OKActions", "ALARM": "AlarmActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}
LONGEST_REASON = 1023

Body = dict[str, Any]


def describe_alarm_history(region: Region, request: Body) -> Body:
    """A page of history, newest first unless asked otherwise."""
    if "MetricAlarm" not in request.get("AlarmTypes", ["MetricAlarm"]):
        return {"AlarmHistoryItems": []}
    start, end = (request[member].timestamp() if member in request else None for member in ("StartDate", "EndDate"))
    try:
        bodies, token = region.documents.page(
            KIND,
            status=request.get("HistoryItemType"),
            name_contains=f" {request['AlarmName']}\n" if "AlarmName" in request else None,
            created_after=None if start is None else start - 1e-6,
            created_before=None if end is None else end + 1e-6,
            descending=request.get("ScanBy", "TimestampDescending") == "TimestampDescending",
            after=request.get("NextToken"),
            limit=request.get("MaxRecords", PAGE),
        )
    except ValueError as error:
        raise AwsError("InvalidNextToken", "The NextToken is invalid.") from error
    items = [
        {
            "AlarmName": body["AlarmName"],
            "AlarmType": "MetricAlarm",
            "Timestamp": datetime.fromtimestamp(body["CreationTime"], UTC),
            "HistoryItemType": body["Status"],
            "HistorySummary": body["HistorySummary"],
            "HistoryData": body["HistoryData"],
        }
        for body in bodies
    ]
    return {"AlarmHistoryItems": items, **({"NextToken": token} if token else {})}


def add(region: Region, alarm: str, kind: str, summary: str, data: Body) -> None:
    """Keep an item of the history."""
    moment = time.time_ns()
    name = f"{moment:020d} {alarm}\n"
    body = {
        "Name": name,
        "AlarmName": alarm,
        "CreationTime": moment / 1e9,
        "Status": kind,
        "HistorySummary": summary[:255],
        "HistoryData": json.dumps({"version": "1.0", **data})[:4095],
    }
    region.documents.insert(KIND, name, body)


def change_state(
    region: Region, name: str, state: str, reason: str, data: str | None, *, seen: float = 0.0, held: float = 0.0
) -> None:
    """Bring an alarm into a state, and keep that it was; it is not evaluated for `held` seconds.

    `seen` is the configuration's time that the state was found by: an alarm changed since stays as it is.
    """
    now = time.time()
    before: list[Body] = []

    def change(body: Body) -> Body | None:
        if seen and body["AlarmConfigurationUpdatedTimestamp"] != seen:
            return None
        before.append(body)
        moved = body["StateValue"] != state
        return {
            **body,
            "StateValue": state,
            "StateReason": reason[:LONGEST_REASON],
            "StateReasonData": data,
            "StateUpdatedTimestamp": now,
            "StateTransitionedTimestamp": now if moved else body["StateTransitionedTimestamp"],
            "HeldUntil": now + held,
            "Status": state,
        }

    region.documents.update(ALARM, name, change)
    if before and before[0]["StateValue"] != state:
        _keep_change(region, before[0], state, reason)


def make_token(name: str) -> str:
    """The token of a page behind an alarm's name."""
    return base64.urlsafe_b64encode(f"alarm {name}".encode()).decode()


def read_token(token: str | None) -> str:
    """The name in such a token, "" for none; raises AwsError InvalidNextToken."""
    if token is None:
        return ""
    try:
        word, _, name = base64.urlsafe_b64decode(token.encode()).decode().partition(" ")
    except (binascii.Error, UnicodeError) as error:
        raise AwsError("InvalidNextToken", "The NextToken is invalid.") from error
    if word != "alarm":
        raise AwsError("InvalidNextToken", "The NextToken is invalid.")
    return name


def _keep_change(region: Region, before: Body, state: str, reason: str) -> None:
    name, old = before["AlarmName"], before["StateValue"]
    data = {"oldState": {"stateValue": old}, "newState": {"stateValue": state, "stateReason": reason}}
    add(region, name, "StateUpdate", f"Alarm updated from {old} to {state}", data)
    for action in before[ACTIONS[state]] if before["ActionsEnabled"] else ():
        summary = f"Failed to execute action {action}. The local region has no such service."
        add(region, name, "Action", summary, {"actionState": "Failed", "notificationResource": action})
