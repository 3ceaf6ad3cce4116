"""Users' training programs in S3, by their content: the same archive is stored once."""

import hashlib

from apps.aws import clients
from apps.aws.account import ensure_bucket
from apps.aws.errors import translated
from apps.aws.models import Workspace


def put_source(workspace: Workspace, archive: bytes) -> str:
    """Store a sourcedir.tar.gz; answers its S3 URI."""
    bucket, key = ensure_bucket(workspace), f"training-sources/{hashlib.sha256(archive).hexdigest()}/sourcedir.tar.gz"
    with translated():
        clients.s3(workspace).put_object(Bucket=bucket, Key=key, Body=archive, ContentType="application/gzip")
    return f"s3://{bucket}/{key}"
