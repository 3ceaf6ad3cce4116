"""`region`: serve the local region alone, for a team from another machine."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from apps.aws.region_programs import absolute, become


class Command(BaseCommand):
    """Becomes the region's own program."""

    help = "Serve the local region alone. A host that others can reach needs TLS, or --insecure-http."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Those of the region's program."""
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
        parser.add_argument("--port", default=str(settings.REGION_PORT))
        parser.add_argument("--home", default=str(settings.REGION_HOME), help="the folder of all its state")
        parser.add_argument("--tls-cert", help="the server's certificate with its chain, PEM")
        parser.add_argument("--tls-key", help="its private key, PEM")
        parser.add_argument("--insecure-http", action="store_true", help="without TLS although others can reach it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Hand the arguments on; the region itself judges them."""
        arguments = ["--host", options["host"], "--port", options["port"], "--home", absolute(options["home"])]
        for name in ("tls_cert", "tls_key"):
            if options[name]:
                arguments += [f"--{name.replace('_', '-')}", absolute(options[name])]
        if options["insecure_http"]:
            arguments.append("--insecure-http")
        become("", *arguments, "--log-level", settings.LOG_LEVEL)
