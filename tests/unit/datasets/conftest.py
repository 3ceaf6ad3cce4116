"""A workspace whose S3 is moto's server, over HTTP."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from apps.accounts.models import User
from apps.aws.models import Workspace
from apps.datasets import aws
from apps.datasets.models import DatasetVersion
from apps.datasets.services import begin_upload
from apps.datasets.services.uploading import append, finish
from apps.datasets.services.working import work
from tests.stack import free_port

Bring = Callable[..., DatasetVersion]


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    """An S3 of these tests."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def workspace(db: None, s3_url: str, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace that stores in it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    return Workspace.objects.create(slug="there", name="there", region="us-east-1", endpoint_url=s3_url)


@pytest.fixture
def alice(db: None) -> User:
    """A person."""
    return User.objects.create_user("alice", first_name="Alice", last_name="Archer")


@pytest.fixture
def bring(workspace: Workspace, alice: User) -> Bring:
    """Uploads a file and lets the worker's step run once for the profile and once for the objects."""

    def make(body: bytes, name: str = "shells", filename: str = "shells.csv", **told: Any) -> DatasetVersion:
        upload = begin_upload(workspace, alice, name=name, filename=filename, size=len(body), **told)
        while upload.offset < upload.size_bytes:
            append(upload, upload.offset, body[upload.offset :][: upload.part_bytes])
        version = finish(upload)
        work(version.pk)
        work(version.pk)
        version.refresh_from_db()
        return version

    return make


@pytest.fixture
def content(workspace: Workspace) -> Callable[[str], bytes]:
    """What an object holds."""
    return lambda uri: b"".join(aws.read(workspace, uri))
