"""AWS CloudTrail: the event history of the last 90 days.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

import json
import time
from datetime import UTC, datetime
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.region import Region
from apps.localregion.store.trail import Entry, Trail

HISTORY_SECONDS = 90 * 24 * 3600.0
PAGE = 50  # also the most


def lookup_events(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """A page of the events, newest first, by at most one attribute and a range of time."""
    now = time.time()
    start = request["StartTime"].timestamp() if "StartTime" in request else 0.0
    end = request["EndTime"].timestamp() if "EndTime" in request else now
    if start > end:
        raise AwsError("InvalidTimeRangeException", "The start time must be before the end time.")
    attributes = request.get("LookupAttributes", [])
    if len(attributes) > 1:
        raise AwsError("InvalidLookupAttributesException", "You can only use one lookup attribute.")
    if request.get("EventCategory") == "insight":
        return {"Events": []}  # nothing here detects unusual rates
    wanted = (attributes[0]["AttributeKey"], attributes[0]["AttributeValue"]) if attributes else None
    trail, limit = Trail(region.objects.database), request.get("MaxResults", PAGE)
    # EndTime is a whole second in most clients; an event within it is not after it.
    try:
        entries, token = trail.page(
            max(start, now - HISTORY_SECONDS), end + 0.999, wanted, request.get("NextToken"), limit
        )
    except ValueError as error:
        raise AwsError("InvalidNextTokenException", "Invalid token. Use the one of the answer before.") from error
    return {"Events": [_event(entry) for entry in entries], **({"NextToken": token} if token else {})}


def _event(entry: Entry) -> dict[str, Any]:
    return {
        "EventId": entry.id,
        "EventName": entry.name,
        "ReadOnly": entry.read_only,
        "AccessKeyId": entry.access_key,
        "EventTime": datetime.fromtimestamp(int(entry.moment), UTC),
        "EventSource": entry.source,
        "Username": entry.user,
        "Resources": [*entry.resources],
        "CloudTrailEvent": json.dumps(json.loads(entry.body)),
    }
