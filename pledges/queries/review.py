"""Reads of reviews: the outline that was adopted, figures as they are frozen, what is missing."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from clusters.acting import Acting
from clusters.calendar import Window, window_today
from clusters.models import ClusterYear, Extension, Membership, Period, Unit
from clusters.policies import Bench
from clusters.queries import bench_of, lead_of, members_of, place_of, window_of
from core.canonical import sha256_of
from pledges import tables
from pledges.figures import UNMET, Aim, Judgement, Milestone, judge, plain_or_none, share_of, total
from pledges.models import PaperKind, PledgeVersion, Review, ReviewKind, UnmetTarget
from pledges.policies.review import ReviewStanding
from pledges.queries.progress import Cells, Pledged, accepted_values

#: Figures are kept with so many decimals, as they are entered.
_DECIMALS = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a report's outline; only those without sub-headings are written under."""

    key: str
    code: str
    heading: str
    guidance: str
    is_written: bool

    def as_json(self) -> dict[str, Any]:
        """Return the heading as it is kept with the review."""
        return {
            "key": self.key,
            "code": self.code,
            "heading": self.heading,
            "guidance": self.guidance,
            "is_written": self.is_written,
        }


#: "I.1. Quán triệt giao ước" → code and words.
_NUMBERED = re.compile(r"(?P<code>[IVX]+(?:\.\d+)*)\.\s+(?P<words>.+)")


def outline_for(version: PledgeVersion | None, kind: ReviewKind, *, cluster: bool) -> list[Heading]:
    """Return the outline adopted with the pledge; the shipped one where none was adopted.

    In the adopted paper a heading that begins with "Đề cương" opens an outline. It is the one of a
    review when it says "sơ kết" or "tổng kết", and the cluster's when it says "của Cụm", "của
    Khối" or "của Khu vực".
    """
    found = _adopted(version, kind, cluster=cluster) if version is not None else []
    return found or _shipped(kind, cluster=cluster)


def _adopted(version: PledgeVersion, kind: ReviewKind, *, cluster: bool) -> list[Heading]:
    content = version.content or {}
    rows = [c for c in content.get("clauses", []) if c["paper"] == PaperKind.OUTLINE]
    chosen: list[tuple[str, str, str]] = []
    inside = False
    for row in rows:
        if row["heading"].lower().startswith("đề cương"):
            inside = _is_outline_of(row["heading"].lower(), kind, cluster=cluster)
        elif inside:
            chosen.append((row["key"], row["heading"], row["text"]))
    return _headings(chosen)


def _is_outline_of(title: str, kind: ReviewKind, *, cluster: bool) -> bool:
    is_cluster = any(words in title for words in ("của cụm", "của khối", "của khu vực"))
    return kind.label.lower() in title and is_cluster == cluster


def _shipped(kind: ReviewKind, *, cluster: bool) -> list[Heading]:
    code = {ReviewKind.MIDYEAR: "SK", ReviewKind.YEAREND: "TK"}[kind] + ("-CUM" if cluster else "")
    outline = next(one for one in tables.outlines() if one.code == code)
    return _headings(
        (row.code, row.heading if row.code == "0" else f"{row.code}. {row.heading}", row.guidance)
        for row in outline.sections
    )


