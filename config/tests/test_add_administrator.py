"""The first account of a real installation."""

import io
import re

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from clusters.models import Appointment, Role
from core import audit

pytestmark = pytest.mark.django_db


def test_the_first_administrator_logs_in_once_with_the_printed_password(client):
    out = io.StringIO()
    call_command("add_administrator", "quantri", "Họ và tên", stdout=out)
    password = re.search(r": (\S+)$", out.getvalue().strip())
    assert password
    user = User.objects.get(username="quantri")
    assert user.check_password(password.group(1))
    assert user.must_change_password
    assert Appointment.objects.get(user=user).role == Role.ADMINISTRATOR
    assert audit.first_fault() is None


def test_a_taken_name_is_refused():
    call_command("add_administrator", "quantri", "Họ và tên", stdout=io.StringIO())
    with pytest.raises(CommandError, match="Đã có tài khoản quantri"):
        call_command("add_administrator", "QUANTRI", "Họ và tên", stdout=io.StringIO())


def test_the_demonstration_never_enters_a_production_installation(settings):
    settings.IS_PRODUCTION = True
    with pytest.raises(CommandError, match="bản chạy thật"):
        call_command("seed_demo")
    assert not User.objects.exists()
