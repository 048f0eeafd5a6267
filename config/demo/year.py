"""Replay of what follows the signing: progress, reviews, score sheets, runs, publication."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from clusters import operations as clusters_operations
from clusters.acting import Acting
from clusters.calendar import LOCAL, local_date
from clusters.models import ClusterYear, Period
from config.demo.registry import read
from config.demo.replay import Replay, at
from core.text import parse_date
from pledges.models import (
    Exemplar,
    ProgressReport,
    Review,
    ReviewKind,
    Target,
)
from pledges.operations import exemplars
from pledges.queries.progress import cells_of, entry_mark, signed_version
from pledges.queries.review import section_mark
from pledges.workflow import progress, review
from pledges.workflow.progress import CellInput, Finding
from pledges.workflow.review import Opening, SectionInput, UnmetInput
from scoring.figures import OWN
from scoring.models import Objection, RunKind, ScoreLine, ScoreSheet, ScoringRun
from scoring.workflow import objection as objections
from scoring.workflow import run as runs
from scoring.workflow import sheet as sheets
from scoring.workflow.objection import Plea, Ruling
from scoring.workflow.sheet import LineInput

#: Days after the signing by which the months before it are reported.
CAUGHT_UP = 3


@dataclass
class Following:
    """An event being replayed after its pledge was signed."""

    event: Replay
    year: ClusterYear
    targets: dict[str, Target]
    periods: dict[str, Period]
    signed_on: date

    @property
    def data(self) -> dict[str, Any]:
        """Return the data of the event."""
        return self.event.data

    def officer(self, code: str) -> Acting:
        """Return the officer of a unit."""
        return self.event.registry.officer(code)

    def head(self, code: str) -> Acting:
        """Return the head of a unit."""
        return self.event.registry.head(code)

    def judge(self, code: str) -> Acting:
        """Return who judges the work of a unit: the lead's officer, for the lead the deputy's."""
        return self.officer(self.data["deputy"] if code == self.data["lead"] else self.data["lead"])

    @property
    def organiser(self) -> Acting:
        """Return who acts for the standing body."""
        return self.event.registry.organiser(self.data["organiser"])


def after_signing(event: Replay) -> Following:
    """Gather what the replay of the rest of the year needs."""
    year = event.year
    version = signed_version(year) if year else None
    if year is None or version is None or version.frozen_at is None:
        message = "The pledge is signed first."
        raise RuntimeError(message)
    codes = [row["code"] for row in event.data["targets"]]
    targets = version.targets.order_by("order")
    periods = year.periods.order_by("order")
    rows = event.data.get("progress", {}).get("periods", [])
    return Following(
        event,
        ClusterYear.objects.with_names().get(pk=year.pk),
        dict(zip(codes, targets, strict=True)),
        {row["code"]: period for row, period in zip(rows, periods, strict=False)},
        local_date(version.frozen_at),
    )


# Progress ------------------------------------------------------------------------------------
def report_progress(
    event: Following,
    *,
    after: str = "",
    until: str = "~",
    decided_after: timedelta = timedelta(days=2),
) -> None:
    """Let every unit report the periods after one up to another, by their codes.

    With what was returned, corrected, late and missing. Where the data do not say when a report
    was accepted it is `decided_after` it came.
    """
    codes = [code for code in event.periods if after < code <= until]
    for row in event.data.get("extensions", []):
        if row["state"] == "GRANTED" and row["period"] in codes:
            clusters_operations.extend_period(
                period_id=event.periods[row["period"]].pk,
                unit_id=event.event.registry.units[row["unit"]].pk,
                until=date.fromisoformat(row["granted_until"]),
                reason=row["reason"],
                by=event.organiser,
                now=at(date.fromisoformat(row["asked_on"]), "15:00"),
            )
    for code in codes:
        for unit in event.event.members:
            _report(event, unit, code, decided_after)
    for case in _cases(event, "correction"):
        if case["period"] in codes:
            _correct(event, case)


def _cases(event: Following, kind: str) -> Iterator[dict[str, Any]]:
    return (c for c in event.data["progress"].get("cases", []) if c["kind"] == kind)


def _report(event: Following, unit: str, code: str, decided_after: timedelta) -> None:
    """Enter, submit and decide one report; returned cells carry the figure first typed."""
    period = event.periods[code]
    facts = event.data["progress"].get("submissions", {}).get(unit, {}).get(code, {})
    moment = _submitted_at(event, facts, period)
    wrong = {
        case["target"]: case
        for kind in ("returned", "implausible", "correction")
        for case in _cases(event, kind)
        if case["unit"] == unit and case["period"] == code
    }
    figures = figures_reported(event, unit, code)
    first = {
        target: wrong[target]["first_value"] if target in wrong else value
        for target, value in figures.items()
    }
    report = progress.save(
        period_id=period.pk,
        cells=[cell_input(event, target, value) for target, value in first.items()],
        by=event.officer(unit),
        now=moment - timedelta(hours=2),
    )
    report = submit_progress(event, unit, report, moment)
    returned = {t: case for t, case in wrong.items() if case.get("returned_on")}
    if returned:
        report = _mend(event, unit, report, returned)
        moment = on_day(next(iter(returned.values()))["corrected_on"], "16:00")
    accepted = facts.get("accepted_on")
    later = on_day(accepted, "10:00") if accepted else moment + decided_after
    progress.accept(
        report_id=report.pk, seen=report.revision, by=event.judge(unit),
        now=max(later, moment + timedelta(hours=1)),
    )  # fmt: skip


def _submitted_at(event: Following, facts: dict[str, Any], period: Period) -> datetime:
    """Return when a report came: on its day, or after the signing for what was over by then."""
    planned = facts.get("submitted_on")
    day = date.fromisoformat(planned) if planned else period.due_on - timedelta(days=1)
    first = event.signed_on + timedelta(days=CAUGHT_UP + facts.get("late_days", 0) * 2)
    return at(max(day, first), "15:12")


def figures_reported(event: Following, unit: str, code: str) -> dict[str, str | None]:
    """Return what a unit reports for a period, target by target; null was never entered."""
    found = event.data["progress"]["values"].get(unit, {})
    return {target: values[code] for target, values in found.items() if values.get(code)}


def cell_input(
    event: Following, target: str, value: str | None, seen: str = "", **more: Any
) -> CellInput:
    """Return what a unit types into the cell of a target, named by its code in the data."""
    row = event.targets[target]
    is_number = row.kind == Target.Kind.NUMERIC
    return CellInput(
        row.pk,
        value=Decimal(value) if is_number and value is not None else None,
        text="" if is_number else value or "",
        seen=seen,
        **more,
    )


def submit_progress(
    event: Following, unit: str, report: ProgressReport, now: datetime
) -> ProgressReport:
    """Submit a report as the head of its unit."""
    return progress.submit(report_id=report.pk, seen=report.revision, by=event.head(unit), now=now)


def _mend(
    event: Following, unit: str, report: ProgressReport, cases: dict[str, dict[str, Any]]
) -> ProgressReport:
    """Return the report with its reasons, and let the unit enter the cells again."""
    findings = [Finding(event.targets[t].pk, case["reason"]) for t, case in cases.items()]
    first = next(iter(cases.values()))
    report = progress.give_back(
        report_id=report.pk, seen=report.revision, reason="Đề nghị kiểm tra lại số liệu đã nhập",
        findings=findings, by=event.judge(unit), now=on_day(first["returned_on"], "10:14"),
    )  # fmt: skip
    cells = []
    for target, case in cases.items():
        seen = _seen(event, unit, report.period, target)
        note = case.get("answer", "")
        cells.append(cell_input(event, target, case["corrected_value"], seen, note=note))
    now = on_day(first["corrected_on"], "14:00")
    report = progress.save(period_id=report.period_id, cells=cells, by=event.officer(unit), now=now)
    return submit_progress(event, unit, report, now + timedelta(hours=1))


def _seen(event: Following, unit: str, period: Period, target: str) -> str:
    pk = event.event.registry.units[unit].pk
    cell = cells_of(event.year, [pk])[pk].get((event.targets[target].key, period.pk))
    return entry_mark(cell.current if cell else None)


def _correct(event: Following, case: dict[str, Any]) -> None:
    """Correct an accepted figure by a slip of its own."""
    unit, period = case["unit"], event.periods[case["period"]]
    now = on_day(case["corrected_on"], "09:00")
    report = ProgressReport.objects.get(
        unit=event.event.registry.units[unit], period=period, part=1
    )
    slip = progress.start_correction(report_id=report.pk, by=event.officer(unit), now=now)
    cell = cell_input(event, case["target"], case["corrected_value"], reason=case["reason"])
    slip = progress.save(
        period_id=period.pk, cells=[cell], part=slip.part, by=event.officer(unit), now=now
    )
    slip = submit_progress(event, unit, slip, now + timedelta(hours=1))
    progress.accept(
        report_id=slip.pk, seen=slip.revision, by=event.judge(unit), now=now + timedelta(hours=3)
    )


# Reviews -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Midyear:
    """When the half-year's figures are frozen, and against what they are held."""

    until: date
    due_on: date
    now: datetime
    #: Codes of rates of a whole year's plan, and of targets that fall into the second half.
    planned: frozenset[str] = frozenset()
    not_due: frozenset[str] = frozenset()


