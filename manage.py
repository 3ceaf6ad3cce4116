#!/usr/bin/env python
"""Django's command line for mlconsole; `python manage.py help` lists the commands."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    """Run one command; a wrong setting is told in one line, by its name."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlconsole.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"mlconsole: {error}")


if __name__ == "__main__":
    main()
