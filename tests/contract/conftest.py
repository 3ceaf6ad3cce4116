"""Two places that the same flows run on: the local region, and moto's server, an AWS double that is not ours."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from sklearn.datasets import load_breast_cancer

from apps.aws.models import Workspace
from apps.datasets.aws import put
from tests.stack import Stack, free_port, until

REGION = "eu-west-1"
BUCKET = "contract-data"


@dataclass(frozen=True)
class Place:
    """A workspace of the running console, and boto3 clients that see what it sees."""

    stack: Stack
    slug: str
    token: str
    s3: Any
    sagemaker: Any

    def call(self, method: str, path: str = "", body: object = None) -> tuple[int, dict[str, Any]]:
        """One call of the training-jobs API in this workspace."""
        return self.stack.request(method, f"/api/v1/w/{self.slug}/training-jobs{path}", body, self.token)

    def wait_for(self, name: str, *statuses: str, within: float = 240.0) -> dict[str, Any]:
        """The job, once it has one of these statuses."""

        def look() -> dict[str, Any] | None:
            status, job = self.call("GET", f"/{name}")
            return job if status == 200 and job["status"] in statuses else None

        return until(look, within, f"{name} in {statuses}: {self.call('GET', f'/{name}')}")


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    """A moto server of this test run."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session", params=["local", "moto"])
def place(request: pytest.FixtureRequest, stack: Stack, moto_url: str) -> Place:
    """Each of the two in turn, with the breast cancer data in a bucket."""
    s3: Any
    sagemaker: Any
    if request.param == "local":
        s3, sagemaker = stack.client("s3"), stack.client("sagemaker")
    else:
        session = boto3.Session("testing", "testing", region_name=REGION)
        s3, sagemaker = (session.client(name, endpoint_url=moto_url) for name in ("s3", "sagemaker"))
        stack.manage("add_workspace", "moto", "--region", REGION, "--endpoint-url", moto_url)
    location = {} if request.param == "local" else {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
    s3.create_bucket(Bucket=BUCKET, **location)
    data = load_breast_cancer()
    rows = [f"{label},{','.join(map(str, row))}" for label, row in zip(data.target, data.data, strict=True)]
    s3.put_object(Bucket=BUCKET, Key="train/train.csv", Body="\n".join(rows[:400]).encode())
    s3.put_object(Bucket=BUCKET, Key="validation/validation.csv", Body="\n".join(rows[400:]).encode())
    return Place(stack, request.param, stack.token(), s3, sagemaker)


@pytest.fixture
def workspace(db: None, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace of the test's own on the local region of the running console, with data to train on."""
    keys = stack.credentials()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["aws_access_key_id"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["aws_secret_access_key"])
    workspace = Workspace.objects.create(
        slug=f"own-{secrets.token_hex(3)}", name="own", region="us-east-1", endpoint_url=stack.region_url
    )
    put(workspace, "submitting/train.csv", b"0,1\n1,2\n" * 20, "text/csv")
    return workspace
