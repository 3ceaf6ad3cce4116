"""Every write of workspaces."""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from apps.accounts.services import record
from apps.aws.models import Workspace
from apps.core import clock
from apps.core.errors import InvalidInput

LOCAL_SLUG = "local"
AWAY_FIRST = timedelta(seconds=1)
AWAY_LONGEST = timedelta(minutes=5)


def ensure_local_workspace() -> Workspace:
    """The workspace of the built-in local region, told where that region listens today."""
    workspace, _ = Workspace.objects.update_or_create(
        slug=LOCAL_SLUG,
        defaults={"endpoint_url": settings.REGION_URL, "profile": settings.LOCAL_PROFILE},
        create_defaults={
            "name": "local",
            "region": "us-east-1",
            "endpoint_url": settings.REGION_URL,
            "profile": settings.LOCAL_PROFILE,
        },
    )
    return workspace


def note_away(workspace: Workspace) -> None:
    """Nobody answers there: leave it in peace for a while, longer each time, so that the others are served."""
    wait = min(AWAY_FIRST * (1 << min(workspace.away_count, 10)), AWAY_LONGEST)
    Workspace.objects.filter(pk=workspace.pk).update(away_until=clock.now() + wait, away_count=workspace.away_count + 1)


def note_back(workspace: Workspace) -> None:
    """It answers again."""
    if workspace.away_count:
        Workspace.objects.filter(pk=workspace.pk).update(away_until=None, away_count=0)


def add_workspace(workspace: Workspace) -> Workspace:
    """Save a new workspace; raises InvalidInput for a bad or used slug, a bad region, URL or ARN."""
    if workspace.profile and workspace.role_arn:
        raise InvalidInput({"role_arn": ["give a profile or a role to assume, not both"]})
    try:
        workspace.full_clean()
    except ValidationError as error:
        raise InvalidInput(error.message_dict) from error
    with transaction.atomic():
        workspace.save()
        record(None, "add workspace", workspace=workspace.slug, region=workspace.region)
    return workspace
