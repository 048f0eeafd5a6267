"""A server open to other machines starts only with its own secrets; one machine needs nothing."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
LONG_KEY = "k3y-" * 16
#: A production environment that is allowed to start.
PRODUCTION = {
    "ALLOWED_HOSTS": "giaouoc.example.vn",
    "SECRET_KEY": LONG_KEY,
    "DATABASE_URL": "postgresql://giaouoc:0f4c2a9e77@db:5432/giaouoc",
    "CELERY_BROKER_URL": "redis://redis:6379/0",
}


def start(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process of their own, as every start of the application does."""
    clean = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path / "var"), "PYTHONUTF8": "1"}
    code = (
        "from django.conf import settings as s;"
        "print(s.IS_PRODUCTION, s.SESSION_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, len(s.SECRET_KEY))"
    )
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env={**clean, "DJANGO_SETTINGS_MODULE": "config.settings", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_one_machine_needs_no_configuration(tmp_path):
    done = start(tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["False", "False", "False", "86"]


def test_local_secret_is_kept_and_readable_by_its_owner_only(tmp_path):
    start(tmp_path)
    secret = tmp_path / "var" / "secret_key"
    before = secret.read_text(encoding="ascii")
    start(tmp_path)
    assert secret.read_text(encoding="ascii") == before
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_production_with_its_own_secrets_starts_and_insists_on_https(tmp_path):
    done = start(tmp_path, **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True", "True", "True", str(len(LONG_KEY))]
    assert not (tmp_path / "var" / "secret_key").exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"DEBUG": "true"}, "DEBUG chỉ dùng trên máy của người lập trình"),
        ({"SECRET_KEY": ""}, "chưa có SECRET_KEY riêng"),
        ({"SECRET_KEY": "ngan"}, "dài ít nhất 50 ký tự"),
        ({"SECRET_KEY": "django-insecure-" + "x" * 50}, "chưa có SECRET_KEY riêng"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS không được là dấu *"),
        ({"ALLOWED_HOSTS": "giaouoc.example.vn,*"}, "ALLOWED_HOSTS không được là dấu *"),
        (
            {"DATABASE_URL": "postgresql://giaouoc:giaouoc@db:5432/giaouoc"},
            "mật khẩu cơ sở dữ liệu trong DATABASE_URL là mật khẩu mặc định",
        ),
        (
            {"DATABASE_URL": "postgresql://postgres:postgres@db:5432/giaouoc"},
            "mật khẩu cơ sở dữ liệu trong DATABASE_URL là mật khẩu mặc định",
        ),
        ({"CELERY_BROKER_URL": "memory://"}, "phải đặt CELERY_BROKER_URL tới Redis"),
    ],
)
def test_unsafe_production_is_refused_with_a_sentence(tmp_path, change, sentence):
    done = start(tmp_path, **{**PRODUCTION, **change})
    assert done.returncode != 0
    assert "Không khởi động:" in done.stderr
    assert sentence in done.stderr
    assert LONG_KEY not in done.stderr


def test_secret_may_come_from_a_file(tmp_path):
    secret = tmp_path / "key"
    secret.write_text(LONG_KEY, encoding="ascii")
    environment = {k: v for k, v in PRODUCTION.items() if k != "SECRET_KEY"}
    done = start(tmp_path, **environment, SECRET_KEY_FILE=str(secret))
    assert done.returncode == 0, done.stderr
