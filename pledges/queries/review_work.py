"""What the reviews ask of a person: open, write, submit, judge; and what others hold meanwhile."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch
from django.urls import reverse

from clusters.acting import Acting
from clusters.calendar import is_open, local_date
from clusters.models import ClusterYear, Extension, MemberRole, Membership, Stage
from clusters.queries import judge_of, units_of_person, window_of
from core.inbox import Work, asked_in
from core.text import clip
from pledges.models import Pledge, Review, ReviewKind, ReviewStatus
from pledges.policies.review import BEFORE, DURING

RS = ReviewStatus
#: A reason is quoted so far in the inbox.
QUOTED = 160
#: States of the year in which a review can ask for something.
STATES = {state for states in (*BEFORE.values(), *DURING.values()) for state in states}
_WORDS = {ReviewKind.MIDYEAR: "so-ket", ReviewKind.YEAREND: "tong-ket"}


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the rows of one year have in common."""

    year: ClusterYear
    acting: Acting
    today: date
    members: list[Membership]
    own_units: frozenset[int]
    #: Stage → last day granted to one's own unit.
    until: dict[int, date]

    @property
    def is_lead(self) -> bool:
        """Whether the person writes for the unit that leads."""
        return any(
            m.unit_id == self.acting.unit_id and m.role == MemberRole.LEAD for m in self.members
        )

    def due(self, review: Review) -> date:
        """Return the last day of a report, the extension of one's own unit included."""
        if review.unit_id is None or review.unit_id != self.acting.unit_id:
            return review.due_on
        stages: list[Stage] = list(self.year.stages.all())
        days = [self.until[s.pk] for s in stages if s.kind == review.kind and s.pk in self.until]
        return max([review.due_on, *days])

    def row(
        self, review: Review, title: str, why: str, *, verb: str, icon: str, due: date | None = None
    ) -> Work:
        """Make a row of the inbox about a report."""
        return Work(
            title=title,
            why=why,
            url=reverse("pledges:review", args=[self.year.pk, review.pk]),
            verb=verb,
            icon=icon,
            cluster=str(self.year),
            due=due,
        )

    def waiting(self, review: Review, title: str, holder: str) -> Work:
        """Make a row about what somebody else has."""
        url = reverse("pledges:review", args=[self.year.pk, review.pk])
        return Work(
            title, "", url, "Xem", "hourglass-split", str(self.year), None, waits_for=holder
        )


@asked_in(STATES)
def work_waiting(acting: Acting, now: datetime) -> list[Work]:
    """Return what the reviews of all years ask of a person; the statements are constant."""
    if not (acting.is_officer or acting.is_head or acting.is_organiser):
        return []
    years = list(
        ClusterYear.objects.visible_to(acting)
        .filter(status__in=STATES)
        .with_names()
        .prefetch_related(
            Prefetch("memberships", Membership.objects.select_related("unit").order_by("order")),
            "stages",
            Prefetch(
                "reviews",
                Review.objects.select_related("unit").defer("figures", "outline", "sections"),
            ),
        )
    )
    today = local_date(now)
    bound = set(
        Pledge.objects.filter(cluster_year__in=years, current__frozen_at__isnull=False).values_list(
            "cluster_year_id", flat=True
        )
    )
    extensions = Extension.objects.filter(
        stage__cluster_year__in=years, unit=acting.unit_id
    ).order_by("until")
    until = dict(extensions.values_list("stage_id", "until"))
    own = units_of_person(acting.user_id, today)
    items: list[Work] = []
    for year in years:
        desk = _Desk(year, acting, today, list(year.memberships.all()), own, until)
        items += _of_year(desk, is_bound=year.pk in bound)
    return items


def _of_year(desk: _Desk, *, is_bound: bool) -> list[Work]:
    reviews: list[Review] = list(desk.year.reviews.all())
    items: list[Work] = []
    for kind in ReviewKind:
        rows = [row for row in reviews if row.kind == kind]
        if not rows and is_bound:
            items += _to_open(desk, kind)
        if desk.year.status in DURING[kind]:
            for row in rows:
                row.cluster_year = desk.year
                items += _of_report(desk, row)
    return items


