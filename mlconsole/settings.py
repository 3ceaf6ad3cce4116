"""All settings, from the environment only (the README has the table); every default is that of one person's machine."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.contrib.messages import constants as messages

from mlconsole import environment

environment.refuse_unknown()

BASE_DIR = Path(__file__).resolve().parent.parent
HOME = environment.home(BASE_DIR / ".mlconsole")
HOST = environment.text("MLCONSOLE_HOST", "127.0.0.1")
PORT = environment.port("MLCONSOLE_PORT", 8000)
REGION_PORT = environment.port("MLCONSOLE_REGION_PORT", 8001)
SECRET_KEY = environment.secret_key(HOME)
FILE_UPLOAD_TEMP_DIR = environment.spool(HOME)
DEBUG = False
PUBLIC_URL = environment.public_url()
LOCAL_HOST = environment.local_host(HOST)
CONSOLE_URL = environment.console_url(LOCAL_HOST, PORT, PUBLIC_URL)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", HOST, *([str(urlsplit(PUBLIC_URL).hostname)] if PUBLIC_URL else [])]

# The local region: where it listens and the credentials file (AWS's own format) that it writes at its first start.
REGION_HOME = HOME / "region"
REGION_URL = f"http://127.0.0.1:{REGION_PORT}"
REGION_CREDENTIALS_FILE = REGION_HOME / "credentials"
LOCAL_PROFILE = "mlconsole-local"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "lucide",
    "template_partials",
    "apps.core",
    "apps.accounts",
    "apps.aws",
    "apps.datasets",
    "apps.training",
    "mlconsole",
]

MIDDLEWARE = [
    "apps.core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "apps.core.static_files.StaticFilesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apps.accounts.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.core.toasts.ToastMiddleware",
]

ROOT_URLCONF = "mlconsole.urls"
ASGI_APPLICATION = "mlconsole.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "apps.training.context.header",
            ],
        },
    },
]

DATABASES = {"default": environment.database(HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_THOUSAND_SEPARATOR = False

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
SIGN_IN_LINK_LIFETIME = timedelta(days=1)
# Two consoles on one host differ only by port, and cookies ignore ports: without this one signs the other out.
SESSION_COOKIE_NAME = f"mlconsole_session_{PORT}"
CSRF_COOKIE_NAME = f"mlconsole_csrf_{PORT}"
# Behind a proxy that ends TLS: it must set X-Forwarded-Proto, and cookies travel encrypted only.
if PUBLIC_URL.startswith("https://"):
    CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
SESSION_COOKIE_AGE = 14 * 24 * 3600
MESSAGE_TAGS = {messages.INFO: "info", messages.ERROR: "bad", messages.WARNING: "warn", messages.SUCCESS: "good"}

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "apps.core.finders.PlotlyFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "apps.core.static_files.HashedStorage"},
}

# script-src 'self' alone; Plotly and htmx write style attributes, hence 'unsafe-inline' for styles only.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
CSRF_FAILURE_VIEW = "apps.core.views.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

REDIS_URL = environment.redis_url(HOME)
REDIS_SOCKET = environment.socket_path(HOME)
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_POOL = "threads"  # tasks wait for AWS; threads share one boto3 session a workspace and little memory
CELERY_WORKER_CONCURRENCY = 8
CELERY_IMPORTS = ("apps.core.heartbeat",)
CELERY_BEAT_SCHEDULER = "apps.core.heartbeat:BeatingScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
# A sweep that is not taken before the next one is due is dropped: rows are the queue, messages only hints.
CELERY_BEAT_SCHEDULE = {
    "sweep-jobs": {"task": "apps.training.tasks.sweep", "schedule": 1.0, "options": {"expires": 1.0}},
    "sweep-datasets": {"task": "apps.datasets.tasks.sweep", "schedule": 2.0, "options": {"expires": 2.0}},
    "expire-uploads": {"task": "apps.datasets.tasks.expire_uploads", "schedule": 3600.0, "options": {"expires": 600.0}},
}

LOG_LEVEL = environment.choice("MLCONSOLE_LOG_LEVEL", "INFO", environment.LOG_LEVELS)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "apps.core.middleware.RequestIdFilter"},
        "not_healthz": {"()": "apps.core.middleware.HealthFilter"},
    },
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django.server": {"handlers": ["stderr"], "propagate": False},
        "django.request": {"filters": ["not_healthz"]},
        "botocore": {"level": "WARNING"},
        "celery.beat": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "uvicorn.access": {"level": "WARNING"},
    },
}

# The role that jobs run as, unless a workspace names another.
EXECUTION_ROLE_NAME = "mlconsole-execution"