def open_midyear(event: Following, midyear: Midyear) -> None:
    """Freeze the half-year's figures as the lead."""
    opening = Opening(
        ReviewKind.MIDYEAR,
        midyear.until,
        midyear.due_on,
        share=Decimal("0.5"),
        proportional=frozenset(event.targets[code].key for code in midyear.planned),
        not_due=frozenset(event.targets[code].key for code in midyear.not_due),
    )
    review.open_reviews(
        cluster_year_id=event.year.pk, opening=opening, by=event.event.lead, now=midyear.now
    )


def hold_midyear(event: Following) -> None:
    """Let every unit report, the judges accept, and the cluster's report be accepted."""
    midyear = event.data["midyear"]
    returned = {row["unit"]: row for row in midyear.get("returned") or []}
    for row in midyear["reports"]:
        unit, day = row["unit"], row["submitted_on"]
        report = review_of(event, unit)
        report = write_review(
            event, report, row["sections"], event.officer(unit), on_day(day, "10:00")
        )
        report = review.submit(
            review_id=report.pk, seen=report.revision, by=event.head(unit), now=on_day(day, "16:00")
        )
        now = on_day(day, "16:00")
        if unit in returned:
            now = on_day(returned[unit]["returned_on"], "09:30")
            report = review.give_back(
                review_id=report.pk, seen=report.revision, reason=returned[unit]["reason"],
                by=event.judge(unit), now=now,
            )  # fmt: skip
            now += timedelta(hours=4)
            report = review.submit(
                review_id=report.pk, seen=report.revision, by=event.head(unit), now=now
            )
        review.accept(
            review_id=report.pk, seen=report.revision, by=event.judge(unit),
            now=now + timedelta(hours=1),
        )  # fmt: skip
    _conclude(event)


