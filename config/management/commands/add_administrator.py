"""The first administrator of an installation: everybody else is added on the pages."""

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from clusters import operations
from clusters.calendar import local_date
from clusters.models import Appointment, Role
from core.audit import System

BY = System(actor_name="Người cài đặt máy chủ")


class Command(BaseCommand):
    """Add an administrator with a first password that must be changed at the first log-in."""

    help = "Thêm một quản trị hệ thống; in mật khẩu lần đầu, phải đổi khi đăng nhập."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the log-in name and the name of the person."""
        parser.add_argument("username", help="tên đăng nhập")
        parser.add_argument("full_name", help="họ và tên")

    def handle(self, *args: Any, **options: Any) -> None:
        """Add user and appointment together and print the first password once."""
        username = User.normalize_username(options["username"]).lower()
        if User.objects.filter(username=username).exists():
            message = (
                f"Đã có tài khoản {username}; quản trị khác giao chức trách trên trang Người dùng."
            )
            raise CommandError(message)
        now, password = timezone.now(), secrets.token_urlsafe(12)
        with transaction.atomic():
            user = User(username=username, full_name=options["full_name"])
            operations.add_person(user, initial_password=password, by=BY, now=now)
            appointment = Appointment(
                user=user, role=Role.ADMINISTRATOR, starts_on=local_date(now), decision="Cài đặt"
            )
            operations.save_row(appointment, action="clusters.appointment_made", by=BY, now=now)
        self.stdout.write(f"Đã thêm {username}. Mật khẩu lần đầu (phải đổi): {password}")
