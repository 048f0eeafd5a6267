"""Django's registration of the app."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """What leaves the building: documents, files, jobs, verification."""

    name = "reports"
    verbose_name = "Văn bản"
