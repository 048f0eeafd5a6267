"""The bloc of Quảng Bình (seed 003) with its pledge signed, in a calendar that is open today.

Members, table, targets, figures and scores are those of the data of the demonstration; only days
are laid around the day of the test, and the twelve months are told as four quarters. What
is not done at the browser is done here by the functions that the pages call.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from clusters import operations
from clusters.calendar import local_date
from clusters.models import Cluster, ClusterKind, Role, Unit
from config.demo import replay, year
from config.demo.registry import BY, Post, Registry, posts_of_unit, read, staff
from config.demo.replay import Replay, at
from config.demo.year import Figures, Following
from core.canonical import plain
from pledges.models import ProgressReport, Review
from pledges.workflow import progress, review
from scoring.workflow import sheet as sheets
from scoring.workflow.sheet import LineInput

DATA: Final = "003-quang-binh-2020.json"
LEAD, DEPUTY, BODY = "QB-QUANG-NINH", "QB-DONG-HOI", "CA-QUANG-BINH"
LE_THUY, BA_DON, QUANG_TRACH, TUYEN_HOA = (
    "QB-LE-THUY", "QB-BA-DON", "QB-QUANG-TRACH", "QB-TUYEN-HOA",
)  # fmt: skip
TODAY: Final = local_date(datetime.now(UTC))


def now() -> datetime:
    """Return the time that the server's clock shows too."""
    return datetime.now(UTC)


def on(days: int) -> date:
    """Return a day by its distance from today."""
    return TODAY + timedelta(days=days)


#: The quarters of the test: first day, last day, day due, in days from today. All are over.
QUARTERS: Final = {
    "2020-Q1": (-335, -250, 1), "2020-Q2": (-249, -170, 1), "2020-Q3": (-169, -90, 1),
    "2020-Q4": (-89, -1, 1),
}  # fmt: skip
Q1, Q2, Q3, Q4 = QUARTERS
#: Last day of the first half of the year.
HALF: Final = on(-170)
#: The stages in days from today; the later ones are all open at once.
STAGES: Final = [
    ("PREPARING", -330, -310), ("DRAFTING", -309, -290), ("SIGNING", -289, -280),
    ("RUNNING", -279, 1), ("MIDYEAR", -1, 1), ("YEAREND", -1, 1), ("APPRAISING", -1, 1),
    ("OBJECTIONS", -1, 1), ("PUBLISHED", -1, None),
]  # fmt: skip


# The data, laid around today -----------------------------------------------------------------
def data_of_today() -> dict[str, Any]:
    """Return the data of the seed with days of now; levels stand as they were agreed."""
    data = read(DATA)
    data["cycle"] |= {
        "year": TODAY.year,
        "period_start": on(-335).isoformat(),
        "period_end": on(0).isoformat(),
    }
    data["stages"] = [
        {
            "stage": stage,
            "from": on(first).isoformat(),
            "to": None if last is None else on(last).isoformat(),
        }
        for stage, first, last in STAGES
    ]
    for row in data["pledge"]["signatories"]:
        row["signed_on"] = on(-289).isoformat()
    data["progress"] |= {
        "periods": [
            {"code": code, "from": on(first).isoformat(), "to": on(last).isoformat(),
             "due": on(due).isoformat()}
            for code, (first, last, due) in QUARTERS.items()
        ],
        "values": {unit: _quarters(data, unit) for unit in data["progress"]["values"]},
        "submissions": {},
        "cases": [],
    }  # fmt: skip
    return data | {"comments": [], "proposals": [], "meetings": [], "extensions": []}


def _quarters(data: dict[str, Any], unit: str) -> dict[str, dict[str, str | None]]:
    """Return the figures of a unit by quarter: sums are added up, of rates the last one counts."""
    sums = {row["code"] for row in data["targets"] if row["aggregation"] == "sum"}
    found: dict[str, dict[str, str | None]] = {}
    for target, months in data["progress"]["values"][unit].items():
        found[target] = {}
        for place, quarter in enumerate(QUARTERS):
            codes = [f"2020-{month:02d}" for month in range(3 * place + 1, 3 * place + 4)]
            values = [Decimal(months[code]) for code in codes if months.get(code) is not None]
            if values:
                found[target][quarter] = plain(
                    sum(values, Decimal()) if target in sums else values[-1]
                )
    return found


# Preparation ---------------------------------------------------------------------------------
def people(members: list[str], data: dict[str, Any]) -> Registry:
    """Add the bloc's units and one officer and one head for each."""
    registry = Registry()
    rows = {row["code"]: row for row in read("clusters.json")["units"]}
    for code in ("BCA", BODY, *members):
        row = rows[code]
        registry.units[code] = Unit.objects.filter(code=code).first() or Unit.objects.create(
            code=code, name=row["name"], short_name=row["short_name"], level=row["level"],
            parent=registry.units.get(row["parent"] or ""),
        )  # fmt: skip
        registry.slugs[code] = row["slug"]
    positions = {row["unit"]: row["position"] for row in data["pledge"]["signatories"]}
    posts = [
        post
        for index, code in enumerate(members)
        for post in posts_of_unit(registry, code, index, positions[code])
    ]
    witness = data["pledge"]["witness"]["position"]
    posts += [
        Post("thuongtruc.quangbinh", Role.ORGANISER, BODY, "Phạm Thị E", "Thượng tá"),
        Post("lanhdao.quangbinh", Role.HEAD, BODY, "Lê Văn Q", "Đại tá", witness),
    ]
    staff(registry, posts, on(-400), now())
    return registry


