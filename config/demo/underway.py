"""Two years that are under way today: one at mid-year, one in appraisal.

Each unit stands elsewhere, so that every account finds its own kind of work. The data tell days as
``@-20`` (twenty days before the loading) and the year as ``{năm}``.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from config.demo import evidence, replay, year
from config.demo.replay import Replay
from config.demo.year import Following, on_day
from pledges.models import ReviewKind, ReviewStatus
from pledges.workflow import progress, review
from pledges.workflow.progress import Finding
from pledges.workflow.review import Opening
from scoring.models import ScoreSheet
from scoring.workflow import sheet as sheets
from scoring.workflow.sheet import LineInput

_DAY = re.compile(r"@([+-]\d+)")
_YEAR = "{năm}"


def dated(data: dict[str, Any], today: date) -> dict[str, Any]:
    """Return the data with days and year as of today; the year is that of the cycle's last day."""
    ends = today + timedelta(days=int(data["cycle"]["period_end"][1:]))
    number = min(ends.year, today.year)
    found: dict[str, Any] = _dated(data, today, number)
    found["cycle"]["year"] = number
    return found


def _dated(value: Any, today: date, number: int) -> Any:  # noqa: ANN401 - any part of JSON
    if isinstance(value, dict):
        return {key: _dated(inner, today, number) for key, inner in value.items()}
    if isinstance(value, list):
        return [_dated(inner, today, number) for inner in value]
    if not isinstance(value, str):
        return value
    day = _DAY.fullmatch(value)
    if day:
        return (today + timedelta(days=int(day[1]))).isoformat()
    return value.replace(_YEAR, str(number))


def _begun(event: Replay) -> Following:
    """Open the year and bring its pledge to the last signature."""
    replay.open_year(event)
    replay.draft(event)
    replay.circulate(event, replay.at(event.day("DRAFTING") + timedelta(days=6), "09:00"))
    replay.agree_and_sign(event, replay.at(event.day("SIGNING") - timedelta(days=2), "09:00"))
    return year.after_signing(event)


# At mid-year -----------------------------------------------------------------------------------
def at_midyear(event: Replay) -> None:
    """Two quarters in all states, the half-year's figures frozen, reports in all states."""
    following = _begun(event)
    for code in ("nay-Q1", "nay-Q2"):
        for unit in event.members:
            _bring_progress(following, unit, code)
    first = on_day(event.data["progress"]["periods"][0]["due"], "17:00")
    replay.forget_notices(first, event.year)
    year.register_exemplars(following, on_day(event.data["progress"]["periods"][1]["to"], "09:00"))
    stage = event.day("MIDYEAR")
    until = date.fromisoformat(event.data["progress"]["periods"][1]["to"])
    held = year.Midyear(until, stage + timedelta(days=8), replay.at(stage, "08:00"))
    year.open_midyear(following, held)
    for row in event.data["midyear"]["reports"]:
        _bring_review(following, row, ReviewKind.MIDYEAR)


