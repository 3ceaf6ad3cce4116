"""What people keep of a job: its note, tags and star, whether it is archived or deleted. Each leaves an audit row.

Tags and deletion also concern SageMaker: the row says so by `tell_due_at`, and the worker tells it (`telling`).
"""

from collections.abc import Mapping

from django.db import transaction

from apps.accounts.models import User
from apps.accounts.services import record
from apps.core import clock
from apps.core.errors import Refusal
from apps.core.events import publish_on_commit
from apps.core.queue import enqueue_on_commit
from apps.training.models import TrainingJob
from apps.training.services import facts
from apps.training.tags import tag_errors

TELL = "apps.training.tasks.tell"
MAX_NOTE = 20_000


def set_note(job: TrainingJob, by: User | None, text: str) -> None:
    """Keep a note in Markdown, in the place of the one before; raises Refusal when it is too long."""
    note = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(note) > MAX_NOTE:
        raise Refusal(f"A note has {MAX_NOTE:,} characters at most, not {len(note):,}: put the rest elsewhere.", "note")
    if note != job.note:
        with transaction.atomic():
            TrainingJob.objects.filter(pk=job.pk).update(note=note)
            _noted(job, by, "note training job")
        job.note = note


def set_tags(job: TrainingJob, by: User | None, tags: Mapping[str, str]) -> None:
    """Make these its tags, here at once and in SageMaker soon; raises Refusal for what SageMaker would not take."""
    wanted = {key.strip(): value.strip() for key, value in tags.items()}
    if wrong := tag_errors(wanted):
        raise Refusal(" ".join(wrong), "tags")
    with transaction.atomic():
        row = TrainingJob.objects.select_for_update().get(pk=job.pk)
        if wanted == row.tags:
            return
        row.tags_before = row.tags if row.tags_before is None else row.tags_before
        facts.replace(row, "tags", row.tags, wanted)
        row.tags, row.tell_due_at = wanted, clock.now()
        row.save(update_fields=["tags", "tags_before", "tell_due_at"])
        _noted(job, by, "tag training job", tags=wanted)
        enqueue_on_commit(TELL, job.pk)
    job.tags = wanted


def star(job: TrainingJob, by: User) -> None:
    """Mark the job as one that `by` wants to find again."""
    with transaction.atomic():
        if not job.starred_by.filter(pk=by.pk).exists():
            job.starred_by.add(by)
            _noted(job, by, "star training job")


def unstar(job: TrainingJob, by: User) -> None:
    """Take that mark away."""
    with transaction.atomic():
        if job.starred_by.filter(pk=by.pk).exists():
            job.starred_by.remove(by)
            _noted(job, by, "unstar training job")


def archive(job: TrainingJob, by: User | None) -> None:
    """Take the job out of the history's usual view; raises Refusal while it goes on."""
    if not job.is_terminal:
        raise Refusal(f"{job.name} is {job.display_status}: stop it, or wait for its end, before you archive it.")
    with transaction.atomic():
        if TrainingJob.objects.filter(pk=job.pk, archived_at=None).update(archived_at=clock.now()):
            _noted(job, by, "archive training job")
    job.refresh_from_db(fields=["archived_at"])


def unarchive(job: TrainingJob, by: User | None) -> None:
    """Bring it back into the usual view."""
    with transaction.atomic():
        if TrainingJob.objects.filter(pk=job.pk).exclude(archived_at=None).update(archived_at=None):
            _noted(job, by, "unarchive training job")
    job.archived_at = None


def delete(job: TrainingJob, by: User | None, *, model: bool = False) -> None:
    """Delete an ended job here and in SageMaker, with its model archive if `model`; raises Refusal while it goes on.

    What SageMaker knows goes first, by the worker; the row goes when SageMaker knows it no longer.
    """
    if not job.is_terminal:
        raise Refusal(f"{job.name} is {job.display_status}: stop it, or wait for its end, before you delete it.")
    now = clock.now()
    with transaction.atomic():
        asked = TrainingJob.objects.filter(pk=job.pk, delete_asked_at=None).update(
            delete_asked_at=now, delete_model=model, tell_due_at=now, trouble=""
        )
        if asked:
            _noted(job, by, "delete training job", model=model)
            enqueue_on_commit(TELL, job.pk)
    job.refresh_from_db(fields=["delete_asked_at", "delete_model"])


def _noted(job: TrainingJob, by: User | None, action: str, **detail: object) -> None:
    record(by, action, workspace=job.workspace.slug, target=job.name, **detail)
    publish_on_commit(job.workspace_id, job.topic, "jobs")
