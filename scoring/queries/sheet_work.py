"""What score sheets ask of a person: score, submit, mend, explain, appraise; what others hold."""

from datetime import date, datetime

from django.db.models import Count, F, Q
from django.urls import reverse

from clusters.acting import Acting
from clusters.calendar import local_date
from clusters.models import Extension, Stage, YearStatus
from core.inbox import Work, asked_in
from core.text import clip
from scoring.models import ScoreSheet, SheetStatus
from scoring.policies.sheet import OPEN_YEAR
from scoring.queries.sheet import sheets_with_names

SS = SheetStatus
#: A reason is quoted so far in the inbox.
QUOTED = 160


@asked_in(OPEN_YEAR)
def work_waiting(acting: Acting, now: datetime) -> list[Work]:
    """Return the rows of score sheets for one person; three statements for any number."""
    if not (acting.is_officer or acting.is_head or acting.is_organiser):
        return []
    sheets = list(
        sheets_with_names()
        .visible_to(acting)
        .filter(cluster_year__status__in=OPEN_YEAR)
        .exclude(status=SS.FINAL)
        .annotate(
            total=Count("lines"),
            claimed=Count("lines__claimed"),
            appraised=Count("lines__first"),
            decided=Count("lines__second"),
            back=Count("lines", filter=Q(lines__returned_at=F("returned_at"))),
        )
        .order_by("cluster_year", "unit__code")
    )
    if not sheets:
        return []
    dues = _dues(sheets, acting, local_date(now))
    rows = [_row(sheet, acting, dues) for sheet in sheets]
    return [row for row in rows if row is not None]


def _dues(
    sheets: list[ScoreSheet], acting: Acting, today: date
) -> dict[tuple[int, str], date | None]:
    """Return the last day of each kind of stage, the person's own extensions included."""
    stages = Stage.objects.filter(cluster_year__in=[sheet.cluster_year_id for sheet in sheets])
    extended = Extension.objects.filter(stage__in=stages, unit=acting.unit_id).order_by("until")
    until = dict(extended.values_list("stage_id", "until"))
    found: dict[tuple[int, str], date | None] = {}
    for stage in stages.order_by("order"):
        key = (stage.cluster_year_id, str(stage.kind))
        if stage.opens_on <= today or key not in found:
            last = until.get(stage.pk)
            found[key] = max(stage.due_on, last) if stage.due_on and last else stage.due_on
    return found


def _row(
    sheet: ScoreSheet, acting: Acting, dues: dict[tuple[int, str], date | None]
) -> Work | None:
    """Return the one row a sheet makes for a person: of the own unit, or as who appraises."""
    is_own = sheet.unit_id == acting.unit_id and not acting.is_organiser
    facts = _own(sheet, acting) if is_own else _judged(sheet, acting)
    if facts is None:
        return None
    title, why, page, verb, icon, waits_for = facts
    with_unit = sheet.status in (SS.SELF_SCORING, SS.RETURNED)
    kind = YearStatus.YEAREND if with_unit else YearStatus.APPRAISING
    due = dues.get((sheet.cluster_year_id, str(kind)))
    return Work(
        title=title,
        why=why,
        url=reverse(f"scoring:{page}", args=[sheet.cluster_year_id, sheet.pk]),
        verb=verb,
        icon=icon,
        cluster=str(sheet.cluster_year),
        due=None if sheet.status == SS.RETURNED else due,
        waits_for=waits_for,
    )


#: Title, why, page, verb, icon, who else has it.
_Facts = tuple[str, str, str, str, str, str]


def _own(sheet: ScoreSheet, acting: Acting) -> _Facts | None:
    """Say what the own unit has to do, or who has its sheet."""
    facts = vars(sheet)
    if sheet.status in (SS.SELF_SCORING, SS.RETURNED):
        return _with_unit(sheet, acting)
    if sheet.status == SS.EXPLAINING:
        why = "Thẩm định lần một đã xong; giải trình những tiêu chí chấm khác rồi gửi."
        return ("Giải trình kết quả thẩm định", why, "sheet_explain", "Giải trình",
                "chat-square-quote-fill", "")  # fmt: skip
    if sheet.status in (SS.SUBMITTED, SS.APPRAISING):
        why = f"Đã thẩm định {facts['appraised']}/{facts['total']} tiêu chí."
        if sheet.status == SS.SUBMITTED:
            why = "Chưa ai xem."
        return _held(sheet, "Thẩm định phiếu tự chấm", why, _judge(sheet))
    if sheet.status == SS.SECOND_APPRAISAL:
        return _held(sheet, "Thẩm định lần hai phiếu chấm điểm", "", _organiser(sheet))
    return None