def _bring_progress(event: Following, unit: str, code: str) -> None:
    """Bring the report of a unit on a period to the state that the data tell."""
    facts = event.data["progress"]["submissions"][unit][code]
    moment, state = on_day(facts["submitted_on"], "15:12"), facts["state"]
    files = _files(event, lambda row: row["unit"] == unit and row.get("period") == code, moment)
    cells = [
        year.cell_input(event, target, value, evidence=files.get(target))
        for target, value in year.figures_reported(event, unit, code).items()
    ]
    # A unit that is late has only begun: its last targets are still empty.
    cells = cells[: len(cells) // 2] if state == "DRAFT" else cells
    period = event.periods[code]
    report = progress.save(
        period_id=period.pk, cells=cells, by=event.officer(unit), now=moment - timedelta(hours=2)
    )
    if state == "DRAFT":
        return
    report = year.submit_progress(event, unit, report, moment)
    hand: dict[str, Any] = {"report_id": report.pk, "by": event.judge(unit)}
    if state == "ACCEPTED":
        progress.accept(seen=report.revision, now=moment + timedelta(hours=18), **hand)
    if state == "RETURNED":
        case = next(c for c in event.data["progress"]["cases"] if c["unit"] == unit)
        progress.give_back(
            seen=report.revision, reason="Đề nghị kiểm tra lại số liệu đã nhập",
            findings=[Finding(event.targets[case["target"]].pk, case["reason"])],
            now=on_day(case["returned_on"], "10:14"), **hand,
        )  # fmt: skip


def _bring_review(event: Following, row: dict[str, Any], kind: ReviewKind) -> None:
    """Bring the report of a unit to the state that the data tell."""
    unit, moment = row["unit"], on_day(row["submitted_on"], "10:00")
    report = year.review_of(event, unit, kind)
    report = year.write_review(event, report, row["sections"], event.officer(unit), moment)
    moment += timedelta(hours=1)
    if row["state"] == "READY":
        review.hand_over(review_id=report.pk, by=event.officer(unit), now=moment)
        return
    report = review.submit(
        review_id=report.pk, seen=report.revision, by=event.head(unit), now=moment
    )
    moment += timedelta(hours=3)
    hand: dict[str, Any] = {
        "review_id": report.pk, "seen": report.revision, "by": event.judge(unit), "now": moment,
    }  # fmt: skip
    if row["state"] == ReviewStatus.ACCEPTED:
        review.accept(**hand)
    if row["state"] == ReviewStatus.RETURNED:
        review.give_back(reason=row["reason"], **hand)


def _files(
    event: Following, wanted: Callable[[dict[str, Any]], bool], now: datetime
) -> dict[str, tuple[int, ...]]:
    """Put the files of the data that are wanted into the store, by what they prove."""
    return {
        row.get("target") or row["criterion"]: (
            evidence.put_forward(event, row, now - timedelta(hours=3)),
        )
        for row in event.data["evidence"]
        if wanted(row)
    }


# In appraisal ----------------------------------------------------------------------------------
def in_appraisal(event: Replay) -> None:
    """A whole year of progress; score sheets of six units in six states."""
    following = _begun(event)
    year.report_progress(following)
    facts = event.data["yearend"]
    until, due_on = (date.fromisoformat(facts[key]) for key in ("figures_until", "due_on"))
    opened = on_day(facts["opened_on"], "08:00")
    year.register_exemplars(following, opened - timedelta(days=20))
    replay.forget_notices(opened - timedelta(hours=1), event.year)
    opening = Opening(ReviewKind.YEAREND, until, due_on, share=Decimal(1))
    review.open_reviews(
        cluster_year_id=following.year.pk, opening=opening, by=event.lead, now=opened
    )
    for row in facts["reports"]:
        _bring_review(following, row, ReviewKind.YEAREND)
    said = event.data["score_sheets"]
    for unit, row in said["states"].items():
        _bring_sheet(following, unit, row, said["claims"][unit])


def _bring_sheet(
    event: Following, unit: str, row: dict[str, Any], claims: dict[str, dict[str, Any]]
) -> None:
    """Bring the sheet of a unit to the state that the data tell."""
    state, moment = row["state"], on_day(row["submitted_on"], "09:00")
    if state == "SELF_SCORING":
        claims = dict(list(claims.items())[: len(claims) // 2])
    files = _files(event, lambda one: one["unit"] == unit, moment)
    sheet = year.claim(event, unit, claims, moment, files)
    if state == "SELF_SCORING":
        return
    moment += timedelta(hours=5)
    sheet = sheets.submit(sheet_id=sheet.pk, seen=sheet.revision, by=event.head(unit), now=moment)
    if state == "SUBMITTED":
        return
    moment += timedelta(days=2)
    judge = event.judge(unit)
    sheet = sheets.take_up(sheet_id=sheet.pk, by=judge, now=moment)
    first = _first(event, unit, sheet)
    if state == "APPRAISING":
        half = first[: len(first) // 2]
        sheets.appraise(sheet_id=sheet.pk, lines=half, by=judge, now=moment + timedelta(hours=1))
        return
    sheet = sheets.appraise(
        sheet_id=sheet.pk, lines=first, by=judge, now=moment + timedelta(hours=3)
    )
    sheet = sheets.finish_first(
        sheet_id=sheet.pk, seen=sheet.revision, by=judge, now=moment + timedelta(hours=4)
    )
    if state == "SECOND_APPRAISAL":
        _explain(event, unit, sheet, moment + timedelta(days=1))


def _first(event: Following, unit: str, sheet: ScoreSheet) -> list[LineInput]:
    """Agree with the claims of a sheet but where the data say otherwise, and why."""
    said = {
        row["criterion"]: row for row in event.data["score_sheets"]["lines"] if row["unit"] == unit
    }
    found = []
    for line in year.lines_of(sheet):
        row = said.get(line.criterion.code, {})
        figure = row.get("appraisal_1") or line.claimed or {}
        found.append(LineInput(line.pk, figure, row.get("appraisal_1_reason", "")))
    return found


def _explain(event: Following, unit: str, sheet: ScoreSheet, now: datetime) -> None:
    for row in event.data["score_sheets"]["lines"]:
        if row["unit"] == unit:
            line = sheet.lines.get(criterion__code=row["criterion"])
            sheets.explain(
                sheet_id=sheet.pk, line_id=line.pk, text=row["explanation"]["text"], seen="",
                by=event.officer(unit), now=now,
            )  # fmt: skip
    sheets.finish_explaining(sheet_id=sheet.pk, by=event.head(unit), now=now + timedelta(hours=1))


#: The files of the living years and how each is walked.
YEARS: dict[str, Callable[[Replay], None]] = {
    "living-midyear.json": at_midyear,
    "living-appraisal.json": in_appraisal,
}
