"""AWS Security Token Service: who the caller is."""

from typing import Any

from apps.localregion.region import Region

USER_ID = "AIDALOCALREGIONUSER00"  # AIDA: IAM's prefix of a user's unique id


def get_caller_identity(region: Region, request: dict[str, Any]) -> dict[str, Any]:
    """The one user of the region."""
    return {"UserId": USER_ID, "Account": region.account, "Arn": f"arn:aws:iam::{region.account}:user/local"}
