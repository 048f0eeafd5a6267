"""The people who log in and their appointments, kept by the administrator."""

from typing import Final

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.access import Audience, access
from accounts.models import User
from clusters import operations
from clusters.forms import (
    AppointmentForm,
    EndForm,
    NewPersonForm,
    PersonForm,
    PressForm,
    ReasonForm,
)
from clusters.http import ActingRequest
from clusters.models import Appointment
from clusters.queries import appointments_of, people_matching
from core import acts, history, search
from core.models import AuditEvent

#: Where the seed of a first password waits until the page that shows it once.
SESSION_FIRST_PASSWORD: Final = "first_password"  # noqa: S105 - a name in the session


@access(Audience.ADMINISTRATOR)
def people(request: ActingRequest) -> HttpResponse:
    """List the people with what they now act as."""
    query = search.tidy(request.GET.get("q"))
    page = search.page_of(request, people_matching(query, request.today))
    return render(request, "clusters/people.html", {"page": page, "query": query})


@access(Audience.ADMINISTRATOR)
def person(request: ActingRequest, pk: int) -> HttpResponse:
    """Show a person with all appointments ever, and a new first password once."""
    user = get_object_or_404(User, pk=pk)
    waiting = request.session.pop(SESSION_FIRST_PASSWORD, None)
    shown = bool(waiting) and waiting["person"] == pk
    events = AuditEvent.objects.about(user, *user.appointments.all())
    lines = history.sentences_of(events.reverse()[:20])
    context = {
        "person": user,
        "first_password": operations.first_password(waiting["seed"]) if shown else "",
        "appointments": appointments_of(user, request.today),
        "lines": lines,
    }
    return render(request, "clusters/person.html", context)


@access(Audience.ADMINISTRATOR, "GET", "POST")
def add_person(request: ActingRequest) -> HttpResponse:
    """Add a person; the first password is made here and must be changed at the first log-in."""
    form = NewPersonForm(acts.sent(request))

    def add() -> str:
        form.instance.username = form.cleaned_data["username"]
        seed = str(form.cleaned_data["token"])
        first = operations.first_password(seed)
        operations.add_person(
            form.instance, initial_password=first, by=request.acting, now=request.now
        )
        return _show_once(request, form.instance.pk, seed)

    done = acts.submit(request, form, add, success="Đã thêm người dùng.")
    return done or render(request, "clusters/person_form.html", {"form": form})


@access(Audience.ADMINISTRATOR, "GET", "POST")
def edit_person(request: ActingRequest, pk: int) -> HttpResponse:
    """Change the name and rank that are printed from now on."""
    user = get_object_or_404(User, pk=pk)
    before, name = operations.snapshot(user), user.display_name
    form = PersonForm(acts.sent(request), instance=user)

    def save() -> str:
        operations.save_row(
            user, action="accounts.person_saved", by=request.acting, now=request.now, before=before
        )
        return _page_of(pk)

    done = acts.submit(request, form, save, success="Đã ghi thông tin người dùng.")
    context = {"form": form, "pk": pk, "name": name}
    return done or render(request, "clusters/person_form.html", context)


@access(Audience.ADMINISTRATOR, "GET", "POST")
def reset_password(request: ActingRequest, pk: int) -> HttpResponse:
    """Give a person a new first password after saying what that does."""
    user = get_object_or_404(User, pk=pk)
    form = PressForm(acts.sent(request))

    def reset() -> str:
        seed = str(form.cleaned_data["token"])
        operations.reset_password(
            user_id=pk,
            initial_password=operations.first_password(seed),
            by=request.acting,
            now=request.now,
        )
        return _show_once(request, pk, seed)

    done = acts.submit(request, form, reset, success="Đã cấp mật khẩu mới.")
    return done or render(request, "clusters/password_form.html", {"form": form, "person": user})


@access(Audience.ADMINISTRATOR, "GET", "POST")
def switch_person(request: ActingRequest, pk: int) -> HttpResponse:
    """Close a person's account, or open it again, with a reason."""
    user = get_object_or_404(User, pk=pk)
    form = ReasonForm(acts.sent(request))
    opening = not user.is_active

    def switch() -> str:
        reason = form.cleaned_data["reason"]
        operations.set_active(
            user_id=pk, active=opening, reason=reason, by=request.acting, now=request.now
        )
        return _page_of(pk)

    success = "Đã mở lại tài khoản." if opening else "Đã ngừng tài khoản."
    done = acts.submit(request, form, switch, success=success)
    return done or render(request, "clusters/switch_form.html", {"form": form, "person": user})


@access(Audience.ADMINISTRATOR, "GET", "POST")
def add_appointment(request: ActingRequest, pk: int) -> HttpResponse:
    """Appoint a person to a role for a unit, with dates."""
    user = get_object_or_404(User, pk=pk)
    form = AppointmentForm(
        acts.sent(request),
        instance=Appointment(user=user),
        initial={"starts_on": request.today},
        today=request.today,
    )

    def add() -> str:
        operations.save_row(
            form.instance, action="clusters.appointment_made", by=request.acting, now=request.now
        )
        return _page_of(pk)

    done = acts.submit(request, form, add, success="Đã phân công.")
    return done or render(request, "clusters/appointment_form.html", {"form": form, "person": user})


@access(Audience.ADMINISTRATOR, "GET", "POST")
def end_appointment(request: ActingRequest, pk: int) -> HttpResponse:
    """End an appointment on a day, with a reason; it stays in the register."""
    row = get_object_or_404(Appointment.objects.select_related("user", "unit"), pk=pk)
    form = EndForm(acts.sent(request), initial={"ends_on": request.today})

    def end() -> str:
        operations.end_appointment(
            appointment_id=pk,
            ends_on=form.cleaned_data["ends_on"],
            reason=form.cleaned_data["reason"],
            by=request.acting,
            now=request.now,
        )
        return _page_of(row.user_id)

    done = acts.submit(request, form, end, success="Đã ghi ngày thôi phân công.")
    return done or render(request, "clusters/end_form.html", {"form": form, "appointment": row})


def _page_of(pk: int) -> str:
    return reverse("clusters:person", args=[pk])


def _show_once(request: ActingRequest, pk: int, seed: str) -> str:
    """Lead to the page that shows the password; the session holds only what it is made from."""
    request.session[SESSION_FIRST_PASSWORD] = {"person": pk, "seed": seed}
    return _page_of(pk)
