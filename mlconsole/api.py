"""The REST API under /api/v1/: one router an app, its OpenAPI at /api/v1/openapi.json."""

from ninja import NinjaAPI

from apps.accounts.api import TokenAuth
from apps.core.api import add_error_handlers
from apps.training.api import router as training

api = NinjaAPI(title="mlconsole", version="1", auth=TokenAuth())
add_error_handlers(api)
api.add_router("/w/{slug}/training-jobs", training)