def signed_year() -> Following:
    """Open the year and bring its pledge to the last signature, on days gone by."""
    data = data_of_today()
    order = {s["unit"]: s["order"] for s in data["pledge"]["signatories"]}
    members = sorted(order, key=lambda code: order[code])
    registry = people(members, data)
    cluster = Cluster(
        organiser=registry.units[BODY], kind=ClusterKind.KHOI, code="K3",
        name="Khối thi đua Công an các huyện, thị xã, thành phố",
    )  # fmt: skip
    operations.save_row(cluster, action="clusters.cluster_saved", by=BY, now=now())
    event = Replay(registry, data, cluster, members)
    replay.open_year(event)
    replay.draft(event)
    replay.circulate(event, at(on(-305), "09:00"))
    replay.agree_and_sign(event, at(on(-291), "09:00"))
    return year.after_signing(event)


# Progress, as the pages would do it ----------------------------------------------------------
def report(event: Following, unit: str, code: str, *, but: Iterable[str] = ()) -> ProgressReport:
    """Enter the figures of a unit for a period, without those of some targets."""
    left_out = set(but)
    cells = [
        year.cell_input(event, target, value)
        for target, value in year.figures_reported(event, unit, code).items()
        if target not in left_out
    ]
    return progress.save(
        period_id=event.periods[code].pk, cells=cells, by=event.officer(unit), now=now()
    )


def submitted(event: Following, unit: str, code: str) -> ProgressReport:
    """Enter and submit."""
    return year.submit_progress(event, unit, report(event, unit, code), now())


def accepted(event: Following, units: Iterable[str], code: str) -> None:
    """Walk the reports of units on a period to accepted."""
    for unit in units:
        row = submitted(event, unit, code)
        progress.accept(report_id=row.pk, seen=row.revision, by=event.judge(unit), now=now())


# Mid-year ------------------------------------------------------------------------------------
def words_of(event: Following, unit: str) -> dict[str, str]:
    """Return what the data let a unit write in its mid-year report, by heading."""
    rows = event.data["midyear"]["reports"]
    sections: dict[str, str] = next(row["sections"] for row in rows if row["unit"] == unit)
    return sections


def written(event: Following, unit: str | None) -> Review:
    """Write the mid-year report of a unit; without unit the cluster's own, as the lead."""
    texts = words_of(event, unit) if unit else {
        "I": "Các đơn vị đã gửi báo cáo; các báo cáo đã được chấp nhận.",
        "II": "Các đơn vị thực hiện nghiêm giao ước.",
        "IV": "Sáu tháng cuối năm tập trung vào những chỉ tiêu chưa đạt.",
    }  # fmt: skip
    row = year.review_of(event, unit)
    return year.write_review(event, row, texts, event.officer(unit or LEAD), now())


def reviewed(event: Following, units: Iterable[str]) -> None:
    """Walk the mid-year reports of units to accepted."""
    for unit in units:
        row = written(event, unit)
        row = review.submit(review_id=row.pk, seen=row.revision, by=event.head(unit), now=now())
        review.accept(review_id=row.pk, seen=row.revision, by=event.judge(unit), now=now())


# Scores --------------------------------------------------------------------------------------
def claimed(event: Following, unit: str, figures: dict[str, dict[str, Any]]) -> None:
    """Let a unit claim these figures."""
    year.claim(event, unit, figures, now())


def handed_in(event: Following, units: Iterable[str], figures: Figures) -> None:
    """Let units claim what the data say and their heads submit."""
    for unit in units:
        sheet = year.claim(event, unit, figures[unit], now())
        sheets.submit(sheet_id=sheet.pk, seen=sheet.revision, by=event.head(unit), now=now())


def lines(event: Following, unit: str) -> Iterator[tuple[str, int]]:
    """Yield code and key of the lines of a sheet."""
    for line in year.lines_of(year.sheet_of(event, unit)):
        yield line.criterion.code, line.pk


def agreed(event: Following, unit: str) -> None:
    """Agree in the first appraisal with every line nobody decided."""
    sheet = year.sheet_of(event, unit)
    rows = [
        LineInput(row.pk, row.claimed or {}) for row in year.lines_of(sheet) if row.first is None
    ]
    sheets.appraise(sheet_id=sheet.pk, lines=rows, by=event.judge(unit), now=now())


def agreed_again(event: Following, unit: str) -> None:
    """Agree in the second appraisal with every line nobody decided."""
    sheet = year.sheet_of(event, unit)
    rows = [
        LineInput(row.pk, row.first or {}) for row in year.lines_of(sheet) if row.second is None
    ]
    sheets.appraise_again(sheet_id=sheet.pk, lines=rows, by=event.organiser, now=now())


def appraised(event: Following, units: Iterable[str], decided: Figures) -> None:
    """Walk sheets from the first appraisal to the approval as the data decide."""
    some = replace(event, event=replace(event.event, members=list(units)))
    year.appraise(some, decided, now(), apart=timedelta())


def vetoed(event: Following, unit: str) -> None:
    """Raise the veto of the data against a unit."""
    row = veto_of(event, unit)
    sheets.raise_veto(
        cluster_year_id=event.year.pk, unit_id=event.event.registry.units[unit].pk,
        reason=row["reason"], by=event.organiser, now=now(),
    )  # fmt: skip


def veto_of(event: Following, unit: str) -> dict[str, Any]:
    """Return the veto of the data against a unit."""
    found: dict[str, Any] = next(row for row in event.data["vetoes"] if row["unit"] == unit)
    return found
