"""`python manage.py up`: checks, prepares, starts every part, keeps them running, and ends them at Ctrl-C."""

import os
import signal
import sys
import time
import webbrowser
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

import psutil
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections

from apps.accounts.services import ensure_admin, make_link
from apps.aws.models import Workspace
from apps.aws.services import ensure_local_workspace
from apps.core import parts, preflight, preparation
from apps.core.processes import Parts, end_leftovers
from apps.core.readiness import what_is_sick
from mlconsole.checks import TAG

# All parts are ended within so many seconds, the last ones by SIGKILL.
ENDING_SECONDS = 9.5
# After so many seconds a start that is not healthy yet is told of, with the reasons.
SLOW_START = 60.0


class Command(BaseCommand):
    """Runs in the foreground until Ctrl-C or SIGTERM; a second one ends the parts at once."""

    help = "Starts the console with all its parts and keeps them running until Ctrl-C."
    requires_system_checks = (TAG,)
    interrupts = 0
    began = 0.0

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The two switches."""
        parser.add_argument("--bare", action="store_true", help="without sample data sets and the first job")
        parser.add_argument("--no-browser", action="store_true", help="do not open a browser")

    def handle(self, *args: Any, bare: bool, no_browser: bool, **options: Any) -> None:
        """Refuse what cannot work, then run until told to stop."""
        self.began = psutil.Process().create_time()
        os.umask(0o077)  # what the console keeps is its owner's alone
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup stays in force
                signal.signal(number, self._interrupt)
        with preflight.only_one(settings.HOME, f"process {os.getpid()} at {settings.CONSOLE_URL}"):
            for name in end_leftovers(settings.HOME):
                self.say(f"ended {name}, left running by an up that was killed")
            refuse()
            running = Parts(settings.BASE_DIR, settings.HOME, self.say)
            try:
                self._run(running, bare=bare, browser=not no_browser)
            finally:
                self.say("ending every part; running training jobs go on")
                running.stop(ENDING_SECONDS, hurry=lambda: self.interrupts > 1)

    def say(self, text: str) -> None:
        """One line on the terminal; one that was closed must not keep the parts from being ended."""
        with suppress(OSError):
            self.stdout.write(f"{time.strftime('%H:%M:%S')} {text}")
            self.stdout.flush()

    def _interrupt(self, *_: object) -> None:
        self.interrupts += 1

    def _run(self, running: Parts, *, bare: bool, browser: bool) -> None:
        workspace = self._start(running)
        self._wait_until_healthy(running)
        if self.interrupts:
            return
        self._invite(browser=browser)
        connections.close_all()  # nothing is asked of the database from here on
        if not bare and workspace.first_light_at is None:
            running.start(parts.first_light())
        while not self.interrupts:
            running.watch()
            time.sleep(0.2)

    def _start(self, running: Parts) -> Workspace:
        """Start the parts; those that need no database start while it is made ready."""
        self.say("starting region, redis, worker, beat, web")
        running.start(parts.region())
        if parts.has_own_redis():
            running.start(parts.redis())
        preparation.migrate_if_needed(self.say)
        ensure_admin()
        workspace = ensure_local_workspace()
        running.start(parts.worker())
        running.start(parts.beat())
        preparation.collect_static_if_changed(self.say)
        running.start(parts.web())
        return workspace

    def _wait_until_healthy(self, running: Parts) -> None:
        told = False
        while not self.interrupts and (reasons := what_is_sick(settings.LOCAL_HOST, settings.PORT)):
            if not told and time.time() - self.began > SLOW_START:
                told = True
                self.say(f"not ready yet: {reasons}")
            running.watch()
            time.sleep(0.1)

    def _invite(self, *, browser: bool) -> None:
        link = f"{settings.CONSOLE_URL}/sign-in/{make_link(ensure_admin())}/"
        self.say(f"ready in {time.time() - self.began:.1f} s at {settings.CONSOLE_URL}")
        self.say(f"Sign in as admin: {link}")
        self.say("Ctrl-C ends the console")
        if browser and sys.stdout.isatty() and (sys.platform == "darwin" or os.environ.get("DISPLAY")):
            webbrowser.open(link)


def refuse() -> None:
    """Raise ImproperlyConfigured, by the setting's name, for what would keep a part from starting."""
    preflight.refuse_busy_port("MLCONSOLE_PORT", settings.HOST, settings.PORT)
    preflight.refuse_busy_port("MLCONSOLE_REGION_PORT", "127.0.0.1", settings.REGION_PORT)
    preflight.refuse_unreachable_database()
    if not parts.has_own_redis():
        preflight.refuse_unreachable_redis()
