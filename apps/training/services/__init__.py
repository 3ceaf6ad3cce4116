"""Every write of training jobs: what a person asks for, and what the worker finds out."""

from apps.training.services.again import can_retry, retry
from apps.training.services.bulk import MOST, Done, in_bulk, retag
from apps.training.services.choosing import choose_columns
from apps.training.services.collecting import want_log
from apps.training.services.first_light import first_light
from apps.training.services.keeping import archive, delete, set_note, set_tags, star, unarchive, unstar
from apps.training.services.launching import launch, request_stop
from apps.training.services.sourcing import bring_upload
from apps.training.services.unpacking import want_model_files

__all__ = [
    "MOST",
    "Done",
    "archive",
    "bring_upload",
    "can_retry",
    "choose_columns",
    "delete",
    "first_light",
    "in_bulk",
    "launch",
    "request_stop",
    "retag",
    "retry",
    "set_note",
    "set_tags",
    "star",
    "unarchive",
    "unstar",
    "want_log",
    "want_model_files",
]
