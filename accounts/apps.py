"""Django's registration of the app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People who log in."""

    name = "accounts"
    verbose_name = "Người dùng"
