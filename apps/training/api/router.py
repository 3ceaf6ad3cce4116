"""The router of training jobs, on which the other modules put their calls."""

from ninja import Router

router = Router(tags=["training jobs"])
