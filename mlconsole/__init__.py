"""Wiring only, no behaviour: settings, URLs, the ASGI and Celery applications."""

from mlconsole.celery import app as celery_app

__all__ = ["celery_app"]
