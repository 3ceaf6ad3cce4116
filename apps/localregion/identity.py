"""Who makes a request, as sts and cloudtrail tell it, and whose region it is."""

from dataclasses import dataclass

ACCOUNT = "123456789012"
REGION = "us-east-1"
LOCAL_USER = "local"
LOCAL_USER_ID = "AIDALOCALREGIONUSER00"  # AIDA: IAM's prefix of a user's unique id


@dataclass(frozen=True)
class Identity:
    """A user, or a session of a role or of a user; `user_name` is empty for a role's session."""

    arn: str
    user_id: str
    user_name: str
    access_key: str = ""

    @property
    def kind(self) -> str:
        """CloudTrail's word for it."""
        return "AssumedRole" if ":assumed-role/" in self.arn else "IAMUser"


def local_user(account: str) -> Identity:
    """The user that the region has from the start."""
    return Identity(f"arn:aws:iam::{account}:user/{LOCAL_USER}", LOCAL_USER_ID, LOCAL_USER)
