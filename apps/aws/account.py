"""What a workspace's account gives every job: its number, its bucket, the role jobs run as."""

from typing import TYPE_CHECKING, Any, cast

from django.conf import settings

from apps.aws import clients
from apps.aws.errors import Missing, Rejected, translated
from apps.aws.models import Workspace

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CreateBucketConfigurationTypeDef

# The only region whose name CreateBucket must not be given as a location constraint.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
CLASSIC_REGION = "us-east-1"


def account_id(workspace: Workspace) -> str:
    """The twelve digits of the account, asked once and kept on the row."""
    if not workspace.account_id:
        with translated():
            workspace.account_id = clients.sts(workspace).get_caller_identity()["Account"]
        Workspace.objects.filter(pk=workspace.pk).update(account_id=workspace.account_id)
    return workspace.account_id


def bucket(workspace: Workspace) -> str:
    """The workspace's bucket: the named one, else the SageMaker SDK's default, `sagemaker-<region>-<account>`."""
    return workspace.bucket or f"sagemaker-{workspace.region}-{account_id(workspace)}"


def ensure_bucket(workspace: Workspace) -> str:
    """The workspace's bucket, made when it is not there; raises Rejected when it is another account's."""
    name = bucket(workspace)
    client = clients.s3(workspace)
    try:
        with translated():
            client.head_bucket(Bucket=name, ExpectedBucketOwner=account_id(workspace))
    except Missing:
        _create_bucket(workspace, name)
    except Rejected as error:
        raise Rejected(f"the bucket {name} is another account's, or may not be seen: {error.message}") from error
    return name


def _create_bucket(workspace: Workspace, name: str) -> None:
    client = clients.s3(workspace)
    with translated():
        if workspace.region == CLASSIC_REGION:
            client.create_bucket(Bucket=name)
        else:
            location: CreateBucketConfigurationTypeDef = {"LocationConstraint": cast(Any, workspace.region)}
            client.create_bucket(Bucket=name, CreateBucketConfiguration=location)


def execution_role(workspace: Workspace) -> str:
    """The ARN of the role that SageMaker runs jobs as: the named one, else the role `mlconsole-execution`."""
    if workspace.execution_role_arn:
        return workspace.execution_role_arn
    return f"arn:aws:iam::{account_id(workspace)}:role/{settings.EXECUTION_ROLE_NAME}"