def _headings(rows: Iterable[tuple[str, str, str]]) -> list[Heading]:
    rows = list(rows)
    codes = []
    for _, heading, _ in rows:
        numbered = _NUMBERED.fullmatch(heading)
        codes.append(numbered["code"] if numbered else "")
    return [
        Heading(
            key=key,
            code=code,
            heading=heading,
            guidance=guidance,
            is_written=not (code and any(other.startswith(f"{code}.") for other in codes)),
        )
        for (key, heading, guidance), code in zip(rows, codes, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Freeze:
    """Up to when figures are taken, and against what they are held."""

    until: date
    milestone: Milestone


def snapshot(
    pledged: list[Pledged], cells: Cells, periods: list[Period], freeze: Freeze
) -> dict[str, Any]:
    """Write down what was accepted of one unit up to a day, target by target.

    Numbers are strings with a dot (form of the engine); null is *not entered* or *no level*.
    """
    counted = [period for period in periods if period.ends_on <= freeze.until]
    return {
        "schema": 1,
        "until": freeze.until.isoformat(),
        "share": plain_or_none(freeze.milestone.share),
        "periods": [period.name for period in counted],
        "targets": [_row(row, cells, counted, freeze) for row in pledged],
    }


def _row(row: Pledged, cells: Cells, periods: list[Period], freeze: Freeze) -> dict[str, Any]:
    target, aim = row.target, row.aim
    values = accepted_values(cells, target.key, periods)
    actual = _rounded(total(aim.aggregation, values)) if aim.is_numeric else None
    share = _rounded(share_of(aim, actual))
    return {
        "key": target.key,
        "row": row.row,
        "area": target.area,
        "text": target.text,
        "unit_of_measure": target.unit_of_measure,
        "kind": target.kind,
        "direction": target.direction,
        "aggregation": target.aggregation,
        "is_change": target.is_change,
        "criterion": target.criterion.code if target.criterion else None,
        "assigned": aim.is_assigned,
        "level": plain_or_none(aim.value),
        "baseline": plain_or_none(aim.baseline),
        "limit": plain_or_none(_rounded(aim.limit)),
        "expected": plain_or_none(_rounded(freeze.milestone.expected(aim))),
        "actual": plain_or_none(actual),
        "entered": sum(value is not None for value in values),
        "share": plain_or_none(share),
        "judgement": _judged(aim, actual, cells, periods, freeze).value,
        "words": _last_words(cells, target.key, periods),
    }


def _judged(
    aim: Aim, actual: Decimal | None, cells: Cells, periods: list[Period], freeze: Freeze
) -> Judgement:
    """Judge a figure; a target in words is not entered as long as nothing was said of it."""
    found = judge(aim, actual, freeze.milestone)
    if found is Judgement.IN_WORDS and not _last_words(cells, aim.key, periods):
        return Judgement.NOT_ENTERED if periods else found
    return found


def _last_words(cells: Cells, key: str, periods: list[Period]) -> str:
    """Return what was last accepted in words of a target."""
    for period in reversed(periods):
        cell = cells.get((key, period.pk))
        if cell and cell.accepted and cell.accepted.text:
            return cell.accepted.text
    return ""


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(_DECIMALS, ROUND_HALF_UP)


def unmet_keys(figures: dict[str, Any]) -> list[str]:
    """Return the targets that a review singles out: numeric ones not met or behind pace.

    A target in words is the unit's and the lead's judgement; it is not singled out by itself.
    """
    return [
        row["key"]
        for row in figures["targets"]
        if row["kind"] == "NUMERIC" and Judgement(row["judgement"]) in UNMET
    ]


def bases_of(
    version: PledgeVersion, figures: dict[str, Any], rules: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return what a score sheet takes over from frozen figures: code of the leaf → basis.

    `rules` are those of the leaves, by code. A rule that compares with last year takes the
    required change and last year's figure; any other takes the level itself. Where two targets
    name one leaf the first of the paper counts.
    """
    frozen = version.signed_content
    bases: dict[str, dict[str, Any]] = {}
    for row in figures["targets"]:
        rule = rules.get(row["criterion"] or "")
        if rule is None or row["kind"] != "NUMERIC" or row["criterion"] in bases:
            continue
        by_change = bool(rule.get("baseline"))
        bases[row["criterion"]] = {
            "key": row["key"],
            "text": row["text"],
            "unit_of_measure": row["unit_of_measure"],
            "assigned": row["assigned"],
            "target": row["level"] if by_change else row["limit"],
            "baseline": row["baseline"],
            "actual": row["actual"],
            "entered": row["entered"],
            "periods": len(figures["periods"]),
            "until": figures["until"],
            "source": {
                "number": frozen["numbers"].get(PaperKind.PLEDGE, ""),
                "version": version.number,
                "hash": version.frozen_hash,
                "row": row["row"],
            },
        }
    return bases


def usual_share(year: ClusterYear, until: date) -> Decimal:
    """Return which part of the year's periods has passed on a day, as a fraction in (0, 1]."""
    periods = list(year.periods.all())
    passed = sum(period.ends_on <= until for period in periods)
    if not passed:
        return Decimal(1)
    return (Decimal(passed) / len(periods)).quantize(_DECIMALS, ROUND_HALF_UP)


def review_window(year: ClusterYear, kind: ReviewKind, unit_id: int | None = None) -> Window | None:
    """Return when the stage of a review is open, the extension of a unit included."""
    extensions = Extension.objects.filter(stage__cluster_year=year, unit=unit_id).order_by("until")
    until = dict(extensions.values_list("stage_id", "until"))
    stages = year.stages.filter(kind=kind).order_by("order")
    windows = [window_of(stage, until.get(stage.pk)) for stage in stages]
    return window_today(windows, windows[0].opens_on) if windows else None


def window_for(review: Review) -> Window:
    """Return until when the report is in time; what comes later is taken as late."""
    stage = review_window(review.cluster_year, ReviewKind(review.kind), review.unit_id)
    return Window(
        str(review),
        min(review.figures_until, review.due_on),
        review.due_on,
        late_accepted=True,
        extended_to=stage.extended_to if stage else None,
    )


def standing_of(review: Review, acting: Acting, today: date) -> ReviewStanding:
    """Gather the facts every rule about a review asks for."""
    year = review.cluster_year
    members = members_of(year)
    return ReviewStanding(
        bench=_bench(review, acting, today, members), review=review, gaps=tuple(gaps_in(review))
    )


def _bench(review: Review, acting: Acting, today: date, members: list[Membership]) -> Bench:
    """Say who decides: for a unit its judge, for the cluster's own report the organiser."""
    year = review.cluster_year
    if review.unit is not None:
        return bench_of(acting, year, review.unit, today, members=members)
    lead = lead_of(members)
    lead_unit: Unit = lead.unit if lead else year.cluster.organiser
    own = bench_of(acting, year, lead_unit, today, members=members)
    return Bench(
        place=place_of(acting, year),
        unit_id=lead_unit.pk,
        unit_name=year.cluster.name,
        judge=None,
        own_units=own.own_units,
        organiser_name=own.organiser_name,
        lead_title=own.lead_title,
        deputy_title=own.deputy_title,
    )


def gaps_in(review: Review) -> list[str]:
    """Say in words what a report lacks before it can be submitted."""
    empty = [
        row["heading"]
        for row in review.outline
        if row["is_written"] and not review.sections.get(row["key"], "").strip()
    ]
    gaps = []
    if empty:
        first = f"“{empty[0]}”"
        more = f" và {len(empty) - 1} mục khác" if len(empty) > 1 else ""
        gaps.append(f"chưa viết mục {first}{more} (không có thì ghi “Không”)")
    silent = sum(not (row.cause and row.measure) for row in review.unmet.all())
    if silent:
        gaps.append(f"{silent} chỉ tiêu chưa đạt chưa ghi nguyên nhân và biện pháp")
    return gaps


def section_mark(text: str) -> str:
    """Return the mark of a section as read; a save sends it back."""
    return sha256_of(text)[:16]


def unmet_mark(row: UnmetTarget) -> str:
    """Return the mark of what was written to an unmet target; a save sends it back."""
    return sha256_of([row.cause, row.measure, row.responsible, str(row.due_on or "")])[:16]


def locked_review(review_id: int) -> Review:
    """Lock a review until the transaction ends, then read it (see `locked_pledge`)."""
    Review.objects.select_for_update().get(pk=review_id)
    return Review.objects.select_related(
        "cluster_year__cluster__organiser", "cluster_year__cycle", "unit"
    ).get(pk=review_id)
