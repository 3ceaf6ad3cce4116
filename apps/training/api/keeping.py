"""What people keep of a training job: its note, tags, star and place in the archive; and deleting it."""

from django.db import transaction
from ninja import Path, Schema, Status
from pydantic import ConfigDict

from apps.accounts.api import TokenRequest
from apps.aws.queries import find_workspace
from apps.training import queries, services
from apps.training.api.router import router
from apps.training.api.schemas import JobOut
from apps.training.models import TrainingJob


class KeepIn(Schema):
    """What shall change; what is left out stays. `starred` is of the one who asks."""

    model_config = ConfigDict(extra="forbid")
    note: str | None = None
    tags: dict[str, str] | None = None
    archived: bool | None = None
    starred: bool | None = None


@router.patch("/{name}", response=JobOut, summary="Change a training job's note, tags, star or place in the archive")
def keep(request: TokenRequest, slug: Path[str], name: str, payload: KeepIn) -> TrainingJob:
    """All of it or nothing. Tags are replaced as a whole, here at once and in SageMaker soon."""
    job = queries.find(find_workspace(slug), name)
    with transaction.atomic():
        if payload.note is not None:
            services.set_note(job, request.user, payload.note)
        if payload.tags is not None:
            services.set_tags(job, request.user, payload.tags)
        if payload.archived is not None:
            (services.archive if payload.archived else services.unarchive)(job, request.user)
        if payload.starred is not None:
            (services.star if payload.starred else services.unstar)(job, request.user)
    return job


@router.delete("/{name}", response={202: JobOut}, summary="Delete a training job")
def delete(request: TokenRequest, slug: Path[str], name: str, model: bool = False) -> Status[TrainingJob]:
    """Delete an ended job here and in SageMaker, and its model archive with `model=true`; 422 while it goes on."""
    job = queries.find(find_workspace(slug), name)
    services.delete(job, request.user, model=model)
    return Status(202, job)
