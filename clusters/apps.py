"""Django's registration of the app."""

from django.apps import AppConfig


class ClustersConfig(AppConfig):
    """Who belongs together, in which year, under which calendar."""

    name = "clusters"
    verbose_name = "Cụm, khối thi đua"
