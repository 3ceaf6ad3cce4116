"""Workspaces are added by command, checked, and hold no secret."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from apps.aws.account import account_id
from apps.aws.errors import Unreachable
from apps.aws.models import Workspace
from apps.aws.services import ensure_local_workspace

pytestmark = pytest.mark.django_db


def add(*arguments: str) -> str:
    """What `add_workspace` prints."""
    output = io.StringIO()
    call_command("add_workspace", *arguments, stdout=output)
    return output.getvalue()


def test_a_workspace_on_aws_needs_a_region_and_nothing_more() -> None:
    assert add("team-eu", "--region", "eu-west-1") == "added: /w/team-eu/\n"
    workspace = Workspace.objects.get()
    assert (workspace.region, workspace.endpoint_url, workspace.place) == ("eu-west-1", "", "AWS")
    assert not workspace.is_local


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("two words", "--region", "eu-west-1"), "slug"),
        (("ok", "--region", "moon"), "region"),
        (("ok", "--region", "eu-west-1", "--endpoint-url", "nowhere"), "endpoint_url"),
        (("ok", "--region", "eu-west-1", "--role-arn", "nonsense"), "role_arn"),
        (("ok",), "--region"),
        (("ok", "--region", "eu-west-1", "--profile", "p", "--role-arn", "arn:aws:iam::1:role/r"), "not allowed with"),
    ],
)
def test_a_wrong_argument_is_refused_by_name(arguments: tuple[str, ...], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        add(*arguments)
    assert not Workspace.objects.exists()


def test_a_slug_is_used_once() -> None:
    add("team", "--region", "eu-west-1")
    with pytest.raises(CommandError, match="slug"):
        add("team", "--region", "us-east-1")


def test_the_local_workspace_follows_its_port(settings: Settings) -> None:
    ensure_local_workspace()
    settings.REGION_URL = "http://127.0.0.1:9001"
    assert ensure_local_workspace().endpoint_url == "http://127.0.0.1:9001"
    assert Workspace.objects.get().is_local


def test_a_role_without_keys_to_assume_it_with_is_told_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    add("assumed", "--region", "eu-west-1", "--role-arn", "arn:aws:iam::123456789012:role/console")
    with pytest.raises(Unreachable, match="credentials"):
        account_id(Workspace.objects.get())
