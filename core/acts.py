"""Running one domain operation for one form: what every page that changes something shares.

A view builds its form, names the operation and what to render; here it is decided what a refusal, a
conflict or a fault of the database looks like, so that no page answers a bad form with an error
page and none carries the same form out twice::

    form = UnitForm(acts.sent(request))
    done = acts.submit(request, form, lambda: _add_unit(request, form), success="Đã thêm đơn vị.")
    return done or render(request, "clusters/unit_form.html", {"form": form})

The operation returns the address that the person is led to. What it raises comes back to the page:
`Invalid` beside the field it names, `Conflict` as `form.conflict` (what stands now is in
`form.conflict.current`), every other `Refused` in the summary; all that was typed stays.
"""

import hashlib
import logging
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Protocol, cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, OperationalError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from core import once
from core.canonical import sha256_of
from core.policy import Conflict, Invalid, Refused

log = logging.getLogger(__name__)

CLASH = (
    "Chưa ghi: dữ liệu vừa gửi trùng hoặc trái với dữ liệu người khác vừa ghi. "
    "Mở trang này ở cửa sổ mới để xem dữ liệu hiện nay, sửa lại rồi gửi."
)
BUSY = "Chưa ghi: đơn vị khác đang lưu vào cùng chỗ. Đợi vài giây rồi gửi lại."


class Asking(Protocol):
    """What is needed of a request here; `clusters.http.ActingRequest` has it."""

    user: User
    now: datetime
    method: str | None

    @property
    def POST(self) -> QueryDict:  # noqa: N802 - Django's name
        """What was sent."""

    @property
    def FILES(self) -> "MultiValueDict[str, UploadedFile[bytes]]":  # noqa: N802 - Django's name
        """The files that were sent."""


class Checked(Protocol):
    """A further form or formset of the same page."""

    def is_valid(self) -> bool:
        """Whether it can be carried out."""


def sent(request: Asking) -> QueryDict | None:
    """Return what a form is bound to: what was sent, even when empty; None for a first look."""
    return request.POST if request.method == "POST" else None


def sent_files(request: Asking) -> "MultiValueDict[str, UploadedFile[bytes]] | None":
    """Return the files a form is bound to, beside `sent`; None for a first look."""
    return request.FILES if request.method == "POST" else None


def submit(
    request: Asking,
    form: BaseForm,
    act: Callable[[], str],
    *others: Checked,
    success: str = "",
) -> HttpResponseRedirect | None:
    """Carry out a form that was sent and is valid; None means: show the page (again).

    `others` are further forms or formsets of the page; all are checked so that all show their
    errors. Faults of the operation are put into `form`.
    """
    if request.method != "POST":
        return None
    # Before anything is checked: what the first click stored would make the second one wrong.
    if done := _done_before(request, form):
        return redirect(done)
    if not all([form.is_valid(), *(other.is_valid() for other in others)]):
        return None
    address = _attempt(request, form, act)
    return _go(request, address, success) if address else None


def _attempt(request: Asking, form: BaseForm, act: Callable[[], str]) -> str:
    """Run the operation; what it raises is put into the form and nothing is returned."""
    try:
        return _once(request, _key(request, form.add_prefix("token")), act)
    except Invalid as fault:
        form.add_error(fault.field if fault.field in form.fields else None, str(fault))
    except Refused as fault:
        if isinstance(fault, Conflict):
            form.conflict = fault  # type: ignore[attr-defined]
        form.add_error(None, str(fault))
    except (IntegrityError, OperationalError) as fault:
        form.add_error(None, _fault_sentence(fault))
    return ""


def press(
    request: Asking, act: Callable[[], str], *, otherwise: str, success: str = ""
) -> HttpResponseRedirect:
    """Carry out a single button that has no page of its own; a refusal is said at `otherwise`."""
    try:
        address = _once(request, _key(request, "token"), act)
    except Refused as fault:
        messages.error(cast("HttpRequest", request), str(fault))
    except (IntegrityError, OperationalError) as fault:
        messages.error(cast("HttpRequest", request), _fault_sentence(fault))
    else:
        return _go(request, address, success)
    return redirect(otherwise)


def _once(request: Asking, key: uuid.UUID | None, act: Callable[[], str]) -> str:
    return once.carry_out(
        user_id=request.user.pk, token=key or uuid.uuid4(), now=request.now, act=act
    )


def _done_before(request: Asking, form: BaseForm) -> str | None:
    key = _key(request, form.add_prefix("token"))
    return once.result_of(user_id=request.user.pk, token=key) if key else None


def _key(request: Asking, name: str) -> uuid.UUID | None:
    """Return what a form is remembered by: its token, what was typed into it, and its files.

    A page that comes back out of the browser's memory carries its old token; sent with other text
    it is another form, and nothing of that text may be dropped. Passwords are left out.
    """
    try:
        token = uuid.UUID(request.POST.get(name, ""))
    except ValueError:
        return None
    typed = sorted(
        (field, values)
        for field, values in request.POST.lists()
        if field not in ("csrfmiddlewaretoken", name) and "password" not in field
    )
    files = [
        (field, [(file.name, _hash_of(file)) for file in files])
        for field, files in sorted(request.FILES.lists())
    ]
    return uuid.uuid5(token, sha256_of([typed, files] if files else typed))


def _hash_of(file: "UploadedFile[bytes]") -> str:
    """Hash a file piece by piece: another file is another form, also under the same name."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def _go(request: Asking, address: str, success: str) -> HttpResponseRedirect:
    if success:
        messages.success(cast("HttpRequest", request), success)
    return redirect(address)


def _fault_sentence(fault: Exception) -> str:
    """Say what a person can do; what the database said goes to the log of the server."""
    log.warning("The database refused a form: %s", fault)
    return CLASH if isinstance(fault, IntegrityError) else BUSY