def _with_unit(sheet: ScoreSheet, acting: Acting) -> _Facts:
    facts = vars(sheet)
    if sheet.status == SS.RETURNED:
        title = f"Chấm lại {facts['back']} tiêu chí bị trả lại"
        why, verb, icon = f"“{clip(sheet.return_reason, QUOTED)}”", "Chấm lại", "arrow-return-left"
    else:
        title = f"Tự chấm điểm {sheet.cluster_year.cycle}"
        why = f"Đã chấm {facts['claimed']}/{facts['total']} tiêu chí."
        verb, icon = "Chấm tiếp", "calculator"
    if sheet.ready_at is None:
        return (title, why, "sheet", verb, icon, "" if acting.is_officer else "Cán bộ thi đua")
    if acting.is_head:
        return ("Nộp phiếu tự chấm điểm", f"Cán bộ đã trình. {why}", "sheet_submit", "Xem và nộp",
                "send", "")  # fmt: skip
    return (title, f"Đã trình lãnh đạo. {why}", "sheet", "Xem", icon, "Lãnh đạo đơn vị")


def _judged(sheet: ScoreSheet, acting: Acting) -> _Facts | None:
    """Say what who appraises has to do, first or second."""
    is_judge = acting.is_organiser if sheet.appraiser_id is None else not acting.is_organiser
    found = _first(sheet) if is_judge else None
    return _second(sheet) if found is None and acting.is_organiser else found


def _first(sheet: ScoreSheet) -> _Facts | None:
    facts, unit = vars(sheet), sheet.unit.short_name
    title = f"Thẩm định phiếu của {unit}"
    if sheet.status == SS.SUBMITTED:
        late = f", muộn {sheet.days_late} ngày" if sheet.days_late else ""
        why = f"Phiếu số {sheet.number}{late}. Chưa bắt đầu thẩm định."
        return (title, why, "appraisal", "Thẩm định", "search", "")
    if sheet.status == SS.APPRAISING:
        why = f"Đã thẩm định {facts['appraised']}/{facts['total']} tiêu chí."
        return (title, why, "appraisal", "Thẩm định tiếp", "search", "")
    if sheet.status == SS.RETURNED:
        why = f"Đã trả lại {facts['back']} tiêu chí."
        return (f"Chấm lại phiếu của {unit}", why, "sheet", "Xem", "arrow-return-left", unit)
    return None


def _second(sheet: ScoreSheet) -> _Facts | None:
    facts, unit = vars(sheet), sheet.unit.short_name
    if sheet.status == SS.EXPLAINING:
        title = f"Giải trình phiếu của {unit}"
        return (title, "", "sheet_explain", "Xem", "chat-square-quote-fill", unit)
    if sheet.status != SS.SECOND_APPRAISAL:
        return None
    title, verb, icon = f"Thẩm định lần hai phiếu của {unit}", "Thẩm định", "search"
    why = f"Đã thẩm định lần hai {facts['decided']}/{facts['total']} tiêu chí."
    if facts["decided"] == facts["total"]:
        title, verb, icon = f"Duyệt phiếu của {unit}", "Duyệt", "patch-check"
    return (title, why, "appraisal", verb, icon, "")


def _held(sheet: ScoreSheet, title: str, why: str, holder: str) -> _Facts:
    return (f"{title} số {sheet.number}", why, "sheet", "Xem", "hourglass-split", holder)


def _judge(sheet: ScoreSheet) -> str:
    return sheet.appraiser.short_name if sheet.appraiser else _organiser(sheet)


def _organiser(sheet: ScoreSheet) -> str:
    return sheet.cluster_year.cluster.organiser.short_name
