"""The REST API of training jobs, under /api/v1/w/<slug>/training-jobs."""

from apps.training.api import history, jobs, keeping, launching
from apps.training.api.gallery import gallery
from apps.training.api.router import router

__all__ = ["gallery", "history", "jobs", "keeping", "launching", "router"]
