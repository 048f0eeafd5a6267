"""Reads of nominations: who is nominated for what, who may still be, what the votes said."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from clusters.acting import Acting
from clusters.calendar import local_date
from clusters.models import ClusterYear
from clusters.queries import place_of
from core.text import format_date, format_number
from scoring.models import (
    AwardQuota,
    Ballot,
    BallotStatus,
    BallotSubject,
    Candidate,
    Nomination,
)
from scoring.policies.nomination import Contender, NominationStanding, why_not_titled
from scoring.queries.ballot import contenders_of, final_of
from scoring.queries.quota import QuotaRow, quotas_for, rows_of
from scoring.render.board import SheetData, Value, workbook


@dataclass(frozen=True, slots=True)
class TitleRow:
    """A title with its quota and whom the cluster nominates for it."""

    row: QuotaRow
    nominations: list[Nomination]


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A unit on the page that nominates for one title."""

    contender: Contender
    #: Why it cannot be nominated; empty where it can.
    why_not: str
    is_nominated: bool
    #: What the last vote on the title said: "6/8 phiếu, trúng".
    vote: str
    is_chosen: bool


def standing_of(year: ClusterYear, acting: Acting) -> NominationStanding:
    """Gather the facts every rule about nominations asks for."""
    return NominationStanding(place_of(acting, year), year, final_of(year))


def titles_of(year: ClusterYear) -> list[TitleRow]:
    """Return the titles of a year with whom the cluster nominates; statements are constant."""
    quotas = quotas_for(year)
    nominated: dict[int, list[Nomination]] = defaultdict(list)
    rows = Nomination.objects.filter(cluster_year=year).select_related("nominated_by", "ballot")
    for nomination in rows.order_by("nominated_at", "pk"):
        nominated[nomination.quota_id].append(nomination)
    # A title that has meanwhile a quota of its own still shows who was nominated before.
    quotas += [q for q in _others(year, nominated) if q.pk not in {quota.pk for quota in quotas}]
    return [TitleRow(row, nominated[row.quota.pk]) for row in rows_of(quotas, year)]


def _others(year: ClusterYear, nominated: Iterable[int]) -> list[AwardQuota]:
    rows = AwardQuota.objects.filter(cycle=year.cycle, pk__in=list(nominated))
    return list(rows.select_related("cluster"))


def last_ballot(year: ClusterYear, quota: AwardQuota) -> Ballot | None:
    """Return the last counted vote on a title."""
    counted = Ballot.objects.filter(
        cluster_year=year, subject=BallotSubject.TITLE, quota=quota, status=BallotStatus.COUNTED
    )
    return counted.order_by("-number").first()


def rows_for(year: ClusterYear, quota: AwardQuota, today: date) -> list[CandidateRow]:
    """Return every unit of the official result, the best first: may it be nominated, why not."""
    final = final_of(year)
    if final is None:
        return []
    standing = Nomination.objects.standing().filter(cluster_year=year, quota=quota)
    nominated = set(standing.values_list("unit_id", flat=True))
    ballot = last_ballot(year, quota)
    votes = _votes(ballot) if ballot else {}
    rows = []
    for contender in contenders_of(final.run, year):
        candidate = votes.get(contender.unit_id)
        rows.append(
            CandidateRow(
                contender,
                why_not_titled(contender, quota, today),
                contender.unit_id in nominated,
                _vote(ballot, candidate),
                bool(candidate and candidate.is_chosen),
            )
        )
    return rows


def _votes(ballot: Ballot) -> dict[int, Candidate]:
    return {row.unit_id: row for row in Candidate.objects.filter(ballot=ballot)}


def _vote(ballot: Ballot | None, candidate: Candidate | None) -> str:
    if ballot is None or candidate is None:
        return ""
    said = "trúng" if candidate.is_chosen else "không trúng"
    return f"{format_number(candidate.votes)}/{format_number(ballot.cast or 0)} phiếu, {said}"


@dataclass(frozen=True, slots=True)
class CycleRow:
    """A title in a whole cycle: who nominated whom, cluster by cluster."""

    row: QuotaRow
    #: (cluster, units nominated there).
    clusters: list[tuple[str, list[str]]]


def cycle_of(year: ClusterYear, quotas: list[AwardQuota]) -> list[CycleRow]:
    """Return the titles of the cycle of a year over all its clusters; for the organiser."""
    found: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows = Nomination.objects.standing().filter(quota__in=quotas)
    rows = rows.order_by("cluster_year__cluster__search_key", "nominated_at", "pk")
    for quota, cluster, unit in rows.values_list(
        "quota_id", "cluster_year__cluster__name", "unit_name"
    ):
        found[quota][cluster].append(unit)
    return [CycleRow(row, list(found[row.quota.pk].items())) for row in rows_of(quotas, year)]


# Excel ---------------------------------------------------------------------------------------
_HEADS = (
    "TT", "Danh hiệu, hình thức khen thưởng", "Đơn vị", "Thành tích, căn cứ", "Bỏ phiếu số",
    "Ngày đề nghị", "Người đề nghị",
)  # fmt: skip


def workbook_of(year: ClusterYear) -> bytes:
    """Return the standing nominations of a cluster as an Excel file, title by title."""
    rows: list[list[Value]] = []
    for title in titles_of(year):
        for one in title.nominations:
            if one.withdrawn_at is None:
                rows.append(_cells(len(rows) + 1, one, title.row.quota))
    heads = [f"Đề nghị khen thưởng, {year.cluster.name}, {year.cycle}"]
    sheet = SheetData(
        name="Đề nghị khen thưởng", title=heads, heads=_HEADS, rows=rows, places=0, kept=3
    )
    return workbook([sheet])


def _cells(place: int, one: Nomination, quota: AwardQuota) -> list[Value]:
    return [
        place,
        quota.title,
        one.unit_name,
        one.note,
        one.ballot.number if one.ballot else None,
        format_date(local_date(one.nominated_at)),
        one.nominated_by.display_name,
    ]