def review_of(event: Following, unit: str | None, kind: ReviewKind = ReviewKind.MIDYEAR) -> Review:
    """Return the report of a unit; without unit the cluster's own."""
    return Review.objects.get(
        cluster_year=event.year,
        kind=kind,
        unit=event.event.registry.units[unit] if unit else None,
    )


def write_review(
    event: Following, report: Review, texts: dict[str, str], by: Acting, now: datetime
) -> Review:
    """Write the sections of the data under the headings of the adopted outline."""
    sections = {
        row["key"]: SectionInput(_text(row, texts, report), section_mark(""))
        for row in report.outline
        if row["is_written"]
    }
    said_of = event.data.get("midyear", {}).get("unmet") or []
    facts = {(u["unit"], u["target"]): u for u in said_of}
    codes = {target.key: code for code, target in event.targets.items()}
    unmet = []
    for one in report.unmet.select_related("target"):
        code = codes[one.target.key]
        said = facts.get((report.unit.code if report.unit else "", code), {})
        due = said.get("due")
        unmet.append(
            UnmetInput(
                one.pk,
                said.get("cause") or "Tiến độ một số việc theo kế hoạch còn chậm",
                said.get("measure") or "Rà soát, giao từng bộ phận; kiểm điểm hằng tháng",
                said.get("responsible") or "Chỉ huy đơn vị",
                date.fromisoformat(due) if due else _six_months_on(report.figures_until),
            )
        )
    return review.write(review_id=report.pk, sections=sections, unmet=unmet, by=by, now=now)


