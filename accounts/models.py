"""People who log in. What a person may do follows from appointments, never from the user row."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person with a log-in: name and rank as printed on documents, nothing more personal."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    full_name = models.CharField("họ và tên", max_length=150)
    rank = models.CharField("cấp bậc", max_length=60, blank=True)
    must_change_password = models.BooleanField("phải đổi mật khẩu", default=False)

    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    class Meta:
        verbose_name = "người dùng"

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """Rank and name as printed: "Thiếu tá Trần Thị B"."""
        return f"{self.rank} {self.full_name}".strip()

    def get_full_name(self) -> str:
        """Return the display name where Django asks for one."""
        return self.display_name

    def get_short_name(self) -> str:
        """Return the name without the rank."""
        return self.full_name
