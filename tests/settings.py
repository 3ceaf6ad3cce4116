"""The product's settings for tests and checks: state in a folder of their own, templates checkable."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# A folder of this process's own, before the settings are read, so that no test touches a person's console.
for _name in [name for name in os.environ if name.startswith("MLCONSOLE_") or name == "REDIS_URL"]:
    del os.environ[_name]
_home = tempfile.mkdtemp(prefix="mlconsole-tests-")
atexit.register(shutil.rmtree, _home, ignore_errors=True)
os.environ["MLCONSOLE_HOME"] = _home
Path(_home, "static").mkdir()

from mlconsole.settings import *  # noqa: E402, F403
from mlconsole.settings import INSTALLED_APPS, STORAGES  # noqa: E402

INSTALLED_APPS = [*INSTALLED_APPS, "django_extensions"]
# Pages are rendered without collecting the static files first.
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Fast, and as true as the real one for what tests look at.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