def _text(row: dict[str, Any], texts: dict[str, str], report: Review) -> str:
    """Return the text of the data for a heading; what the data leave out is said plainly."""
    code = row["code"] or "0"
    if code in texts:
        return texts[code]
    if code == "0":
        until = parse_date(report.figures_until.strftime("%d/%m/%Y")).strftime("%d/%m/%Y")
        return f"Số liệu tính đến hết ngày {until}, đối chiếu với giao ước thi đua đã ký."
    return "Không."


def _six_months_on(day: date) -> date:
    return (day + timedelta(days=150)).replace(day=30)


def _conclude(event: Following) -> None:
    """Write, submit and accept the cluster's own report on the day of the conference."""
    held = date.fromisoformat(event.data["midyear"]["held_on"])
    report = review_of(event, None)
    conclusion = event.data["midyear"].get("cluster_conclusion")
    said = conclusion if isinstance(conclusion, str) else "; ".join(conclusion or [])
    texts = {
        "I": f"{len(event.event.members)} đơn vị gửi báo cáo; các báo cáo đã được chấp nhận.",
        "II": "Các đơn vị thực hiện nghiêm giao ước; phần lớn chỉ tiêu đúng nhịp hoặc vượt mốc.",
        "III": "Danh sách chỉ tiêu chưa đạt kèm theo, có nguyên nhân, biện pháp, thời hạn.",
        "IV": said or "Sáu tháng cuối năm tập trung vào những phần việc, chỉ tiêu chưa đạt.",
        "V": "Không.",
    }
    now = at(held, "07:30")
    report = write_review(event, report, texts, event.event.lead, now)
    report = review.submit(
        review_id=report.pk, seen=report.revision, by=event.head(event.data["lead"]), now=now
    )
    review.accept(
        review_id=report.pk, seen=report.revision, by=event.organiser,
        now=now + timedelta(hours=4),
    )  # fmt: skip


# Exemplars -----------------------------------------------------------------------------------
KINDS = {"model": "MODEL", "collective": "COLLECTIVE", "person": "PERSON"}
STANDINGS = {
    "đề nghị nhân rộng": Exemplar.Standing.RECOMMENDED,
    "được công nhận": Exemplar.Standing.RECOGNISED,
    "biểu dương": Exemplar.Standing.COMMENDED,
    "người tốt, việc tốt": Exemplar.Standing.COMMENDED,
}


def register_exemplars(event: Following, now: datetime) -> None:
    """Put the exemplars of the data into the register; persons stay unnamed."""
    for row in event.data.get("exemplars", []):
        values = {
            "kind": KINDS[row["kind"]],
            "name": row["name"] or row.get("role", "Cá nhân (không nêu tên)"),
            "description": row.get("description", ""),
            "since": row.get("since", ""),
            "spread_to": row.get("spread_to", ""),
        }
        made = exemplars.register(
            cluster_year_id=event.year.pk, values=values, by=event.officer(row["unit"]), now=now
        )
        words = row.get("status", "")
        standing = next((s for start, s in STANDINGS.items() if words.startswith(start)), None)
        if standing:
            exemplars.set_standing(
                exemplar_id=made.pk, standing=standing, reason=words, by=event.organiser,
                now=now + timedelta(days=1),
            )  # fmt: skip


# Scores --------------------------------------------------------------------------------------
Figures = dict[str, dict[str, dict[str, Any]]]


def figures_of(name: str) -> Figures:
    """Return the figures of a file: unit → leaf → figure, target and baseline left out."""
    return {
        unit["code"]: {
            code: {key: value for key, value in figure.items() if key in (*OWN, "assigned")}
            for code, figure in unit["figures"].items()
        }
        for unit in read(f"figures-{name}.json")["units"]
    }


def open_yearend(event: Following, until: date, due_on: date, now: datetime) -> None:
    """Freeze the year's figures and open the score sheets."""
    opening = Opening(ReviewKind.YEAREND, until, due_on)
    review.open_reviews(
        cluster_year_id=event.year.pk, opening=opening, by=event.event.lead, now=now
    )


def score_themselves(event: Following, claimed: Figures, clock: str = "10:00") -> None:
    """Let every unit claim, and its head submit five hours later, on the day of the data."""
    for unit, day in event.data["score_sheets"]["submitted"].items():
        now = on_day(day, clock)
        sheet = claim(event, unit, claimed[unit], now)
        sheets.submit(
            sheet_id=sheet.pk, seen=sheet.revision, by=event.head(unit),
            now=now + timedelta(hours=5),
        )  # fmt: skip


