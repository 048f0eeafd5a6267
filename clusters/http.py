"""What every request carries: the appointment acted under, the access rule, the page frame."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts.access import Access, Audience
from accounts.http import AuthedRequest
from accounts.models import User
from clusters.acting import Acting
from clusters.calendar import local_date
from clusters.models import Appointment, ClusterYear, Role
from core import audit, inbox
from core.models import Notice

GetResponse = Callable[[HttpRequest], HttpResponseBase]
SESSION_APPOINTMENT = "appointment"
SESSION_CLUSTER_YEAR = "cluster_year"


class ActingRequest(AuthedRequest):
    """A request of somebody logged in who acts under an appointment."""

    acting: Acting
    appointments: list[Appointment]
    #: The moment of the request and its local date; domain functions never read the clock.
    now: datetime
    today: date
    #: The inbox, asked of the database once per request (see `work`).
    work: Callable[[], list[inbox.Work]]


def act_as(user: User, appointment: Appointment | None) -> Acting:
    """Return the acting person for a user under one appointment."""
    if appointment is None:
        return Acting(user.pk, user.display_name, rank=user.rank, full_name=user.full_name)
    unit = appointment.unit
    return Acting(
        user_id=user.pk,
        name=user.display_name,
        role=cast("Any", appointment.role),
        role_label=Role(appointment.role).label,
        unit_id=unit.pk if unit else None,
        unit_name=unit.name if unit else "",
        unit_short_name=unit.short_name if unit else "",
        position=appointment.position,
        appointment_id=appointment.pk,
        rank=user.rank,
        full_name=user.full_name,
    )


class ActingMiddleware:
    """Attach `now` and the appointment acted under; withdrawn rights act at once."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Attach what rules ask of a request."""
        request.now = timezone.now()  # type: ignore[attr-defined]  # noqa: TID251
        if request.user.is_authenticated:
            self._attach(cast("ActingRequest", request))
        return self.get_response(request)

    @staticmethod
    def _attach(request: ActingRequest) -> None:
        today = local_date(request.now)
        request.today = today
        request.appointments = list(
            Appointment.objects.current(today)
            .filter(user=request.user)
            .select_related("unit", "delegated_by__user")
            .order_by("pk")
        )
        chosen = request.session.get(SESSION_APPOINTMENT)
        current = next((a for a in request.appointments if a.pk == chosen), None)
        if current is None and request.appointments:
            current = request.appointments[0]
        request.acting = act_as(request.user, current)
        request.work = partial(work, request)


class AccessMiddleware:
    """Refuse what no view has declared; send strangers to the log-in page, others to 404."""

    #: Open to somebody who must first set a password of their own.
    BEFORE_PASSWORD = frozenset({"accounts:change_password", "accounts:logout"})

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on; the work is done once the view is known."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], _args: object, _kwargs: object
    ) -> HttpResponseBase | None:
        """Hold the declaration of the view against the person."""
        rule: Access | None = getattr(view, "access", None)
        if rule is None:
            raise Http404
        if rule.audience is not Audience.ANYONE:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not _admits(rule.audience, cast("ActingRequest", request).acting):
                raise Http404
            if self._must_change_password(request):
                return redirect("accounts:change_password")
        method = "GET" if request.method == "HEAD" else request.method
        if method not in rule.methods:
            return HttpResponseNotAllowed(rule.methods)
        return None

    def _must_change_password(self, request: HttpRequest) -> bool:
        match = request.resolver_match
        name = match.view_name if match else ""
        user = cast("User", request.user)
        return user.must_change_password and name not in self.BEFORE_PASSWORD


def _admits(audience: Audience, acting: Acting) -> bool:
    if audience is Audience.ADMINISTRATOR:
        return acting.is_administrator
    if audience is Audience.ORGANISER:
        return acting.is_organiser
    if audience is Audience.CLUSTER:
        return bool(acting.role) and not acting.is_administrator
    return True


