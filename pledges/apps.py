"""Django's registration of the app."""

from django.apps import AppConfig


class PledgesConfig(AppConfig):
    """The yearly promise: drafted, agreed, signed."""

    name = "pledges"
    verbose_name = "Giao ước"