def claim(
    event: Following,
    unit: str,
    claimed: dict[str, dict[str, Any]],
    now: datetime,
    evidence: dict[str, tuple[int, ...]] | None = None,
) -> ScoreSheet:
    """Claim what differs from what the sheet was prefilled with; files by code of the leaf."""
    sheet, files = sheet_of(event, unit), evidence or {}
    asked = []
    for line in lines_of(sheet):
        code = line.criterion.code
        figure = claimed.get(code)
        if line.basis.get("assigned") is False or not figure:
            continue
        if figure != line.claimed or code in files:
            note = _claim_note(line, figure)
            asked.append(LineInput(line.pk, figure, note, evidence=files.get(code)))
    return sheets.claim(sheet_id=sheet.pk, lines=asked, by=event.officer(unit), now=now)


def _claim_note(line: ScoreLine, figure: dict[str, Any]) -> str:
    if figure.get("assigned") is False:
        return "Đơn vị không có nhiệm vụ, đối tượng thuộc tiêu chí này (dữ liệu minh họa)"
    accepted = line.basis.get("actual")
    if accepted is not None and figure.get("actual") != accepted:
        return "Số liệu đơn vị tính lại cuối năm (dữ liệu minh họa)"
    return ""


def appraise(
    event: Following, decided: Figures, now: datetime, *, apart: timedelta = timedelta(days=1)
) -> None:
    """First appraisal, explanation, second appraisal and approval of every sheet, `apart` in time.

    `decided` are the figures as approved; lines of the data say which step decided what, and why.
    """
    said = {(row["unit"], row["criterion"]): row for row in event.data["score_sheets"]["lines"]}
    for unit in event.event.members:
        sheet = sheets.take_up(sheet_id=sheet_of(event, unit).pk, by=event.judge(unit), now=now)
        rows = {line.criterion.code: line for line in lines_of(sheet)}
        mine = {code: said[unit, code] for code in rows if (unit, code) in said}
        first = [
            LineInput(
                line.pk,
                own(mine[code]["appraisal_1"]) if code in mine else line.claimed or {},
                mine[code]["appraisal_1_reason"] if code in mine else "",
            )
            for code, line in rows.items()
        ]
        sheet = sheets.appraise(sheet_id=sheet.pk, lines=first, by=event.judge(unit), now=now)
        sheet = sheets.finish_first(
            sheet_id=sheet.pk, seen=sheet.revision, by=event.judge(unit), now=now
        )
        _explain(event, unit, sheet, mine, now + apart)
        _decide(event, unit, mine, decided[unit], now + 2 * apart)


def _explain(
    event: Following, unit: str, sheet: ScoreSheet, said: dict[str, Any], now: datetime
) -> None:
    for code, row in said.items():
        if "explanation" in row:
            line = sheet.lines.get(criterion__code=code)
            sheets.explain(
                sheet_id=sheet.pk, line_id=line.pk, text=row["explanation"]["text"], seen="",
                by=event.officer(unit), now=now,
            )  # fmt: skip
    sheets.finish_explaining(sheet_id=sheet.pk, by=event.head(unit), now=now)


def _decide(
    event: Following,
    unit: str,
    said: dict[str, Any],
    decided: dict[str, dict[str, Any]],
    now: datetime,
) -> None:
    """Make the second appraisal; a figure other than the first is explained by the data."""
    sheet = sheet_of(event, unit)
    second = []
    for line in lines_of(sheet):
        code = line.criterion.code
        row = said.get(code, {})
        figure = own(row["appraisal_2"]) if "appraisal_2" in row else line.first or {}
        if code in decided and "appraisal_2" not in row and decided[code] != figure:
            figure = decided[code]
        reason = row.get("appraisal_2_reason", "")
        if figure != line.first and not reason:
            reason = "Thống nhất tại cuộc họp thẩm định (dữ liệu minh họa)"
        second.append(LineInput(line.pk, figure, reason))
    sheet = sheets.appraise_again(sheet_id=sheet.pk, lines=second, by=event.organiser, now=now)
    sheets.approve(sheet_id=sheet.pk, seen=sheet.revision, by=event.organiser, now=now)


