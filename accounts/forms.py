"""Forms of the log-in page and of the password of one's own."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, UsernameField

WRONG = (
    "Tên đăng nhập hoặc mật khẩu không đúng. "
    "Kiểm tra bộ gõ tiếng Việt và phím Caps Lock rồi nhập lại."
)


class LoginForm(AuthenticationForm):
    """User name and password; the answer is the same for a wrong name and a wrong password."""

    username = UsernameField(  # brings a name typed in decomposed letters to one form
        label="Tên đăng nhập",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label="Mật khẩu",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    error_messages = {
        "invalid_login": WRONG,
        "inactive": WRONG,
    }


class PasswordForm(PasswordChangeForm):
    """The old password and the new one twice."""

    error_messages = {
        "password_incorrect": "Mật khẩu đang dùng không đúng. Nhập lại mật khẩu đang dùng.",
        "password_mismatch": "Hai lần nhập mật khẩu mới không giống nhau. Nhập lại cả hai ô.",
    }
