"""Every write of data sets: what a person asks for, and what the worker finds out and makes."""

from apps.datasets.services.deleting import request_delete
from apps.datasets.services.opening import PARTS, Download, open_part
from apps.datasets.services.sampling import bring_sample
from apps.datasets.services.uploading import WrongOffset, append, begin_upload, cancel, finish, upload_whole
from apps.datasets.services.versions import apply_choice, register

__all__ = [
    "PARTS",
    "Download",
    "WrongOffset",
    "append",
    "apply_choice",
    "begin_upload",
    "bring_sample",
    "cancel",
    "finish",
    "open_part",
    "register",
    "request_delete",
    "upload_whole",
]
