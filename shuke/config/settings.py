"""Django settings. Everything a shop sets comes from the environment or from 设置; nothing is guessed.

`DATABASE_URL` names a managed PostgreSQL; without it the embedded one under `SHUKE_DATA` is used. With neither, Shuke
refuses to start rather than open some other database.
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from shuke.kernel.postgres import EmbeddedPostgres

# What is done by the column here is done beside the database, on few cores: polars's own threads cost more than they bring.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
# Sums over small matrices: the linear algebra's own threads wait in a busy loop, on cores that our parts of the work use.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

PACKAGE = Path(__file__).resolve().parent.parent
TESTING = os.environ.get("SHUKE_TESTING") == "1"
DEBUG = os.environ.get("SHUKE_DEBUG") == "1"


def _data_folder() -> Path | None:
    value = os.environ.get("SHUKE_DATA")
    return Path(value).expanduser().resolve() if value else None


def _database_from_url(url: str) -> dict[str, Any]:
    try:
        given = conninfo_to_dict(url) if urlsplit(url).scheme in ("postgres", "postgresql") else {}
    except ProgrammingError:
        given = {}
    if not given.get("dbname"):
        raise ImproperlyConfigured(
            "DATABASE_URL 应为 postgresql://用户:密码@主机:端口/库名 / DATABASE_URL must be a PostgreSQL address"
        )
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    settings: dict[str, Any] = {key: str(given.pop(name, "")) for name, key in names.items()}
    return settings | {"OPTIONS": dict(given)}


def _database() -> dict[str, Any]:
    url = os.environ.get("DATABASE_URL")
    if url:
        return _database_from_url(url)
    folder = _data_folder()
    if folder is None:
        raise ImproperlyConfigured(
            "没有配置数据库:请设置 SHUKE_DATA(数据文件夹)或 DATABASE_URL。\n"
            "No database configured: set SHUKE_DATA (a data folder) or DATABASE_URL."
        )
    connection = EmbeddedPostgres(folder).connection
    return {
        "NAME": connection.dbname,
        "USER": connection.user,
        "PASSWORD": "",
        "HOST": connection.host,
        "PORT": str(connection.port),
        "OPTIONS": {},
    }


def _secret_key(folder: Path) -> str:
    given = os.environ.get("SHUKE_SECRET_KEY")
    if given:
        return given
    path = folder / "secret.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(64))
        except FileExistsError:
            pass
    return path.read_text()


SHUKE_DATA = _data_folder() or Path.cwd() / "data"
SECRET_KEY = _secret_key(SHUKE_DATA)
ALLOWED_HOSTS = os.environ.get("SHUKE_ALLOWED_HOSTS", "*").split(",")
CSRF_FAILURE_VIEW = "shuke.ui.errors.csrf_failed"
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("SHUKE_ORIGINS", "").split(",") if origin]

_DATABASE = _database()
# The server keeps statements that are asked again (kernel.compiled). Behind a pooler that hands each transaction to another
# server connection they would be missing there, so with DATABASE_URL somebody has to say that there is none.
_KEEPS_STATEMENTS = os.environ.get("SHUKE_KEEP_STATEMENTS", "0" if os.environ.get("DATABASE_URL") else "1")
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **_DATABASE,
        "OPTIONS": _DATABASE["OPTIONS"]
        | {"prepare_threshold": 2 if _KEEPS_STATEMENTS == "1" else None}
        | ({"pool": {"min_size": 0, "max_size": 16, "timeout": 10}} if not TESTING else {}),
        "CONN_MAX_AGE": 0,
        "ATOMIC_REQUESTS": False,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "shuke.kernel",
    "shuke.ui",
    "shuke.team",
    "shuke.imports",
    "shuke.customers",
    "shuke.orders",
    "shuke.value",
    "shuke.assignment",
    "shuke.connectors",
    "shuke.desk",
    "shuke.segments",
    "procrastinate.contrib.django",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "django_htmx",
    "axes",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "shuke.team.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "shuke.config.urls"
WSGI_APPLICATION = "shuke.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "shuke.ui.context.layout",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "django.templatetags.static",
                "shuke.ui.templatetags.shuke",
            ],
        },
    }
]
COTTON_DIR = "cotton"

AUTH_USER_MODEL = "team.Staff"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "shuke.team.recognising.StaffBackend",
    "django.contrib.auth.backends.ModelBackend",  # sessions that began before the one above name it
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "team:sign_in"
LOGIN_REDIRECT_URL = "desk:today"
LOGOUT_REDIRECT_URL = "team:sign_in"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "shuke.team.views.access.locked_out"
AXES_ENABLED = not TESTING
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "shuke.team.recognising"  # no copy in a process: signing someone out holds at once
SECURE = os.environ.get("SHUKE_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
if not TESTING:  # full-width punctuation; tests read the words as they stand in the code
    LOCALE_PATHS.append(PACKAGE / "locale" / "typeset")
TIME_ZONE = os.environ.get("SHUKE_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = None  # WhiteNoise serves from the packages themselves
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 3600 if not DEBUG else 0
MEDIA_ROOT = SHUKE_DATA / "files"
FILE_UPLOAD_TEMP_DIR = None
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
SILENCED_SYSTEM_CHECKS = ["axes.W001", "axes.W002", "axes.W003"]
SHUKE_ENGINE = os.environ.get("SHUKE_ENGINE", "duckdb")  # where values are computed; docs/scale.md
MAIL_NEAR = {word.strip() for word in os.environ.get("SHUKE_MAIL_NEAR", "").split(",")} & {
    "private",
    "loopback",
}
MAIL_CA_FILE = os.environ.get("SHUKE_MAIL_CA", "")
MAIL_TIMEOUT_SECONDS = 10.0
IMPORT_MAX_BYTES = int(os.environ.get("SHUKE_IMPORT_MAX_MB", "2048")) * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("SHUKE_LOG_LEVEL", "WARNING")},
}
