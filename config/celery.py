"""The Celery application: the bell that wakes a worker; the truth about work is in `Job` rows."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("giaouoc")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
