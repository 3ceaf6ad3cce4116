"""What a workspace's account gives every job: its number, its bucket, the role jobs run as."""

from django.conf import settings

from apps.aws import clients
from apps.aws.errors import NameInUse, Rejected, translated
from apps.aws.models import Workspace

# The only region whose name CreateBucket must not be given as a location constraint.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
CLASSIC_REGION = "us-east-1"
MINE_ALREADY = ("BucketAlreadyOwnedByYou", "BucketAlreadyExists")


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
    """The workspace's bucket, made when it is not there."""
    name = bucket(workspace)
    client = clients.s3(workspace)
    try:
        with translated():
            if workspace.region == CLASSIC_REGION:
                client.create_bucket(Bucket=name)
            else:
                location = {"LocationConstraint": workspace.region}
                client.create_bucket(Bucket=name, CreateBucketConfiguration=location)  # type: ignore[arg-type]
    except (NameInUse, Rejected) as error:
        if error.code not in MINE_ALREADY:
            raise
    return name


def execution_role(workspace: Workspace) -> str:
    """The ARN of the role that SageMaker runs jobs as: the named one, else the role `mlconsole-execution`."""
    if workspace.execution_role_arn:
        return workspace.execution_role_arn
    return f"arn:aws:iam::{account_id(workspace)}:role/{settings.EXECUTION_ROLE_NAME}"
