"""Django's registration of the app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The few things every app needs."""

    name = "core"
    verbose_name = "Nền tảng"
