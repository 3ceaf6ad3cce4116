"""boto3 sessions and clients: the only place that makes them.

A Session's first client costs 150-190 ms and each further one about 10 ms (measured), so there is one Session a
workspace and its clients are kept. Clients are thread-safe, making them is not.
"""

import threading
from typing import TYPE_CHECKING, Any, Literal

import boto3
import botocore.session
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import NoCredentialsError
from django.conf import settings

from apps.aws.errors import translated
from apps.aws.models import Workspace

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sts import STSClient

# Short patience: a region that does not answer must not keep the worker's threads from the others.
CONFIG = Config(
    connect_timeout=3,
    read_timeout=15,
    retries={"mode": "standard", "max_attempts": 2},
    user_agent_extra="mlconsole",
    max_pool_connections=20,
)

# What a session was made from: when a workspace is changed, its old session is not used again.
SessionKey = tuple[str, str, str, str]

_sessions: dict[SessionKey, boto3.Session] = {}
_clients: dict[tuple[SessionKey, str], object] = {}
_lock = threading.Lock()


def sagemaker(workspace: Workspace) -> "SageMakerClient":
    """The workspace's SageMaker client."""
    return _client(workspace, "sagemaker")  # type: ignore[return-value]  # one cache holds every kind


def s3(workspace: Workspace) -> "S3Client":
    """The workspace's S3 client."""
    return _client(workspace, "s3")  # type: ignore[return-value]  # as above


def logs(workspace: Workspace) -> "CloudWatchLogsClient":
    """The workspace's CloudWatch Logs client."""
    return _client(workspace, "logs")  # type: ignore[return-value]  # as above


def cloudwatch(workspace: Workspace) -> "CloudWatchClient":
    """The workspace's CloudWatch client."""
    return _client(workspace, "cloudwatch")  # type: ignore[return-value]  # as above


def ecr(workspace: Workspace) -> "ECRClient":
    """The workspace's ECR client."""
    return _client(workspace, "ecr")  # type: ignore[return-value]  # as above


def sts(workspace: Workspace) -> "STSClient":
    """The workspace's STS client."""
    return _client(workspace, "sts")  # type: ignore[return-value]  # as above


def _client(workspace: Workspace, service: str) -> object:
    key = (workspace.region, workspace.endpoint_url, workspace.profile, workspace.role_arn)
    with _lock, translated():
        if key not in _sessions:
            _sessions[key] = _session(workspace)
        if (key, service) not in _clients:
            _clients[key, service] = _sessions[key].client(  # type: ignore[call-overload]  # service is a plain str
                service, endpoint_url=workspace.endpoint_url or None, config=CONFIG
            )
        return _clients[key, service]


def _session(workspace: Workspace) -> boto3.Session:
    core = botocore.session.Session(profile=workspace.profile or None)
    if workspace.is_local:
        core.set_config_variable("credentials_file", str(settings.REGION_CREDENTIALS_FILE))
    if workspace.role_arn:
        core._credentials = _assumed(core, workspace)  # type: ignore[attr-defined]  # botocore has no public setter
    return boto3.Session(botocore_session=core, region_name=workspace.region)


def _assumed(core: botocore.session.Session, workspace: Workspace) -> DeferredRefreshableCredentials:
    """Credentials of the workspace's role, assumed with the chain's own and renewed before they expire."""

    def create_client(service: Literal["sts"], **options: Any) -> BaseClient:
        options |= {"region_name": workspace.region, "endpoint_url": workspace.endpoint_url or None}
        return core.create_client(service, **options)

    source = core.get_credentials()
    if source is None:
        raise NoCredentialsError
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=create_client,
        source_credentials=source,
        role_arn=workspace.role_arn,
        extra_args={"RoleSessionName": "mlconsole"},
    )
    return DeferredRefreshableCredentials(method="assume-role", refresh_using=fetcher.fetch_credentials)
