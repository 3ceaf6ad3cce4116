"""Which bytes of an object a request wants.

RFC 9110, 14; https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
"""

import re
from dataclasses import dataclass
from typing import Any

from apps.localregion.errors import AwsError
from apps.localregion.store.stored import StoredObject

RANGE = re.compile(r"bytes=([0-9]{0,19})-([0-9]{0,19})")


@dataclass(frozen=True)
class Wanted:
    """A stretch of an object; `partial` when it is to be answered as such."""

    start: int
    length: int
    partial: bool

    def members(self, size: int) -> dict[str, Any]:
        """The answer's members about the stretch."""
        if not self.partial:
            return {"ContentLength": self.length}
        content_range = f"bytes {self.start}-{self.start + self.length - 1}/{size}"
        return {"ContentLength": self.length, "ContentRange": content_range}


def wanted(stored: StoredObject, request: dict[str, Any]) -> Wanted:
    """The stretch that Range or PartNumber names, else the whole; raises AwsError InvalidRange."""
    if "PartNumber" in request:
        if "Range" in request:
            raise AwsError("InvalidRequest", "Cannot specify both Range header and partNumber query parameter")
        return _part(stored, request["PartNumber"])
    match = RANGE.fullmatch(request.get("Range", ""))
    if match is None or not (match[1] or match[2]):
        return Wanted(0, stored.size, False)  # as RFC 9110 has it, a range that is not understood is none
    if match[1]:
        start, end = int(match[1]), min(int(match[2] or stored.size), stored.size - 1)
        if match[2] and int(match[2]) < start:
            return Wanted(0, stored.size, False)
    else:
        start, end = max(0, stored.size - int(match[2])), stored.size - 1
    if start > end:
        message = "The requested range is not satisfiable"
        members: dict[str, Any] = {"RangeRequested": match[0], "ActualObjectSize": stored.size}
        raise AwsError("InvalidRange", message, 416, **members)
    return Wanted(start, end - start + 1, True)


def _part(stored: StoredObject, number: int) -> Wanted:
    sizes = stored.description.part_sizes or (stored.size,)
    if not 1 <= number <= len(sizes):
        message = "The requested partnumber is not satisfiable"
        raise AwsError("InvalidPartNumber", message, 416, ActualPartCount=len(sizes))
    length = sizes[number - 1]
    return Wanted(sum(sizes[: number - 1]), length, length > 0)
