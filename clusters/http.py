"""What every request carries: the appointment acted under, the access rule, the page frame."""

from collections.abc import Callable
from dataclasses import dataclass
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
from clusters.models import Appointment, ClusterYear, Role, YearStatus
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
        acting = request.acting
        found = inbox.work_of(acting, request.now, _states_seen(acting))
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


def _states_seen(acting: Acting) -> set[str]:
    """Return the states in which the years of a person are; one statement for any number."""
    return set(ClusterYear.objects.visible_to(acting).values_list("status", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the navigation: its word, icon and address, and what else belongs to it."""

    label: str
    icon: str
    url: str
    count: int = 0
    #: Further addresses below which this place is the one where somebody is.
    also: tuple[str, ...] = ()
    #: A line above sets the shelves (tables, files, papers) apart from the course of the year.
    divider: bool = False

    def fits(self, path: str) -> int:
        """Return how much of a path belongs to this place; addresses nest, the longest holds."""
        return max((len(url) for url in (self.url, *self.also) if path.startswith(url)), default=0)


def _navigation(
    request: ActingRequest, current: ClusterYear | None, waiting: int
) -> list[dict[str, Any]]:
    acting = request.acting
    places = [Place("Việc của tôi", "check2-square", reverse("core:inbox"), waiting)]
    if acting.is_administrator:
        places += [
            Place("Đơn vị", "diagram-3", reverse("clusters:units")),
            Place("Người dùng", "people", reverse("clusters:people")),
        ]
    if acting.is_organiser:
        # The organiser looks after many clusters: all of them at once come first.
        places += [_board(current)] if current else []
        places += [Place("Cụm, khối", "people", reverse("clusters:clusters"))]
    if current:
        places += _course(current)
        places += [] if acting.is_organiser else [_board(current)]
        places += _shelves(current)
    here = max(places, key=lambda place: place.fits(request.path))
    is_somewhere = here.fits(request.path) > 0
    return [
        {
            "label": place.label, "icon": place.icon, "url": place.url, "count": place.count,
            "active": is_somewhere and place is here, "divider": place.divider,
        }
        for place in places
    ]  # fmt: skip


def _board(year: ClusterYear) -> Place:
    return Place("Toàn cảnh", "grid-3x3-gap", reverse("reports:board", args=[year.pk]))


def _course(year: ClusterYear) -> list[Place]:
    """The pages of a year in the order in which it runs."""
    home = reverse("reports:year", args=[year.pk])
    midyear, yearend = (
        reverse("pledges:reviews", args=[year.pk, kind]) for kind in ("so-ket", "tong-ket")
    )
    review = yearend if YearStatus(year.status) in AFTER_YEAREND else midyear
    return [
        Place("Năm thi đua", "calendar3", home),
        Place("Giao ước năm", "file-earmark-text", reverse("pledges:pledge", args=[year.pk])),
        Place(
            "Tiến độ", "bar-chart", reverse("pledges:progress", args=[year.pk]),
            also=(reverse("pledges:whatif", args=[year.pk]),),
        ),
        Place(
            "Sơ kết, tổng kết", "journal-text", review,
            also=(midyear, yearend, f"{home}bao-cao/"),
        ),
        Place(
            "Chấm điểm", "ui-checks", reverse("scoring:sheets", args=[year.pk]),
            also=(
                reverse("scoring:vetoes", args=[year.pk]),
                reverse("scoring:inspections", args=[year.pk]),
            ),
        ),
        Place(
            "Bảng điểm", "trophy", reverse("scoring:scoreboard", args=[year.pk]),
            also=tuple(
                reverse(name, args=[year.pk])
                for name in (
                    "scoring:runs", "scoring:objections", "scoring:publish", "scoring:archive",
                    "scoring:ballots", "scoring:quotas", "scoring:nominations",
                )
            ),
        ),
        Place("Điển hình", "star", reverse("pledges:exemplars", args=[year.pk])),
    ]  # fmt: skip


#: From here on the review of the year is the year-end one.
AFTER_YEAREND = (
    YearStatus.YEAREND, YearStatus.APPRAISING, YearStatus.PROVISIONAL, YearStatus.OBJECTIONS,
    YearStatus.PUBLISHED, YearStatus.ARCHIVED,
)  # fmt: skip


def _shelves(year: ClusterYear) -> list[Place]:
    """What one goes to from any stage of the year."""
    table = reverse("scoring:table", args=[year.pk])
    return [
        Place("Bảng tiêu chí", "list-check", table, divider=True),
        Place("Kho minh chứng", "paperclip", reverse("scoring:evidence", args=[year.pk])),
        Place("Trung tâm in", "printer", reverse("reports:print_centre", args=[year.pk])),
        Place("Nhật ký", "clock-history", reverse("clusters:history", args=[year.pk])),
    ]


def record_password_change(user: User, request: ActingRequest) -> None:
    """Leave the event of a password that its owner changed."""
    audit.record("accounts.password_changed", user, by=request.acting, now=request.now)
