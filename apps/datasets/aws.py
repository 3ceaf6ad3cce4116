"""The S3 calls of data sets."""

from apps.aws import clients
from apps.aws.account import ensure_bucket
from apps.aws.errors import translated
from apps.aws.models import Workspace


def put(workspace: Workspace, key: str, body: bytes, content_type: str) -> str:
    """Store one object in the workspace's bucket and answer its S3 URI."""
    bucket = ensure_bucket(workspace)
    with translated():
        clients.s3(workspace).put_object(Bucket=bucket, Key=key, Body=body, ContentType=content_type)
    return f"s3://{bucket}/{key}"