def own(figure: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a figure that a unit or an appraiser writes."""
    return {key: value for key, value in figure.items() if key in (*OWN, "assigned")}


def raise_vetoes(event: Following) -> None:
    """Raise the vetoes of the data."""
    for row in event.data.get("vetoes", []):
        sheets.raise_veto(
            cluster_year_id=event.year.pk, unit_id=event.event.registry.units[row["unit"]].pk,
            reason=row["reason"], by=event.organiser, now=on_day(row["raised_on"], "14:00"),
        )  # fmt: skip


def lift_vetoes(event: Following) -> None:
    """Lift those that the data say were lifted."""
    for row in event.data.get("vetoes", []):
        if row["state"] == "LIFTED":
            veto = event.year.vetoes.get(unit=event.event.registry.units[row["unit"]])
            sheets.lift_veto(
                veto_id=veto.pk, reason=row["lift_reason"], by=event.organiser,
                now=on_day(row["lifted_on"], "14:00"),
            )  # fmt: skip


def object_and_decide(event: Following) -> None:
    """Let units object as the data say, and the organiser decide: what is accepted is settled."""
    rows = event.data.get("objections", [])
    filed = {
        row["code"]: file_objection(
            event, row, on_day(row["filed_on"], "09:30"), apart=timedelta(hours=5)
        )
        for row in rows
    }
    for row in rows:
        decide_objection(event, row, filed[row["code"]], on_day(row["decided_on"], "15:00"))


def file_objection(
    event: Following, row: dict[str, Any], now: datetime, *, apart: timedelta = timedelta()
) -> Objection:
    """Write an objection of the data as the officer of its unit; the head sends it `apart`."""
    unit = row["unit"]
    line = sheet_of(event, unit).lines.get(criterion__code=row["criterion"])
    drafted = objections.draft(
        cluster_year_id=event.year.pk, line_id=line.pk,
        plea=Plea(row["text"], asked_by(event, row)), by=event.officer(unit), now=now,
    )  # fmt: skip
    return objections.send(
        objection_id=drafted.pk, seen=drafted.revision, by=event.head(unit), now=now + apart
    )


def asked_by(event: Following, row: dict[str, Any]) -> dict[str, Any]:
    """Return the figure a unit asks for: what it claimed and was not given."""
    lines = event.data["score_sheets"]["lines"]
    keys = (row["unit"], row["criterion"])
    found = next(line for line in lines if (line["unit"], line["criterion"]) == keys)
    return own(found["self"])


def decide_objection(
    event: Following, row: dict[str, Any], filed: Objection, now: datetime
) -> Objection:
    """Decide an objection as the data do: a figure that was asked for, or nothing."""
    hand: dict[str, Any] = {"objection_id": filed.pk, "seen": filed.revision, "now": now}
    if row["decision"] == "ACCEPTED":
        ruling = Ruling(row["reason"], filed.asked)
        return objections.accept(ruling=ruling, by=event.organiser, **hand)
    return objections.reject(ruling=Ruling(row["reason"]), by=event.organiser, **hand)


def publish(
    event: Following, now: datetime, *, objections_until: date | None, reason: str
) -> ScoringRun:
    """Score the cluster; publish as provisional until a day, or without a day for good."""
    by = event.organiser
    run = runs.make_run(
        cluster_year_id=event.year.pk, kind=RunKind.FINAL, reason=reason, by=by, now=now
    )
    hand: dict[str, Any] = {"cluster_year_id": event.year.pk, "run_id": run.pk, "by": by}
    if objections_until is not None:
        notes = runs.Notes(objections_until)
        runs.publish_provisional(notes=notes, now=now, **hand)
    else:
        runs.publish_final(typed=runs.confirmation_of(event.year), now=now, **hand)
    return run


def sheet_of(event: Following, unit: str) -> ScoreSheet:
    """Return the score sheet of a unit as it stands."""
    return ScoreSheet.objects.get(cluster_year=event.year, unit=event.event.registry.units[unit])


def lines_of(sheet: ScoreSheet) -> list[ScoreLine]:
    """Return the lines of a sheet in the order of the table."""
    return list(sheet.lines.select_related("criterion").order_by("criterion__order"))


def on_day(day: str, clock: str) -> datetime:
    """Return a local time of a day of the data."""
    return at(date.fromisoformat(day), clock).astimezone(LOCAL)
