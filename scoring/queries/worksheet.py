"""A score sheet as one person sees it: its lines, points and groups, what it still lacks.

Points are computed over the sheets that were handed in and the sheet at hand, each stage from its
own figures: nobody learns from the own points what another unit is still writing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Final

from django.db.models import Q, QuerySet

from clusters.acting import Acting
from clusters.calendar import days_late, window_today
from clusters.models import ClusterYear, Extension, Membership, YearStatus
from clusters.policies import Place
from clusters.queries import members_of, place_of, window_of
from core.models import AuditEvent
from scoring.engine import Leaf, Table, UnitResult
from scoring.figures import question_about
from scoring.models import Criterion, ScoreLine, ScoreSheet, SheetStatus
from scoring.policies.sheet import SheetStanding
from scoring.queries.sheet import (
    STAGES,
    Cluster,
    cluster_of,
    gaps_in,
    lines_of,
    sheets_with_names,
    standing_of,
    unproven_in,
)
from scoring.queries.stages import Decisions, Results, decisions_of, is_relative, results_of

SS = SheetStatus
#: The decisions a unit may read on its own sheet in each state: what is still being weighed up is
#: nobody else's yet.
_OPEN_TO_UNIT: Final[dict[str, tuple[str, ...]]] = {
    SS.SELF_SCORING: STAGES[:1],
    SS.SUBMITTED: STAGES[:1],
    SS.APPRAISING: STAGES[:1],
    SS.RETURNED: STAGES[:1],
    SS.EXPLAINING: STAGES[:2],
    SS.SECOND_APPRAISAL: STAGES[:2],
    SS.APPROVED: STAGES,
    SS.FINAL: STAGES,
}
#: Events that tell what is still being weighed up, and from which decision on a unit reads them.
_WEIGHING: Final[dict[str, str]] = {
    "scoring.line_appraised": "first",
    "scoring.line_appraised_again": "second",
}
#: What a unit does before it hands in is its own.
_UNIT_S_OWN: Final = ("scoring.line_claimed", "scoring.sheet_handed_over")
#: Events that carry figures or reasons of single lines.
_FIGURES: Final = (
    *_UNIT_S_OWN, *_WEIGHING, "scoring.lines_returned", "scoring.line_explained",
    "scoring.line_settled",
)  # fmt: skip


@dataclass
class Worksheet:
    """A score sheet with everything its pages print; the same statements for any size."""

    sheet: ScoreSheet
    standing: SheetStanding
    cluster: Cluster
    #: The lines of the sheet in the order of the table.
    lines: list[ScoreLine]
    criteria: Sequence[Criterion]
    #: Stages that this person may read.
    shown: tuple[str, ...]
    results: Results
    decisions: Decisions
    leaves: dict[str, Leaf] = field(default_factory=dict)

    @property
    def table(self) -> Table:
        """Return the criteria table as the engine reads it."""
        return self.cluster.table

    @property
    def is_own(self) -> bool:
        """Whether the person acts for the unit of the sheet."""
        return self.standing.place.acting.unit_id == self.sheet.unit_id

    @property
    def claim(self) -> UnitResult:
        """Return what the claims come to so far."""
        return self.results["claimed"]

    @property
    def is_provisional(self) -> bool:
        """Whether the sum still moves with what other units enter; a published one never does."""
        return self.sheet.status != SS.FINAL and any(is_relative(line) for line in self.lines)

    def is_decided(self, stage: str) -> bool:
        """Whether every line is decided at a stage, and the person may read it."""
        return stage in self.shown and all(getattr(line, stage) is not None for line in self.lines)

    def line(self, pk: int) -> ScoreLine | None:
        """Return a line of the sheet."""
        return next((line for line in self.lines if line.pk == pk), None)

    @cached_property
    def gaps(self) -> list[ScoreLine]:
        """Return the ordinary lines in which nothing is claimed; each scores 0."""
        return self._coded(gaps_in(self.table, self.lines))

    @cached_property
    def unproven(self) -> list[ScoreLine]:
        """Return the lines that need evidence and have neither file nor explanation."""
        return self._coded(unproven_in(self.lines))

    @cached_property
    def returned(self) -> list[ScoreLine]:
        """Return the lines that went back to the unit and were not claimed again."""
        if self.sheet.status != SS.RETURNED:
            return []
        return [line for line in self.lines if line.returned_at and not self.is_answered(line)]

    def is_answered(self, line: ScoreLine) -> bool:
        """Whether a returned line was claimed again."""
        event = self.decisions.get((line.criterion.code, "claimed"))
        return bool(event and line.returned_at and event.at > line.returned_at)

    @cached_property
    def differing(self) -> list[ScoreLine]:
        """Return the claims that say otherwise than pledge and accepted progress."""
        return [
            line for line in self.lines if line.claimed and question_about(line.basis, line.claimed)
        ]

    @cached_property
    def disputed(self) -> list[ScoreLine]:
        """Return the lines on which the first appraisal differs from the claim."""
        if "first" not in self.shown:
            return []
        return [line for line in self.lines if line.first != (line.claimed or {})]

    def points(self, line: ScoreLine, stage: str = "claimed") -> Decimal | None:
        """Return the points of a line at a stage; None: not decided, or not assigned."""
        if getattr(line, stage) is None or stage not in self.results:
            return None
        return self.results[stage].lines[line.criterion.code].score

    def _coded(self, codes: Iterable[str]) -> list[ScoreLine]:
        wanted = set(codes)
        return [line for line in self.lines if line.criterion.code in wanted]


def worksheet_of(sheet: ScoreSheet, acting: Acting, today: date) -> Worksheet:
    """Return a sheet with what this person may read of it."""
    whole = cluster_of(sheet.cluster_year)
    if whole is None:
        message = f"{sheet} stands in no cluster"
        raise RuntimeError(message)
    handed_in = [s for s in whole.sheets if s.submitted_at is not None or s.pk == sheet.pk]
    cluster = replace(whole, sheets=handed_in)
    lines = lines_of(sheet)
    shown = stages_for(sheet, acting)
    return Worksheet(
        sheet=sheet,
        standing=standing_of(sheet, acting, today, lines),
        cluster=cluster,
        lines=lines,
        criteria=list(cluster.stored.criteria.order_by("order")),
        shown=shown,
        results=results_of(cluster, sheet, shown),
        decisions=decisions_of(sheet),
        leaves={leaf.code: leaf for leaf in cluster.table.leaves},
    )


def stages_for(sheet: ScoreSheet, acting: Acting) -> tuple[str, ...]:
    """Return the stages this person may read: the unit only what was decided to the end."""
    if acting.unit_id == sheet.unit_id:
        return _OPEN_TO_UNIT[sheet.status]
    return STAGES


# All sheets of a year ------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class SheetPost:
    """The sheet of a unit in the list of a year, as far as this person may know of it."""

    membership: Membership
    #: None where only that it is not handed in may be known.
    sheet: ScoreSheet | None
    status: SheetStatus
    is_own: bool
    waits_for: str
    #: Days after the due day: of the submission, or until today while nothing was submitted.
    late: int


def posts_of(year: ClusterYear, acting: Acting, today: date) -> list[SheetPost]:
    """Return the sheets of a year one may know of, the own one first; the statements are constant.

    Who appraises and the organiser also learn which units have not handed in yet; a member learns
    of the own sheet only.
    """
    place, members = place_of(acting, year), members_of(year)
    seen = sheets_with_names().visible_to(acting).filter(cluster_year=year)
    readable = {sheet.unit_id: sheet for sheet in seen}
    states = {sheet.unit_id: sheet for sheet in ScoreSheet.objects.filter(cluster_year=year)}
    names = {member.unit_id: member.unit.short_name for member in members}
    organiser = year.cluster.organiser.short_name
    late = _late_by(year, today)
    rows = []
    for member in members:
        state, sheet = states.get(member.unit_id), readable.get(member.unit_id)
        if state is None or not (sheet or _may_know(place, state)):
            continue
        status = SS(state.status)
        judge = names.get(state.appraiser_id or 0, organiser)
        rows.append(
            SheetPost(
                membership=member,
                sheet=sheet,
                status=status,
                is_own=member.unit_id == acting.unit_id,
                waits_for=waits_for(status, member.unit.short_name, judge, organiser),
                late=late(member.unit_id) if status is SS.SELF_SCORING else state.days_late,
            )
        )
    return sorted(rows, key=lambda row: not row.is_own)


def _may_know(place: Place, sheet: ScoreSheet) -> bool:
    return place.is_organiser or sheet.appraiser_id == place.acting.unit_id


def _late_by(year: ClusterYear, today: date) -> Callable[[int], int]:
    """Return what says by how many days a unit is late today, extensions included."""
    stages = list(year.stages.filter(kind=YearStatus.YEAREND).order_by("order"))
    rows = Extension.objects.filter(stage__in=stages).order_by("until")
    until = {(row.unit_id, row.stage_id): row.until for row in rows}

    def late(unit_id: int) -> int:
        windows = [window_of(stage, until.get((unit_id, stage.pk))) for stage in stages]
        window = window_today(windows, today)
        return days_late(window, today) if window else 0

    return late


def waits_for(status: SheetStatus, unit: str, judge: str, organiser: str) -> str:
    """Name who has the sheet now; empty when nobody has."""
    return {
        SS.SELF_SCORING: unit,
        SS.RETURNED: unit,
        SS.EXPLAINING: unit,
        SS.SUBMITTED: judge,
        SS.APPRAISING: judge,
        SS.SECOND_APPRAISAL: organiser,
        SS.APPROVED: organiser,
        SS.FINAL: "",
    }[status]


# History -------------------------------------------------------------------------------------
def history_of_sheet(sheet: ScoreSheet, acting: Acting) -> list[AuditEvent]:
    """Return the events of a sheet this person may read, the newest first; one statement."""
    events = AuditEvent.objects.about(sheet)
    if acting.unit_id == sheet.unit_id:
        shown = stages_for(sheet, acting)
        events = events.exclude(action__in=[a for a, s in _WEIGHING.items() if s not in shown])
    else:
        events = events.exclude(action__in=_UNIT_S_OWN, at__gt=_last_hand_in(sheet))
    return list(events.order_by("-seq"))


def _last_hand_in(sheet: ScoreSheet) -> datetime:
    """Return when the unit last handed in; what it wrote later is its own until it does again."""
    event = (
        AuditEvent.objects.about(sheet).filter(action="scoring.sheet_submitted").order_by("-seq")
    ).first()
    return event.at if event else sheet.opened_at


def without_sheets_of_others(
    events: QuerySet[AuditEvent], acting: Acting, year: ClusterYear
) -> QuerySet[AuditEvent]:
    """Leave out of the history what one may not read on the sheets themselves (a curtain).

    Of the own sheet what is still being weighed up, of others all figures; that a sheet was handed
    in, appraised or approved everybody may know.
    """
    sheets = ScoreSheet.objects.filter(cluster_year=year)
    own = sheets.filter(unit=acting.unit_id).first()
    judged = sheets.none() if acting.unit_id is None else sheets.filter(appraiser=acting.unit_id)
    if place_of(acting, year).is_organiser:
        judged = sheets
    own_keys = [str(own.pk)] if own else []
    judged_keys = [str(pk) for pk in judged.values_list("pk", flat=True) if str(pk) not in own_keys]
    shown = stages_for(own, acting) if own else STAGES
    weighed = [action for action, stage in _WEIGHING.items() if stage not in shown]
    hidden = (
        Q(object_id__in=own_keys, action__in=weighed)
        | Q(object_id__in=judged_keys, action__in=_UNIT_S_OWN)
        | (Q(action__in=_FIGURES) & ~Q(object_id__in=[*own_keys, *judged_keys]))
    )
    return events.exclude(Q(object_type=ScoreSheet._meta.label_lower) & hidden)
