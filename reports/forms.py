"""Forms of signing, declining and checking a code."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.models import User
from core.forms import BaseForm, IdempotentForm, ReasonField, VnCharField

#: Longest password that is looked at; hashing a novel would cost the server more than the typist.
LONGEST_PASSWORD = 200


class SeenForm(IdempotentForm):
    """What signing and declining share: the hash of the version that was on the screen."""

    frozen_hash = VnCharField(widget=forms.HiddenInput, max_length=64)


class SignForm(SeenForm):
    """The person's own password, typed again at the moment of signing."""

    password = forms.CharField(
        label="Nhập lại mật khẩu",
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={
            "required": "Chưa nhập mật khẩu. Mật khẩu xác nhận chính bạn là người ký.",
            "max_length": "Mật khẩu không đúng nên chưa ký. Nhập lại mật khẩu đăng nhập của bạn.",
        },
    )

    def __init__(self, *args: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        """Keep whose password is asked; the request lets the lock-out count wrong ones."""
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user

    def clean_password(self) -> str:
        """Check the password like a log-in, so that guessing here is locked out like there."""
        password: str = self.cleaned_data["password"]
        found = authenticate(self.request, username=self.user.get_username(), password=password)
        if found is None or found.pk != self.user.pk:
            raise ValidationError(
                "Mật khẩu không đúng nên chưa ký. Kiểm tra bộ gõ tiếng Việt, "
                "phím Caps Lock rồi nhập lại."
            )
        return password


class DeclineForm(SeenForm):
    """Why the unit does not sign."""

    reason = ReasonField(
        label="Lý do từ chối ký",
        help_text="Nêu điều khoản, chỉ tiêu chưa đồng ý và đề nghị sửa. Mọi đơn vị đọc được.",
        error_messages={"required": "Chưa nêu lý do từ chối ký."},
    )


class CodeForm(BaseForm):
    """The code printed at the foot of a paper, as people type it."""

    code = VnCharField(
        label="Mã in ở chân trang văn bản",
        help_text="Gồm 12 chữ và số, ví dụ 3F7K-Q2MD-9TXA.",
        max_length=64,
        error_messages={"required": "Chưa nhập mã in ở chân trang văn bản."},
        widget=forms.TextInput(
            attrs={
                "class": "gu-code-input",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )
