"""Reviews from the frozen figures to the accepted report: one function for each verb."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from clusters import operations as clusters_operations
from clusters import workflow as year_workflow
from clusters.acting import Acting
from clusters.calendar import days_late, local_date
from clusters.models import ClusterYear, Membership
from clusters.queries import judge_of, members_of, periods_of, place_of
from core import audit
from core.audit import Change
from core.canonical import sha256_of
from core.policy import Conflict, Invalid, require
from pledges.figures import Milestone
from pledges.models import (
    PledgeVersion,
    Review,
    ReviewKind,
    ReviewStatus,
    Target,
    UnmetTarget,
)
from pledges.policies import review as policies
from pledges.queries.progress import cells_of, pledged_by, signed_version
from pledges.queries.review import (
    Freeze,
    bases_of,
    locked_review,
    outline_for,
    review_window,
    section_mark,
    snapshot,
    standing_of,
    unmet_keys,
    unmet_mark,
    window_for,
)
from scoring.queries.table import rules_in_use
from scoring.workflow import sheet as sheet_workflow

RS = ReviewStatus
TRANSITIONS: dict[ReviewStatus, frozenset[ReviewStatus]] = {
    RS.OPEN: frozenset({RS.SUBMITTED}),
    RS.SUBMITTED: frozenset({RS.RETURNED, RS.ACCEPTED}),
    RS.RETURNED: frozenset({RS.SUBMITTED}),
    RS.ACCEPTED: frozenset(),
}
#: Who is waited for in each state (đang chờ ai).
OWNERS: dict[ReviewStatus, str] = {
    RS.OPEN: "Đơn vị soạn và nộp báo cáo",
    RS.SUBMITTED: "Đơn vị trưởng duyệt; báo cáo chung do cơ quan thường trực duyệt",
    RS.RETURNED: "Đơn vị sửa và nộp lại báo cáo",
    RS.ACCEPTED: "Không ai",
}
#: Symbol of the register of reports: "05/BC-K1".
SYMBOL = "BC"


@dataclass(frozen=True, slots=True)
class Opening:
    """What is settled when figures are frozen.

    `share` in (0, 1] is the part of the year that sums are held to; `proportional` names further
    targets, by key, that are held to it (rates of a year's plan); `not_due` names those that fall
    into the rest of the year.
    """

    kind: ReviewKind
    until: date
    due_on: date
    share: Decimal = Decimal(1)
    proportional: frozenset[str] = frozenset()
    not_due: frozenset[str] = frozenset()

    @property
    def milestone(self) -> Milestone:
        """Return against what figures are held."""
        return Milestone(self.share, self.proportional, self.not_due)


@dataclass(frozen=True, slots=True)
class SectionInput:
    """What was written under a heading, and the mark of what was read there."""

    text: str
    seen: str


@dataclass(frozen=True, slots=True)
class UnmetInput:
    """What the unit says to a target that is not met, and the mark of what was read there.

    Without mark (None) the answer is written whatever stands there.
    """

    unmet_id: int
    cause: str
    measure: str
    responsible: str = ""
    due_on: date | None = None
    seen: str | None = None


@transaction.atomic
def open_reviews(
    *, cluster_year_id: int, opening: Opening, by: Acting, now: datetime
) -> list[Review]:
    """Freeze the accepted figures and open the report of every unit and of the cluster.

    At the year's end the score sheets are opened with the same figures.
    """
    year = ClusterYear.objects.select_for_update(of=("self",)).with_names().get(pk=cluster_year_id)
    kind = opening.kind
    window = review_window(year, kind)
    require(policies.may_open_reviews(place_of(by, year), year, kind, window, local_date(now)))
    _require_sound(opening)
    version = signed_version(year)
    if version is None:
        raise Invalid("Giao ước chưa chốt để ký nên chưa có chỉ tiêu để chốt số liệu.")
    members = members_of(year)
    figures = _figures(year, version, members, opening)
    reviews = [_open(year, version, m, figures[m.unit_id], opening, now) for m in members]
    whole = _cluster_figures(members, reviews, opening)
    reviews.append(_open(year, version, None, whole, opening, now))
    if kind is ReviewKind.MIDYEAR:
        year_workflow.begin_midyear(cluster_year_id=year.pk, by=by, now=now)
    else:
        year_workflow.begin_yearend(cluster_year_id=year.pk, by=by, now=now)
        rules = rules_in_use(year)
        sheet_workflow.open_sheets(
            cluster_year_id=year.pk,
            bases={unit: bases_of(version, rows, rules) for unit, rows in figures.items()},
            appraisers={m.unit_id: judge_of(members, m.unit_id) for m in members},
            by=by,
            now=now,
        )
    audit.record(
        "pledges.reviews_opened",
        year,
        by=by,
        now=now,
        cluster_year_id=year.pk,
        change=Change(
            after={
                "kind": kind.label.lower(),
                "until": opening.until.isoformat(),
                "share": str(opening.share),
                "figures": {str(r): r.figures_hash for r in reviews},
            }
        ),
    )
    return reviews


def _require_sound(opening: Opening) -> None:
    if not Decimal(0) < opening.share <= Decimal(1):
        raise Invalid("Mốc so sánh là số phần trăm trên 0 đến 100.", field="share")
    if opening.due_on < opening.until:
        raise Invalid("Hạn nộp báo cáo không trước ngày chốt số liệu.", field="due_on")


def _figures(
    year: ClusterYear, version: PledgeVersion, members: list[Membership], opening: Opening
) -> dict[int, dict[str, Any]]:
    units = [m.unit_id for m in members]
    pledged, cells, periods = pledged_by(version, units), cells_of(year, units), periods_of(year)
    freeze = Freeze(opening.until, opening.milestone)
    return {unit: snapshot(pledged[unit], cells[unit], periods, freeze) for unit in units}


def _cluster_figures(
    members: list[Membership], reviews: list[Review], opening: Opening
) -> dict[str, Any]:
    """The cluster's report stands on the frozen figures of its units, named by their hashes."""
    return {
        "schema": 1,
        "until": opening.until.isoformat(),
        "share": str(opening.share),
        "units": [
            {"code": m.unit.code, "name": m.unit.name, "short_name": m.unit.short_name,
             "role": m.role, "figures_hash": review.figures_hash}
            for m, review in zip(members, reviews, strict=True)
        ],
    }  # fmt: skip


def _open(
    year: ClusterYear,
    version: PledgeVersion,
    member: Membership | None,
    figures: dict[str, Any],
    opening: Opening,
    now: datetime,
) -> Review:
    outline = outline_for(version, opening.kind, cluster=member is None)
    review = Review.objects.create(
        cluster_year=year,
        kind=opening.kind,
        unit=member.unit if member else None,
        opened_at=now,
        figures_until=opening.until,
        figures=figures,
        figures_hash=sha256_of(figures),
        due_on=opening.due_on,
        outline=[heading.as_json() for heading in outline],
    )
    if member is not None:
        keys = unmet_keys(figures)
        targets = {t.key: t for t in Target.objects.filter(version=version, key__in=keys)}
        UnmetTarget.objects.bulk_create(
            UnmetTarget(review=review, target=targets[key]) for key in keys
        )
    return review


@transaction.atomic
def write(
    *,
    review_id: int,
    sections: Mapping[str, SectionInput],
    unmet: Sequence[UnmetInput] = (),
    by: Acting,
    now: datetime,
) -> Review:
    """Keep what was written under headings and beside unmet targets.

    Raises `Conflict` when somebody else wrote at one of these places since it was read; `current`
    names a heading by its key and an unmet target by ``unmet-<pk>-<field>``.
    """
    review = locked_review(review_id)
    require(policies.may_write(standing_of(review, by, local_date(now))))
    known = {row["key"] for row in review.outline if row["is_written"]}
    if not set(sections) <= known:
        raise Invalid("Có mục không thuộc đề cương của báo cáo này. Tải lại trang rồi viết lại.")
    stored = _stored_unmet(review, unmet)
    _require_unchanged(review, sections, [(stored[row.unmet_id], row) for row in unmet])
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for key, section in sections.items():
        old = review.sections.get(key, "")
        if section.text != old:
            before[key], after[key] = old, section.text
            review.sections[key] = section.text
    for row in unmet:
        _write_unmet(stored[row.unmet_id], row, before, after)
    if after:
        review.revision += 1
        review.save(update_fields=["sections", "revision"])
        _record("pledges.review_saved", review, by=by, now=now, change=Change(before, after))
    return review


#: What a unit writes to an unmet target.
UNMET_FIELDS = ("cause", "measure", "responsible", "due_on")


def _stored_unmet(review: Review, rows: Sequence[UnmetInput]) -> dict[int, UnmetTarget]:
    """Return the unmet targets by key; they are read under the lock of the review."""
    stored = {row.pk: row for row in review.unmet.select_related("target")} if rows else {}
    if not {row.unmet_id for row in rows} <= set(stored):
        raise Invalid("Chỉ tiêu này không thuộc danh sách chưa đạt của báo cáo.")
    return stored


def _require_unchanged(
    review: Review,
    sections: Mapping[str, SectionInput],
    unmet: Sequence[tuple[UnmetTarget, UnmetInput]],
) -> None:
    changed = {
        key: review.sections.get(key, "")
        for key, section in sections.items()
        if section_mark(review.sections.get(key, "")) != section.seen
        and review.sections.get(key, "") != section.text
    }
    for stored, row in unmet:
        old, new = _words_of(stored), _words_of(row)
        if row.seen is not None and row.seen != unmet_mark(stored) and old != new:
            changed |= {f"unmet-{stored.pk}-{name}": text for name, text in old.items()}
    if changed:
        raise Conflict(
            "Người khác vừa sửa mục này sau khi bạn mở trang nên chưa ghi. "
            "So phần bạn viết với phần đang lưu rồi gửi lại.",
            changed,
        )


def _words_of(row: UnmetTarget | UnmetInput) -> dict[str, str]:
    return {name: str(getattr(row, name) or "") for name in UNMET_FIELDS}


def _write_unmet(
    stored: UnmetTarget, row: UnmetInput, before: dict[str, Any], after: dict[str, Any]
) -> None:
    old, new = _words_of(stored), _words_of(row)
    if old != new:
        for name in UNMET_FIELDS:
            setattr(stored, name, getattr(row, name))
        stored.save(update_fields=UNMET_FIELDS)
        before[stored.target.key], after[stored.target.key] = old, new


@transaction.atomic
def hand_over(*, review_id: int, by: Acting, now: datetime) -> Review:
    """Lay the report before the head of the writing unit."""
    review = locked_review(review_id)
    require(policies.may_hand_over(standing_of(review, by, local_date(now))))
    review.ready_at = now
    review.save(update_fields=["ready_at"])
    _record("pledges.review_handed_over", review, by=by, now=now)
    return review


@transaction.atomic
def submit(*, review_id: int, seen: int, by: Acting, now: datetime) -> Review:
    """Submit the report as read; from now on it is with who decides."""
    review = locked_review(review_id)
    require(policies.may_submit(standing_of(review, by, local_date(now))))
    _require_same(seen, review)
    old = review.status
    _move(review, RS.SUBMITTED)
    if not review.number:
        year = review.cluster_year
        number = clusters_operations.reserve_number(cluster_year=year, symbol=SYMBOL)
        review.number = f"{number:02d}/{SYMBOL}-{year.cluster.symbol}"
        review.days_late = days_late(window_for(review), local_date(now))
    review.submitted_at, review.submitted_by_id, review.seen_at = now, by.user_id, None
    review.revision += 1
    review.save()
    _record(
        "pledges.review_submitted",
        review,
        by=by,
        now=now,
        change=Change(
            {"status": old},
            {"status": review.status, "number": review.number, "days_late": review.days_late},
        ),
    )
    return review


@transaction.atomic
def mark_seen(*, review_id: int, by: Acting, now: datetime) -> None:
    """Note that who decides has opened the report; told to the writer, no event of its own."""
    review = locked_review(review_id)
    if review.seen_at is None and policies.may_decide(standing_of(review, by, local_date(now))):
        review.seen_at = now
        review.save(update_fields=["seen_at"])


@transaction.atomic
def give_back(*, review_id: int, seen: int, reason: str, by: Acting, now: datetime) -> Review:
    """Return the report with a reason."""
    review = locked_review(review_id)
    require(policies.may_decide(standing_of(review, by, local_date(now))))
    _require_same(seen, review)
    if not reason:
        raise Invalid("Nêu lý do trả lại để đơn vị biết phải sửa gì.", field="reason")
    _move(review, RS.RETURNED)
    review.returned_at, review.return_reason = now, reason
    review.decided_by_id, review.ready_at = by.user_id, None
    review.revision += 1
    review.save()
    change = Change({"status": "SUBMITTED"}, {"status": "RETURNED"}, reason)
    _record("pledges.review_returned", review, by=by, now=now, change=change)
    return review


@transaction.atomic
def accept(*, review_id: int, seen: int, by: Acting, now: datetime) -> Review:
    """Accept the report as read; with the cluster's mid-year report the year runs on."""
    review = locked_review(review_id)
    require(policies.may_decide(standing_of(review, by, local_date(now))))
    _require_same(seen, review)
    _move(review, RS.ACCEPTED)
    review.accepted_at, review.decided_by_id = now, by.user_id
    review.save()
    if review.unit_id is None and review.kind == ReviewKind.MIDYEAR:
        year_workflow.end_midyear(cluster_year_id=review.cluster_year_id, by=by, now=now)
    change = Change({"status": "SUBMITTED"}, {"status": "ACCEPTED", "number": review.number})
    _record("pledges.review_accepted", review, by=by, now=now, change=change)
    return review


def _require_same(seen: int, review: Review) -> None:
    """Refuse to decide on something else than what was read."""
    if seen != review.revision:
        raise Conflict(
            "Báo cáo đã thay đổi sau khi bạn mở trang nên chưa ghi nhận. "
            "Đọc lại nội dung hiện nay bên dưới rồi quyết định lại."
        )


def _move(review: Review, to: ReviewStatus) -> None:
    old = RS(review.status)
    if to not in TRANSITIONS[old]:
        message = f"No transition {old} → {to}"
        raise RuntimeError(message)
    review.status = to


def _record(
    action: str, review: Review, *, by: Acting, now: datetime, change: Change | None = None
) -> None:
    audit.record(
        action, review, by=by, now=now, cluster_year_id=review.cluster_year_id, change=change
    )