def remember(request: ActingRequest, cluster_year: ClusterYear) -> None:
    """Make this the cluster year that the frame shows and other pages start from."""
    request.cluster_year = cluster_year  # type: ignore[attr-defined]
    if request.session.get(SESSION_CLUSTER_YEAR) != cluster_year.pk:
        request.session[SESSION_CLUSTER_YEAR] = cluster_year.pk


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: navigation, chooser, counters, the person and what they act as."""
    base = {"agency_name": settings.AGENCY_NAME, "password_help": settings.PASSWORD_HELP}
    acting: Acting | None = getattr(request, "acting", None)
    if acting is None or not request.user.is_authenticated:
        return base
    asked = cast("ActingRequest", request)
    years = list(
        ClusterYear.objects.visible_to(acting)
        .with_names()
        .order_by("-cycle__year", "cluster__search_key")[:30]
    )
    current = getattr(request, "cluster_year", None)
    if current is None:
        wanted = request.session.get(SESSION_CLUSTER_YEAR)
        current = next((y for y in years if y.pk == wanted), years[0] if years else None)
    waiting = len(inbox.waiting_for_me(work(asked)))
    return base | {"frame": _frame(asked, years, current, waiting)}


def work(request: ActingRequest) -> list[inbox.Work]:
    """Return the inbox of the request, asked of the database once per page."""
    found: list[inbox.Work] | None = getattr(request, "found_work", None)
    if found is None:
        found = inbox.work_of(request.acting, request.now)
        request.found_work = found  # type: ignore[attr-defined]
    return found


def _frame(
    request: ActingRequest, years: list[ClusterYear], current: ClusterYear | None, waiting: int
) -> dict[str, Any]:
    nav = _navigation(request, current, waiting)
    return {
        "nav": nav,
        "bottom_nav": nav[:4],
        "cluster_years": [_year_link(y) for y in years],
        "cluster_year": _year_link(current) if current else None,
        "demo": bool(current and current.is_demonstration),
        "inbox_count": waiting,
        "notice_count": Notice.objects.visible_to(request.user).filter(read_at=None).count(),
        "person": request.acting.name,
        "acting_label": _acting_label(request),
        "appointments_url": reverse("clusters:appointments_mine"),
        "search_url": reverse("clusters:search"),
        "notices_url": reverse("core:notices"),
    }


def _acting_label(request: ActingRequest) -> str:
    """Say what one acts as, and of a delegation that it is one and until when."""
    label = request.acting.label or "Chưa được phân công"
    pk = request.acting.appointment_id
    current = next((a for a in request.appointments if a.pk == pk), None)
    if current is None or current.delegated_by_id is None:
        return label
    until = f" đến {current.ends_on:%d/%m}" if current.ends_on else ""
    return f"{label}. Được ủy quyền{until}"


def _year_link(year: ClusterYear) -> dict[str, str]:
    return {
        "title": year.cluster.name,
        "period": str(year.cycle),
        "url": reverse("reports:year", args=[year.pk]),
    }


def _navigation(
    request: ActingRequest, current: ClusterYear | None, waiting: int
) -> list[dict[str, Any]]:
    acting = request.acting
    items: list[tuple[str, str, str, int]] = [
        ("Việc của tôi", "check2-square", reverse("core:inbox"), waiting)
    ]
    if acting.is_administrator:
        items += [
            ("Đơn vị", "diagram-3", reverse("clusters:units"), 0),
            ("Người dùng", "people", reverse("clusters:people"), 0),
        ]
    if acting.is_organiser:
        items += [("Cụm, khối", "people", reverse("clusters:clusters"), 0)]
    if current:
        items += [
            ("Năm thi đua", "calendar3", reverse("reports:year", args=[current.pk]), 0),
            ("Giao ước", "file-earmark-text", reverse("pledges:pledge", args=[current.pk]), 0),
            ("Tiến độ", "bar-chart", reverse("pledges:progress", args=[current.pk]), 0),
            ("Bảng tiêu chí", "list-check", reverse("scoring:table", args=[current.pk]), 0),
            ("Kho minh chứng", "paperclip", reverse("scoring:evidence", args=[current.pk]), 0),
            ("Trung tâm in", "printer", reverse("reports:print_centre", args=[current.pk]), 0),
            ("Nhật ký", "clock-history", reverse("clusters:history", args=[current.pk]), 0),
        ]
    # Addresses nest ("/nam/3/" and "/nam/3/giao-uoc/"): the longest that fits is where one is.
    fitting = [url for _, _, url, _ in items if request.path.startswith(url)]
    here = max(fitting, key=len, default="")
    return [
        {"label": label, "icon": icon, "url": url, "count": count, "active": url == here}
        for label, icon, url, count in items
    ]


def record_password_change(user: User, request: ActingRequest) -> None:
    """Leave the event of a password that its owner changed."""
    audit.record("accounts.password_changed", user, by=request.acting, now=request.now)
