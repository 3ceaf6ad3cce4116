"""The Celery application: `celery -A mlconsole worker` and `celery -A mlconsole beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlconsole.settings")
app = Celery("mlconsole")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
