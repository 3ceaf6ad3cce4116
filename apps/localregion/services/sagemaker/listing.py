"""Pages of documents as SageMaker's List operations answer them."""

from typing import Any

from apps.localregion.region import Region
from apps.localregion.services.sagemaker.refusals import invalid
from apps.localregion.services.sagemaker.times import seconds
from apps.localregion.store.documents import SortBy

PAGE = 10  # "MaxResults" in the API reference
SORTS: dict[str, SortBy] = {"Name": "name", "CreationTime": "created", "Status": "status"}

Body = dict[str, Any]


def page(region: Region, kind: str, request: Body) -> tuple[list[Body], Body]:
    """The bodies of a page, newest first unless asked otherwise, and the NextToken member, if there is one.

    Raises AwsError ValidationException.
    """
    try:
        bodies, token = region.documents.page(
            kind,
            status=request.get("StatusEquals"),
            name_contains=request.get("NameContains"),
            created_after=seconds(request.get("CreationTimeAfter")),
            created_before=seconds(request.get("CreationTimeBefore")),
            modified_after=seconds(request.get("LastModifiedTimeAfter")),
            modified_before=seconds(request.get("LastModifiedTimeBefore")),
            sort_by=SORTS[request.get("SortBy", "CreationTime")],
            descending=request.get("SortOrder", "Descending") == "Descending",
            after=request.get("NextToken"),
            limit=request.get("MaxResults", PAGE),
        )
    except ValueError as error:
        raise invalid(f"Invalid NextToken: {error}") from error
    return bodies, {"NextToken": token} if token else {}
