"""One settings file; every value that differs between installations comes from the environment.

The names are those of the ecosystem: ``DATABASE_URL``, ``CELERY_BROKER_URL``, ``SECRET_KEY``,
``ALLOWED_HOSTS``, ``DEBUG``. With none of them set the application runs on one machine: SQLite and
a worker thread inside the web process, reachable from this machine only.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF

from config.secrets import local_secret, refuse_unsafe_start

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()

#: Everything the running installation writes: database, files, keys, logs.
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
#: Reachable from other machines: then nothing may be left at its default.
IS_PRODUCTION = not set(ALLOWED_HOSTS) <= {"127.0.0.1", "localhost", "[::1]", "testserver"}
DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'giaouoc.sqlite3'}")
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="memory://localhost/")
SECRET_KEY = env.str("SECRET_KEY", default="")
if IS_PRODUCTION:
    refuse_unsafe_start(
        debug=DEBUG,
        secret_key=SECRET_KEY,
        database_url=DATABASE_URL,
        broker_url=CELERY_BROKER_URL,
        allowed_hosts=ALLOWED_HOSTS,
    )
SECRET_KEY = SECRET_KEY or local_secret(VAR_DIR / "secret_key")

INSTALLED_APPS = [
    "config",
    "reports",
    "pledges",
    "scoring",
    "clusters",
    "core",
    "accounts",
    "crispy_forms",
    "crispy_bootstrap5",
    "axes",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "config.proxy.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "clusters.http.ActingMiddleware",
    "clusters.http.AccessMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

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
                "clusters.http.frame",
            ],
            "builtins": ["core.templatetags.gu"],
        },
    }
]

DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DATABASES["default"]["CONN_MAX_AGE"] = 600
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Django's own defaults lose writes between processes; these do not.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
        ),
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {"options": "-c lock_timeout=3000"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People and sessions -------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
#: Called with (user, request) in the transaction in which somebody changes the own password.
PASSWORD_CHANGE_RECORDER = "clusters.http.record_password_change"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "core:inbox"
LOGOUT_REDIRECT_URL = "accounts:login"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "core.views.csrf_failure"
AXES_HANDLER = "axes.handlers.database.AxesDatabaseHandler"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "accounts.views.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

# Security ------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
# Our own pages show the PDF that is to be signed in a frame; nobody else may (frame-ancestors).
SILENCED_SYSTEM_CHECKS = ["security.W019"]
BEHIND_HTTPS = env.bool("BEHIND_HTTPS", default=IS_PRODUCTION)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = BEHIND_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if BEHIND_HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [SELF],
        "frame-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Language and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_THOUSAND_SEPARATOR = False  # True would print years as 2.026; grouping is asked for explicitly
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"

# Static files --------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
#: The Docker image brings these files with it; elsewhere they are collected on the spot.
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = VAR_DIR / "media"
#: Stored files by SHA-256; never under a public folder.
FILES_DIR = VAR_DIR / "files"
#: The largest file of evidence that is taken, in bytes.
EVIDENCE_MAX_BYTES = 10 * 1024 * 1024
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# Background work -----------------------------------------------------------------------------
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
#: A Redis that is away, or accepts and never answers, must not hold up the page (see the ADR).
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"polling_interval": 0.05}
    if CELERY_BROKER_URL.startswith("memory:")
    else {"socket_connect_timeout": 0.5, "socket_timeout": 1, "visibility_timeout": 600}
)
#: Seconds between two looks for work whose wake-up call was lost.
SWEEP_SECONDS = env.float("SWEEP_SECONDS", default=5.0)
CELERY_BEAT_SCHEDULE = {
    "sweep-jobs": {"task": "reports.tasks.sweep", "schedule": SWEEP_SECONDS},
    "follow-calendar": {"task": "clusters.tasks.follow_calendar", "schedule": 60.0},
    "remind": {"task": "reports.tasks.remind", "schedule": 3600.0},
}
#: The worker runs as a thread of the web process (script/server); off where one of its own runs.
EMBEDDED_WORKER = env.bool("EMBEDDED_WORKER", default=False)

# What follows an audit event, in the same transaction: rows that ask for work (jobs, notices).
# Rules never call these; they only record what happened. Never another change of state.
EFFECTS: dict[str, list[str]] = {
    "reports.reminded": ["reports.effects.reminded"],
    "pledges.circulated": ["pledges.effects.circulated"],
    "pledges.revised": ["pledges.effects.revised"],
    "pledges.refused": ["pledges.effects.refused", "reports.effects.settled"],
    "pledges.consented": ["pledges.effects.consented", "reports.effects.settled"],
    "pledges.answered": ["pledges.effects.answered"],
    "pledges.frozen": ["reports.effects.issue_frozen", "pledges.effects.frozen"],
    "pledges.signing_opened": ["pledges.effects.signing_opened"],
    "pledges.signed": ["pledges.effects.signed", "reports.effects.settled"],
    "pledges.declined": ["reports.effects.withdraw_frozen", "pledges.effects.declined"],
    "pledges.sealed": ["reports.effects.issue_signed", "pledges.effects.sealed"],
    "scoring.version_adopted": ["scoring.effects.table.adopted"],
    "scoring.published_provisional": [
        "reports.effects.issue_result",
        "scoring.effects.run.published_provisional",
    ],
    "scoring.published_final": [
        "reports.effects.issue_result",
        "scoring.effects.run.published_final",
    ],
    "scoring.lots_drawn": ["scoring.effects.inspection.drawn"],
    "scoring.draw_cancelled": ["scoring.effects.inspection.cancelled"],
    "scoring.inspection_submitted": ["scoring.effects.inspection.submitted"],
    "scoring.inspection_answered": ["scoring.effects.inspection.answered"],
    "scoring.revoked": [
        "reports.effects.withdraw_result",
        "scoring.effects.run.revoked",
    ],
    "pledges.progress_handed_over": ["pledges.effects.progress.handed_over"],
    "pledges.progress_submitted": [
        "pledges.effects.progress.submitted",
        "reports.effects.settled",
    ],
    "pledges.progress_returned": ["pledges.effects.progress.returned"],
    "pledges.progress_accepted": ["pledges.effects.progress.accepted"],
    "pledges.reviews_opened": ["pledges.effects.review.opened"],
    "pledges.review_handed_over": ["pledges.effects.review.handed_over"],
    "pledges.review_submitted": [
        "pledges.effects.review.submitted",
        "reports.effects.settled",
    ],
    "pledges.review_returned": ["pledges.effects.review.returned"],
    "pledges.review_accepted": [
        "reports.effects.issue_review",
        "pledges.effects.review.accepted",
    ],
    "pledges.exemplar_standing_set": ["pledges.effects.review.standing_set"],
    "scoring.sheets_opened": ["scoring.effects.sheet.opened"],
    "scoring.sheet_handed_over": ["scoring.effects.sheet.handed_over"],
    "scoring.sheet_submitted": [
        "reports.effects.issue_claimed",
        "scoring.effects.sheet.submitted",
        "reports.effects.settled",
    ],
    "scoring.sheet_taken_up": ["scoring.effects.sheet.taken_up"],
    "scoring.lines_returned": ["scoring.effects.sheet.returned"],
    "scoring.sheet_appraised": ["scoring.effects.sheet.appraised"],
    "scoring.sheet_explained": ["scoring.effects.sheet.explained"],
    "scoring.sheet_approved": [
        "reports.effects.issue_approved",
        "scoring.effects.sheet.approved",
    ],
    "scoring.sheet_reopened": [
        "reports.effects.withdraw_approved",
        "scoring.effects.sheet.reopened",
    ],
    "scoring.line_settled": [
        "reports.effects.issue_approved",
        "scoring.effects.sheet.settled",
    ],
    "scoring.objection_handed_over": ["scoring.effects.objection.handed_over"],
    "scoring.objection_sent": ["scoring.effects.objection.sent", "reports.effects.settled"],
    "scoring.objection_discarded": [
        "scoring.effects.objection.discarded",
        "reports.effects.settled",
    ],
    "scoring.objection_withdrawn": [
        "reports.effects.issue_objections",
        "scoring.effects.objection.withdrawn",
    ],
    "scoring.objection_accepted": [
        "reports.effects.issue_objections",
        "scoring.effects.objection.accepted",
    ],
    "scoring.objection_rejected": [
        "reports.effects.issue_objections",
        "scoring.effects.objection.rejected",
    ],
    "scoring.ballot_opened": ["scoring.effects.ballot.opened"],
    "scoring.ballot_cast": ["scoring.effects.ballot.cast"],
    "scoring.ballot_counted": ["reports.effects.issue_count", "scoring.effects.ballot.counted"],
    "scoring.ballot_cancelled": ["scoring.effects.ballot.cancelled"],
    "scoring.nominated": ["scoring.effects.ballot.nominated"],
    "scoring.nomination_withdrawn": ["scoring.effects.ballot.nomination_withdrawn"],
    "scoring.veto_raised": ["scoring.effects.sheet.vetoed"],
    "scoring.veto_lifted": ["scoring.effects.sheet.veto_lifted"],
}
#: Where the rows of the inbox come from; each is called with (acting, now).
INBOX_SOURCES = [
    "clusters.queries.work_waiting",
    "scoring.queries.work_waiting",
    "scoring.queries.table_versions.work_waiting",
    "scoring.queries.sheet_work.work_waiting",
    "scoring.queries.objection_work.work_waiting",
    "scoring.queries.run_work.work_waiting",
    "scoring.queries.ballot_work.work_waiting",
    "scoring.queries.inspection_work.work_waiting",
    "pledges.queries.work_waiting",
    "pledges.queries.progress_work.work_waiting",
    "pledges.queries.review_work.work_waiting",
]

#: Who was chosen as next year's lead and deputy; each is called with the year that ends.
ROLE_SOURCES = ["scoring.queries.ballot.elected_roles"]
#: Where dates to come (right of the inbox) come from; each is called with (acting, now).
MILESTONE_SOURCES = ["clusters.queries.milestones"]
#: Where a search looks; each is called with (acting, query).
SEARCH_SOURCES = [
    "clusters.queries.found_units",
    "clusters.queries.found_clusters",
    "pledges.queries.found_targets",
    "scoring.queries.found.found_criteria",
    "pledges.queries.found.found_exemplars",
]
#: The sentences that tell what an audit event says: action → sentence, one mapping for each app.
SENTENCES = [
    "accounts.sentences.SENTENCES",
    "clusters.sentences.SENTENCES",
    "scoring.sentences.SENTENCES",
    "pledges.sentences.SENTENCES",
    "reports.sentences.SENTENCES",
]
#: What keeps events from people who may not see them yet; called with (events, acting, year).
HISTORY_CURTAINS = [
    "pledges.queries.without_hidden_drafts",
    "scoring.queries.evidence.without_files_of_others",
    "scoring.queries.worksheet.without_sheets_of_others",
    "scoring.queries.inspection.without_minutes_of_others",
    "scoring.queries.board.without_vetoes_of_others",
    "scoring.queries.objection.without_objections_of_others",
    "scoring.queries.quota.without_common_quotas",
    "pledges.queries.sheet.without_other_units_drafts",
    "pledges.queries.review_board.without_open_reports",
    "reports.queries.due.without_reminders_of_others",
]
#: What facts are called that events keep by key (targets, headings); called with the events.
HISTORY_NAMES = ["pledges.queries.history_names.names_of"]
#: Where evidence is used; each is called with the keys of files.
EVIDENCE_USES = [
    "scoring.queries.evidence.uses_on_lines",
    "scoring.queries.ballot.uses_on_ballots",
    "scoring.queries.objection.uses_on_objections",
    "pledges.queries.evidence.uses_of_evidence",
]
#: Where the criteria of a year are named; each is called with the key of the year.
CRITERION_USES = ["pledges.queries.criteria.uses_of_criteria"]
#: What knows a unit by its code for good; each is called with the key of the unit, and says what.
UNIT_CODE_USES = [
    "scoring.queries.run.use_of_unit_code",
    "scoring.queries.inspection.use_of_unit_code",
]

#: Name of the body that runs the installation, printed on the log-in and verification pages.
AGENCY_NAME = env.str("AGENCY_NAME", default="Cơ quan thường trực thi đua, khen thưởng")
#: What to do when a password is forgotten; there may be no mail.
PASSWORD_HELP = env.str("PASSWORD_HELP", default="liên hệ quản trị của đơn vị")
#: Address under which the verification page is reached, printed in the QR code.
PORT = env.int("PORT", default=8000)
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
}
