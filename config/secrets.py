"""Secrets of the installation: made on the first local start, demanded in production."""

import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

#: Django's own advice for the length of a secret key.
SHORTEST_SECRET = 50
#: Passwords that stand in examples everywhere.
DEFAULT_PASSWORDS = ("postgres", "password", "giaouoc", "changeme")


def local_secret(path: Path) -> str:
    """Return the secret kept in `path`, making it (mode 0600) when the file is not there."""
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    value = secrets.token_urlsafe(64)
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:  # another process was first
        return path.read_text(encoding="ascii").strip() or value
    path.write_text(value, encoding="ascii")
    return value


def refuse_unsafe_start(
    *, debug: bool, secret_key: str, database_url: str, broker_url: str, allowed_hosts: list[str]
) -> None:
    """Raise ImproperlyConfigured with a sentence when a production start lacks its own secrets."""
    if debug:
        message = (
            "Không khởi động: DEBUG chỉ dùng trên máy của người lập trình, không mở cho máy khác."
        )
        raise ImproperlyConfigured(message)
    if len(secret_key) < SHORTEST_SECRET or secret_key.startswith("django-insecure"):
        message = (
            "Không khởi động: máy chủ mở cho máy khác (ALLOWED_HOSTS) nhưng chưa có SECRET_KEY "
            f"riêng dài ít nhất {SHORTEST_SECRET} ký tự. Tạo bằng: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
        )
        raise ImproperlyConfigured(message)
    if "*" in allowed_hosts:
        message = "Không khởi động: ALLOWED_HOSTS không được là dấu *; ghi đúng tên máy chủ."
        raise ImproperlyConfigured(message)
    if broker_url.startswith("memory:") and not database_url.startswith("sqlite"):
        message = "Không khởi động: dùng PostgreSQL thì phải đặt CELERY_BROKER_URL tới Redis."
        raise ImproperlyConfigured(message)
    if any(f":{weak}@" in database_url for weak in DEFAULT_PASSWORDS):
        message = "Không khởi động: mật khẩu cơ sở dữ liệu trong DATABASE_URL là mật khẩu mặc định."
        raise ImproperlyConfigured(message)
