"""Django's registration of the app."""

from django.apps import AppConfig


class ScoringConfig(AppConfig):
    """Criteria tables and how points are made."""

    name = "scoring"
    verbose_name = "Chấm điểm"