def _to_open(desk: _Desk, kind: ReviewKind) -> list[Work]:
    """Ask the officer of the lead to freeze the figures once the stage is open."""
    if not (desk.is_lead and desk.acting.is_officer) or desk.year.status not in BEFORE[kind]:
        return []
    windows = [window_of(stage) for stage in desk.year.stages.all() if stage.kind == kind]
    current = next((window for window in windows if is_open(window, desk.today)), None)
    if current is None:
        return []
    name = kind.label.lower()
    return [
        Work(
            title=f"Chốt số liệu và mở {name}",
            why="Giai đoạn đã mở. Các đơn vị viết báo cáo trên số liệu bạn chốt.",
            url=reverse("pledges:reviews", args=[desk.year.pk, _WORDS[kind]]),
            verb="Xem và chốt",
            icon="lock",
            cluster=str(desk.year),
            due=current.due_on,
        )
    ]


def _of_report(desk: _Desk, review: Review) -> list[Work]:
    """Return the row a report makes: for its writers, or for who decides."""
    mine = desk.is_lead if review.unit_id is None else review.unit_id == desk.acting.unit_id
    status = RS(review.status)
    if mine and (desk.acting.is_officer or desk.acting.is_head):
        if status in (RS.OPEN, RS.RETURNED):
            return [_to_write(desk, review)]
        if status is RS.SUBMITTED:
            return [desk.waiting(review, str(review), _judge_name(desk, review))]
        return []
    if status is RS.SUBMITTED and _judges(desk, review):
        seen = "" if review.seen_at else " Chưa ai xem."
        late = f", chậm {review.days_late} ngày" if review.days_late else ""
        why = f"Số {review.number}{late}.{seen}"
        return [
            desk.row(review, f"Duyệt {_lower(str(review))}", why, verb="Xem xét", icon="search")
        ]
    return []


def _to_write(desk: _Desk, review: Review) -> Work:
    acting, name, due = desk.acting, str(review), desk.due(review)
    if acting.is_head and review.ready_at is None and review.status == RS.OPEN:
        return desk.waiting(review, name, "Cán bộ thi đua của đơn vị")
    if acting.is_officer and review.ready_at is not None:
        return desk.waiting(review, name, "Lãnh đạo đơn vị")
    if review.status == RS.RETURNED and review.ready_at is None:
        why = f"Trả lại: “{clip(review.return_reason, QUOTED)}”"
        return desk.row(
            review, f"Sửa {_lower(name)}", why, verb="Sửa", icon="arrow-return-left", due=due
        )
    if acting.is_head:
        why = "Cán bộ đã trình; kiểm tra nội dung rồi nộp."
        return desk.row(
            review, f"Nộp {_lower(name)}", why, verb="Kiểm tra và nộp", icon="send", due=due
        )
    what = (
        "Ghép từ báo cáo đã chấp nhận của các đơn vị."
        if review.unit_id is None
        else "Số liệu đã chốt; viết theo đề cương, nêu nguyên nhân chỉ tiêu chưa đạt."
    )
    return desk.row(review, f"Viết {_lower(name)}", what, verb="Viết", icon="journal-text", due=due)


def _judges(desk: _Desk, review: Review) -> bool:
    """Whether this person decides on the report (the rule is `clusters.policies.may_judge`)."""
    acting = desk.acting
    judge = judge_of(desk.members, review.unit_id) if review.unit_id is not None else None
    if judge is None:
        return acting.is_organiser and acting.unit_id == desk.year.cluster.organiser_id
    if review.unit_id in desk.own_units:
        return False
    return judge.unit_id == acting.unit_id and (acting.is_officer or acting.is_head)


def _judge_name(desk: _Desk, review: Review) -> str:
    judge = judge_of(desk.members, review.unit_id) if review.unit_id is not None else None
    return judge.unit.short_name if judge else desk.year.cluster.organiser.short_name


def _lower(name: str) -> str:
    return name[:1].lower() + name[1:]
