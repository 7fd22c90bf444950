"""Django as this site runs it, from the one file that EVERYSTONE_SITE names; safe without a setting being made."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from everystone.ledger.book.connection import SERVER
from everystone.ledger.book.sqlite import FULL, KEPT, PATIENCE, journal
from everystone.web.site import read_site

HERE = Path(__file__).parent
SITE = read_site(Path(os.environ.get("EVERYSTONE_SITE", "site.toml")))
SHOWN_HERE_ONLY = SITE.demonstration is not None  # a demonstration on this machine, without TLS

SECRET_KEY = SITE.secret_text()
DEBUG = False
ALLOWED_HOSTS = SITE.hosts
ROOT_URLCONF = "everystone.web.urls"
WSGI_APPLICATION = "everystone.web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TIME_ZONE, USE_TZ = "Europe/London", True
LANGUAGE_CODE, USE_I18N = "en-gb", True

INSTALLED_APPS = [
    "everystone.web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.messages",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "everystone.web.ready.Ready",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "everystone.web.door.Door",
    "axes.middleware.AxesMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {
            "environment": "everystone.web.words.environment",
            "context_processors": ["everystone.web.door.shown_everywhere"],
        },
    },
    # Only what allauth itself renders besides pages (its messages); every page of ours is above.
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {"context_processors": [
        "django.template.context_processors.request", "django.contrib.messages.context_processors.messages"]}},
]  # fmt: skip

# ---- the database: the ledger's own, with the settings that its gate asks for ------------------------------------------

_PRAGMAS = [f"journal_mode={journal()}", f"synchronous={FULL}", *KEPT]


#: A page puts many small questions to tables that are in memory: no plan of one is worth compiling, and an index costs little.
_PLANS = ("jit=off", "random_page_cost=1.1")


def database_of(place: str) -> dict[str, Any]:
    """How Django is to open the database at a place: a file, or a postgresql:// address."""
    if place.startswith(SERVER):
        from psycopg.conninfo import conninfo_to_dict

        said = conninfo_to_dict(place)
        said["options"] = f"{said.get('options') or ''} {' '.join(f'-c {each}' for each in _PLANS)}".strip()
        name = said.pop("dbname", "postgres")
        return {"ENGINE": "django.db.backends.postgresql", "NAME": name, "OPTIONS": {**said, "server_side_binding": True},
                "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}  # fmt: skip
    pragmas = "; ".join(f"PRAGMA {each}" for each in _PRAGMAS)
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": place, "CONN_MAX_AGE": 600,
            "OPTIONS": {"timeout": PATIENCE, "transaction_mode": "IMMEDIATE", "init_command": pragmas}}  # fmt: skip


DATABASES = {"default": database_of(SITE.database)}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "site_cache"}}

# ---- who comes in -----------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "web.Person"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL, LOGIN_REDIRECT_URL, ACCOUNT_LOGOUT_REDIRECT_URL = "account_login", "first", "account_login"
ACCOUNT_ADAPTER = "everystone.web.entrance.Entrance"
MFA_ADAPTER = "everystone.web.entrance.SecondFactor"
ACCOUNT_USER_MODEL_USERNAME_FIELD, ACCOUNT_USER_MODEL_EMAIL_FIELD = "reference", None
ACCOUNT_LOGIN_METHODS, ACCOUNT_SIGNUP_FIELDS = {"username"}, ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION, ACCOUNT_SESSION_REMEMBER = "none", False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "30/m/ip"}  # one reference is locked by axes, with evidence
MFA_SUPPORTED_TYPES, MFA_TOTP_ISSUER = ["totp", "webauthn"], "Casework"
MFA_FORMS = {
    f"{name}_webauthn": f"everystone.web.passkeys.{form}Form"
    for name, form in (("add", "Make"), ("login", "SignIn"), ("authenticate", "Code"), ("reauthenticate", "Again"))
}
MFA_PASSKEY_LOGIN_ENABLED, MFA_WEBAUTHN_USER_VERIFICATION = True, "required"
SOCIALACCOUNT_ADAPTER = "everystone.web.elsewhere.Elsewhere"
SOCIALACCOUNT_PROVIDERS = SITE.sign_in.as_provider() if SITE.sign_in else {}
SOCIALACCOUNT_LOGIN_ON_GET = True  # by a link: what begins there is finished only with a state of this session
SOCIALACCOUNT_STORE_TOKENS = SOCIALACCOUNT_AUTO_SIGNUP = False
USERSESSIONS_TRACK_ACTIVITY = True
AXES_FAILURE_LIMIT, AXES_COOLOFF_TIME, AXES_RESET_ON_SUCCESS = 5, 0.25, True
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE, AXES_USERNAME_CALLABLE = "account/locked.html", "everystone.web.entrance.who_tries"
AXES_ENABLE_ADMIN, AXES_VERBOSE = False, False

IDLE, LONGEST = 15 * 60, 10 * 3600  # seconds without a page, and in all, after which a session ends
SESSION_COOKIE_AGE, SESSION_SAVE_EVERY_REQUEST, SESSION_EXPIRE_AT_BROWSER_CLOSE = IDLE, True, False
_PREFIX = "" if SHOWN_HERE_ONLY else "__Host-"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_PREFIX}session", f"{_PREFIX}form"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not SHOWN_HERE_ONLY
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "everystone.web.pages.refused.form_too_old"

# ---- what a browser is told -------------------------------------------------------------------------------------------

SECURE_HSTS_SECONDS = 0 if SHOWN_HERE_ONLY else 365 * 86_400
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not SHOWN_HERE_ONLY
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY, SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin", "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {"DIRECTIVES": {
    "default-src": ["'none'"], "style-src": ["'self'"], "img-src": ["'self'", "data:"], "form-action": ["'self'"],
    "base-uri": ["'none'"], "frame-ancestors": ["'none'"], "script-src": ["'none'"], "object-src": ["'none'"],
}}  # fmt: skip
STATIC_URL = "static/"
STATIC_ROOT = Path(SITE.secret).parent / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE, DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000_000, 500

LOGGING = {
    "version": 1, "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["out"], "level": "WARNING"},
}  # fmt: skip
