"""Logging in and out, and the password of one's own."""

from typing import cast

from axes.helpers import get_cool_off
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView, LogoutView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.module_loading import import_string

from accounts.access import Audience, access
from accounts.forms import LoginForm, PasswordForm
from accounts.http import AuthedRequest

#: /dang-nhap/ with the fields `username` and `password` (product.md §6).
login = access(Audience.ANYONE, "GET", "POST")(
    LoginView.as_view(
        template_name="accounts/login.html",
        authentication_form=LoginForm,
        redirect_authenticated_user=True,
    )
)
logout = access(Audience.PERSON, "POST")(LogoutView.as_view())


@access(Audience.PERSON, "GET", "POST")
def change_password(request: AuthedRequest) -> HttpResponse:
    """Let a person set a password of their own; demanded at the first log-in."""
    form = PasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            user = form.save(commit=False)
            user.must_change_password = False
            user.save(update_fields=["password", "must_change_password"])
            # The trail stands above this app; the settings name who writes it.
            import_string(settings.PASSWORD_CHANGE_RECORDER)(user, request)
        update_session_auth_hash(request, user)
        messages.info(request, "Đã đổi mật khẩu. Những máy khác đang đăng nhập phải đăng nhập lại.")
        return redirect(settings.LOGIN_REDIRECT_URL)
    context = {"form": form, "first_time": request.user.must_change_password}
    return render(request, "accounts/change_password.html", context)


def locked_out(
    request: HttpRequest, response: object = None, credentials: object = None, **_: object
) -> HttpResponse:
    """Say how long to wait after too many wrong passwords (called by axes)."""
    cool_off = cast("object", get_cool_off(request))
    minutes = int(cool_off.total_seconds() // 60) if hasattr(cool_off, "total_seconds") else 15
    return render(request, "accounts/locked_out.html", {"minutes": minutes}, status=429)
