"""The console as an ASGI application: pages, API and the live event stream in one process."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlconsole.settings")
application = get_asgi_application()
