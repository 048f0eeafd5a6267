"""What objections ask of a person: finish, send, decide; what others hold."""

from datetime import date, datetime

from django.urls import reverse

from clusters.acting import Acting
from clusters.calendar import is_open, local_date
from clusters.models import Stage, YearStatus
from core.inbox import Work, asked_in
from core.text import clip
from scoring.models import Objection, ObjectionStatus
from scoring.policies.objection import OPEN_YEAR
from scoring.queries.objection import (
    about_of,
    extensions_in,
    newest_of,
    objections_with_names,
    window_for,
)

OS = ObjectionStatus
#: Of the name of a criterion and of a text so much stands in the inbox.
_ABOUT, _QUOTED = 70, 160


@asked_in(OPEN_YEAR)
def work_waiting(acting: Acting, now: datetime) -> list[Work]:
    """Return the rows of objections for one person; four statements for any number."""
    if not (acting.is_officer or acting.is_head or acting.is_organiser):
        return []
    rows = objections_with_names().visible_to(acting).filter(
        status__in=[OS.DRAFT, OS.SENT], cluster_year__status__in=OPEN_YEAR
    )  # fmt: skip
    if not acting.is_organiser:
        rows = rows.filter(unit=acting.unit_id)
    found = list(rows.order_by("number", "pk"))
    if not found:
        return []
    years = {row.cluster_year_id for row in found}
    if acting.is_organiser:
        due = _publishing_days(years)
        return [_to_decide(row, due.get(row.cluster_year_id)) for row in found]
    return _of_unit(found, years, acting, local_date(now))


def _of_unit(rows: list[Objection], years: set[int], acting: Acting, today: date) -> list[Work]:
    """Return what the own unit has to finish and send in time, and what the organiser has."""
    newest, extended = newest_of(years), extensions_in(years)
    found = []
    for row in rows:
        if row.status == OS.SENT:
            found.append(_held(row))
            continue
        publication = newest.get(row.cluster_year_id)
        until = extended.get((row.cluster_year_id, row.unit_id))
        window = window_for(publication, until) if publication else None
        if window and is_open(window, today):
            found.append(_draft(row, acting, window.closes_on))
    return found


def _draft(row: Objection, acting: Acting, due: date | None) -> Work:
    is_ready = row.ready_at is not None
    if acting.is_head:
        title, page, verb = f"Gửi kiến nghị về {_about(row)}", "objection_send", "Xem và gửi"
        waits_for = "" if is_ready else "Cán bộ thi đua"
        why = "Cán bộ đã trình." if is_ready else "Cán bộ đang soạn."
    else:
        title, page, verb = f"Soạn, trình kiến nghị về {_about(row)}", "objection", "Soạn tiếp"
        waits_for = "Lãnh đạo đơn vị" if is_ready else ""
        why = "Đã trình lãnh đạo." if is_ready else "Bản nháp, chưa trình lãnh đạo."
    return _work(row, title, why, page, verb, due, waits_for)


def _held(row: Objection) -> Work:
    title = f"Quyết định kiến nghị số {row.number} về {_about(row)}"
    holder = row.cluster_year.cluster.organiser.short_name
    return _work(row, title, "", "objection", "Xem", None, holder)


def _to_decide(row: Objection, due: date | None) -> Work:
    title = f"Quyết định kiến nghị số {row.number} của {row.unit.short_name}"
    why = f"Về {_about(row)}: “{clip(row.text, _QUOTED)}”"
    return _work(row, title, why, "objection_decide", "Xem và quyết định", due, "")


def _work(
    row: Objection, title: str, why: str, page: str, verb: str, due: date | None, waits_for: str
) -> Work:
    return Work(
        title=title,
        why=why,
        url=reverse(f"scoring:{page}", args=[row.cluster_year_id, row.pk]),
        verb=verb,
        icon="chat-square-quote-fill",
        cluster=str(row.cluster_year),
        due=due,
        waits_for=waits_for,
    )


def _about(row: Objection) -> str:
    said = about_of(row)
    return clip(said, _ABOUT) if row.line else said.lower()


def _publishing_days(years: set[int]) -> dict[int, date | None]:
    """Return when the official result is due: by then every objection is decided."""
    stages = Stage.objects.filter(cluster_year__in=years, kind=YearStatus.PUBLISHED)
    return dict(stages.order_by("order").values_list("cluster_year", "due_on"))
