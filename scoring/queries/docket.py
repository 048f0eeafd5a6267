"""Reads of the appraisal: whose turn it is on which sheet, and what each line is worth so far.

Points here are computed over the sheets that were submitted, each stage from its own figures
alone: who appraises sees nothing of a claim before its unit hands it in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Final

from django.db.models import Count

from clusters.acting import Acting
from clusters.models import ClusterYear, Membership
from clusters.policies import Bench, may_judge
from clusters.queries import members_of
from core.models import AuditEvent
from core.policy import Verdict
from scoring.engine import Entry, Figures, Leaf, LineResult, UnitResult, compute
from scoring.engine.exact import HUNDRED
from scoring.engine.rules.relative import ClusterRelative, RatioToBest
from scoring.figures import Figure
from scoring.models import Criterion, Evidence, Finding, ScoreLine, ScoreSheet, SheetStatus, Veto
from scoring.policies import sheet as policies
from scoring.policies.sheet import SheetStanding
from scoring.queries.beside import Peers, peers_of
from scoring.queries.evidence import elsewhere
from scoring.queries.inspection import findings_beside
from scoring.queries.sheet import (
    Cluster,
    LineFigures,
    bench_for,
    cluster_of,
    lines_of,
    standing_of,
)
from scoring.queries.stages import is_relative
from scoring.queries.worksheet import waits_for

SS = SheetStatus


class Stage(Enum):
    """Which decision is made on a sheet: its column, and the column it is held against."""

    FIRST = ("first", "claimed")
    SECOND = ("second", "first")
    #: Single figures by decision, after the provisional result: held against what stands.
    SETTLING = ("final", "final")

    @property
    def mine(self) -> str:
        """Return the column that is decided."""
        return self.value[0]

    @property
    def before(self) -> str:
        """Return the column one agrees with or not; while settling, what stands itself."""
        return self.value[1]

    def decided(self, line: ScoreLine | LineFigures) -> Figure | None:
        """Return what was decided on a line at this stage; None while nothing is."""
        figure: Figure | None = getattr(line, self.mine)
        return figure

    def reason(self, line: ScoreLine) -> str:
        """Return why, as written at this stage."""
        return str(getattr(line, f"{self.mine}_reason"))

    def held_against(self, line: ScoreLine | LineFigures) -> Figure:
        """Return the figure that agreeing takes over; nothing entered stays so, said on purpose."""
        return getattr(line, self.before) or {}

    def differs(self, line: ScoreLine | LineFigures) -> bool:
        """Whether the line was decided otherwise than it came."""
        decided = self.decided(line)
        return decided is not None and decided != self.held_against(line)


def stage_of(sheet: ScoreSheet, acting: Acting) -> Stage:
    """Return which decision the page is about: after the first appraisal the organiser's own."""
    if acting.is_organiser and sheet.status in (SS.APPROVED, SS.FINAL):
        return Stage.SETTLING
    if acting.is_organiser and sheet.status == SS.SECOND_APPRAISAL:
        return Stage.SECOND
    return Stage.FIRST


_RULES = {
    Stage.FIRST: policies.may_appraise,
    Stage.SECOND: policies.may_appraise_again,
    Stage.SETTLING: policies.may_settle,
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A unit in a comparison: its value and how long its bar is, in thousandths of the longest."""

    unit: str
    value: Decimal
    length: int
    is_own: bool


@dataclass(frozen=True)
class Docket:
    """A sheet as it lies before who appraises it; the same statements for any size."""

    sheet: ScoreSheet
    stage: Stage
    standing: SheetStanding
    verdict: Verdict
    cluster: Cluster
    #: The lines of the sheet in the order of the table.
    lines: list[ScoreLine]
    criteria: tuple[Criterion, ...]
    #: Column → the result of this unit computed over that column.
    results: Mapping[str, UnitResult]
    #: Column → the figures of the submitted sheets in that column.
    figures: Mapping[str, Figures]
    #: Code of a unit → what its claims are worth.
    claims: Mapping[str, UnitResult]
    #: What a cross-inspection found at this unit, by the code of the criterion.
    found: Mapping[str, list[Finding]]
    #: Column → codes of relative leaves that some sheet has not decided in it.
    compares_undecided: Mapping[str, frozenset[str]]
    #: Codes of the units whose sheets this person may open.
    open_units: frozenset[str]

    @property
    def undecided(self) -> list[ScoreLine]:
        """Return the lines nobody decided at this stage."""
        return [line for line in self.lines if self.stage.decided(line) is None]

    @property
    def differing(self) -> list[ScoreLine]:
        """Return the lines decided otherwise than they came."""
        return [line for line in self.lines if self.stage.differs(line)]

    def leaf(self, line: ScoreLine) -> Leaf:
        """Return the criterion of a line as the engine reads it."""
        code = line.criterion.code
        return next(leaf for leaf in self.cluster.table.leaves if leaf.code == code)

    def result(self, column: str, line: ScoreLine) -> LineResult | None:
        """Return points and explanation of a column; None where nothing was decided there."""
        if getattr(line, column) is None or column not in self.results:
            return None
        return self.results[column].lines[line.criterion.code]

    def points(self, column: str, line: ScoreLine) -> Decimal | None:
        """Return the points of a column; None where nothing was decided or it is not assigned."""
        found = self.result(column, line)
        return found.score if found else None

    def awaits_others(self, column: str, line: ScoreLine) -> bool:
        """Whether the points of a line compare with sheets nobody has decided in this column yet.

        Such points are not told: they would change with the order of the appraisals.
        """
        return line.criterion.code in self.compares_undecided.get(column, frozenset())

    def groups(self) -> list[tuple[Criterion, list[ScoreLine]]]:
        """Return the top groups, each with its lines at any depth, in the order of the table."""
        tops = {row.pk: row.parent_id for row in self.criteria}
        found = [(row, list[ScoreLine]()) for row in self.criteria if row.parent_id is None]
        places = {row.pk: lines for row, lines in found}
        for line in self.lines:
            at = line.criterion_id
            while (above := tops[at]) is not None:
                at = above
            places[at].append(line)
        return found

    def peers(self, line: ScoreLine) -> Peers:
        """Return what the other units claim whose sheets one may open."""
        others = [
            (sheet, self.cluster.lines[sheet.pk])
            for sheet in self.cluster.sheets
            if sheet.pk != self.sheet.pk and sheet.unit.code in self.open_units
        ]
        return peers_of(line.criterion.code, others, self.claims)

    def bars(self, line: ScoreLine) -> list[Bar]:
        """Compare the units whose sheets one may open, where the rule does; the best one first.

        Per cent of the target for `cluster_relative`, the result itself for `ratio_to_best`.
        """
        leaf = self.leaf(line)
        names = {sheet.unit.code: sheet.unit.short_name for sheet in self.cluster.sheets}
        found = [
            (names[unit.code], value, unit.code == self.sheet.unit.code)
            for unit in self.figures[self.stage.before].units
            if unit.code in self.open_units
            and (entry := unit.entries.get(leaf.code)) is not None
            and (value := _measure(leaf, entry)) is not None
        ]
        longest = max((value for _, value, _ in found), default=Decimal(0))
        rows = [
            Bar(name, value, int(value * 1000 / longest) if longest else 0, own)
            for name, value, own in found
        ]
        fewer = isinstance(leaf.rule, RatioToBest) and leaf.rule.fewer
        return sorted(rows, key=lambda bar: bar.value, reverse=not fewer)


def open_comparisons(cluster: Cluster, column: str) -> frozenset[str]:
    """Return the codes of relative leaves that some sheet has not decided in a column.

    A claim nobody made counts as not entered once its sheet is submitted.
    """
    if column == "claimed":
        return frozenset()
    return frozenset(
        line.criterion.code
        for sheet in cluster.sheets
        for line in cluster.lines[sheet.pk]
        if getattr(line, column) is None and is_relative(line)
    )


def _measure(leaf: Leaf, entry: Entry) -> Decimal | None:
    """Return what a relative rule compares units by; None where it does not, or has no figure."""
    rule = leaf.rule
    if not entry.assigned or entry.actual is None:
        return None
    if isinstance(rule, RatioToBest):
        return entry.actual
    if not isinstance(rule, ClusterRelative) or entry.target is None:
        return None
    if rule.attainment.baseline and not entry.baseline:
        return None
    done, whole = rule.attainment.ratio(entry)
    return done * HUNDRED / whole if whole else None


#: Columns that a page of each stage speaks of.
_COLUMNS = {
    Stage.FIRST: ("claimed", "first"),
    Stage.SECOND: ("claimed", "first", "second"),
    Stage.SETTLING: ("claimed", "first", "second", "final"),
}


def docket_of(sheet: ScoreSheet, acting: Acting, today: date) -> Docket:
    """Lay a sheet before who appraises it."""
    stage = stage_of(sheet, acting)
    lines = lines_of(sheet)
    standing = standing_of(sheet, acting, today, lines)
    whole = cluster_of(sheet.cluster_year)
    if whole is None:
        message = f"{sheet} stands in no cluster"
        raise RuntimeError(message)
    handed_in = [s for s in whole.sheets if s.submitted_at is not None or s.pk == sheet.pk]
    cluster = replace(whole, sheets=handed_in)
    figures = {column: cluster.read(column) for column in _COLUMNS[stage]}
    results = {
        column: {unit.code: unit for unit in compute(cluster.table, found).units}
        for column, found in figures.items()
    }
    seen = ScoreSheet.objects.visible_to(acting).filter(cluster_year=sheet.cluster_year_id)
    return Docket(
        sheet=sheet,
        stage=stage,
        standing=standing,
        verdict=_RULES[stage](standing),
        cluster=cluster,
        lines=lines,
        criteria=tuple(cluster.stored.criteria.order_by("order")),
        results={column: units[sheet.unit.code] for column, units in results.items()},
        figures=figures,
        claims=results["claimed"],
        found=findings_beside(sheet.cluster_year, sheet.unit_id, acting),
        compares_undecided={column: open_comparisons(cluster, column) for column in figures},
        open_units=frozenset(seen.values_list("unit__code", flat=True)),
    )


@dataclass(frozen=True, slots=True)
class Proof:
    """A file that stands beside a line, and where else it is used."""

    file: Evidence
    shield: str


def proofs_of(line: ScoreLine, acting: Acting) -> list[Proof]:
    """Return the evidence of a line as far as this person may read it."""
    files = list(
        Evidence.objects.visible_to(acting)
        .standing()
        .filter(score_lines=line)
        .order_by("uploaded_at", "pk")
    )
    shields = elsewhere(acting, files, besides=f"tiêu chí {line.criterion.code}") if files else {}
    return [Proof(file, shields.get(file.pk, "")) for file in files]


# Whose turn ----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Turn:
    """A unit in the switcher: its sheet, how far it is decided, and who appraises it."""

    membership: Membership
    sheet: ScoreSheet
    decided: int
    total: int
    #: Whether this person appraises the unit; the reason why not.
    verdict: Verdict
    judge_name: str

    @property
    def is_submitted(self) -> bool:
        """Whether there is something to appraise."""
        return self.sheet.submitted_at is not None


def turns_of(year: ClusterYear, acting: Acting, today: date) -> list[Turn]:
    """Return the units this person appraises, and the own one, in their order; five statements.

    The organiser sees all of them: where the first appraisal stands, and the second.
    """
    members = members_of(year)
    sheets = {
        sheet.unit_id: sheet
        for sheet in ScoreSheet.objects.filter(cluster_year=year)
        .select_related("cluster_year__cluster__organiser", "cluster_year__cycle", "unit")
        .annotate(
            in_first=Count("lines__first"), in_second=Count("lines__second"), total=Count("lines")
        )
    }
    if not sheets:
        return []
    # The facts about the person are the same for every sheet: asked once.
    asked = bench_for(next(iter(sheets.values())), acting, today, members)
    found = [
        _turn(asked, sheets[member.unit_id], member, members)
        for member in members
        if member.unit_id in sheets
    ]
    is_all = asked.place.is_organiser
    return [t for t in found if is_all or t.verdict or t.membership.unit_id == acting.unit_id]


def _turn(
    asked: Bench, sheet: ScoreSheet, member: Membership, members: Sequence[Membership]
) -> Turn:
    judge = next((m for m in members if m.unit_id == sheet.appraiser_id), None)
    bench = replace(asked, unit_id=member.unit_id, unit_name=member.unit.short_name, judge=judge)
    is_second = stage_of(sheet, asked.place.acting) is Stage.SECOND
    return Turn(
        membership=member,
        sheet=sheet,
        decided=sheet.in_second if is_second else sheet.in_first,  # type: ignore[attr-defined]
        total=sheet.total,  # type: ignore[attr-defined]
        verdict=may_judge(bench),
        judge_name=bench.judge_name,
    )


# How far apart -------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Shift:
    """What decisions did to points: how many lines went down and up, by how many points."""

    lines: int = 0
    lowered: int = 0
    lowered_by: Decimal = Decimal(0)
    raised: int = 0
    raised_by: Decimal = Decimal(0)
    #: Decided otherwise, but compared with sheets nobody has decided yet: not told.
    waiting: int = 0

    @property
    def net(self) -> Decimal:
        """Return the points won and lost together."""
        return self.raised_by - self.lowered_by

    def with_line(self, gap: Decimal | None) -> "Shift":
        """Return the sum with one more decided line; None for a gap that is not told."""
        one = replace(self, lines=self.lines + 1)
        if gap is None:
            return replace(one, waiting=self.waiting + 1)
        if gap < 0:
            return replace(one, lowered=self.lowered + 1, lowered_by=self.lowered_by - gap)
        if gap > 0:
            return replace(one, raised=self.raised + 1, raised_by=self.raised_by + gap)
        return one


@dataclass(frozen=True, slots=True)
class Lean:
    """How the appraisals of a unit lie beside its claim, in points.

    A total is None while a line of the sheet is undecided, or compares with a sheet that is.
    """

    sheet: ScoreSheet
    judge_name: str
    waits_for: str
    totals: Mapping[str, Decimal | None]
    #: How many lines each appraisal decided otherwise, also where the points stayed.
    changed: Mapping[Stage, int]
    shifts: Mapping[Stage, Shift]

    def gap(self, stage: Stage) -> Decimal | None:
        """Return what an appraisal did to the total; None while one of the two is not known."""
        later, earlier = self.totals[stage.mine], self.totals[stage.before]
        return None if later is None or earlier is None else later - earlier


@dataclass(frozen=True, slots=True)
class Hand:
    """What the decisions of one person, for one unit, at one stage did to points (U8)."""

    name: str
    unit: str
    stage: Stage
    sheets: int
    shift: Shift


#: The appraisals that are looked at, each with the event that tells who decided.
_WEIGHED: Final = {
    Stage.FIRST: "scoring.line_appraised",
    Stage.SECOND: "scoring.line_appraised_again",
}


def leans_of(year: ClusterYear) -> list[Lean]:
    """Compare claim, first and second appraisal of every submitted sheet; six statements."""
    weighed = _weighed(year)
    if weighed is None:
        return []
    cluster, gaps, results = weighed
    is_open = {column: bool(open_comparisons(cluster, column)) for column in results}
    names = dict(year.memberships.values_list("unit_id", "unit__short_name"))
    organiser = year.cluster.organiser.short_name

    def total(sheet: ScoreSheet, column: str) -> Decimal | None:
        lines = cluster.lines[sheet.pk]
        whole = column == "claimed" or all(getattr(line, column) is not None for line in lines)
        return results[column][sheet.unit.code].total if whole and not is_open[column] else None

    found = []
    for sheet in cluster.sheets:
        lines = cluster.lines[sheet.pk]
        judge = names.get(sheet.appraiser_id or 0, organiser)
        unit = sheet.unit.short_name
        found.append(
            Lean(
                sheet=sheet,
                judge_name=judge,
                waits_for=waits_for(SheetStatus(sheet.status), unit, judge, organiser),
                totals={column: total(sheet, column) for column in results},
                changed={stage: sum(stage.differs(line) for line in lines) for stage in _WEIGHED},
                shifts={stage: _sum(gaps[sheet.pk, stage].values()) for stage in _WEIGHED},
            )
        )
    return found


def hands_of(year: ClusterYear) -> list[Hand]:
    """Sum up by person what the decisions that stand did to points; who lowered most first.

    A line belongs to whoever decided it last at a stage; seven statements for any size.
    """
    weighed = _weighed(year)
    if weighed is None:
        return []
    cluster, gaps, _ = weighed
    deciders = _deciders([sheet.pk for sheet in cluster.sheets])
    shifts: dict[tuple[Stage, str, str], Shift] = {}
    sheets: dict[tuple[Stage, str, str], set[int]] = {}
    for (sheet, stage), lines in gaps.items():
        for code, gap in lines.items():
            key = (stage, *deciders.get((sheet, stage, code), ("", "")))
            shifts[key] = shifts.get(key, Shift()).with_line(gap)
            sheets.setdefault(key, set()).add(sheet)
    found = [
        Hand(name, unit, stage, len(sheets[stage, name, unit]), shift)
        for (stage, name, unit), shift in shifts.items()
    ]
    return sorted(found, key=lambda one: (one.stage.mine, one.shift.net, one.name, one.unit))


def _deciders(sheets: list[int]) -> dict[tuple[int, Stage, str], tuple[str, str]]:
    """Return who decided each line last, and for which unit: sheet, stage, code → name, unit."""
    events = AuditEvent.objects.filter(
        object_type=ScoreSheet._meta.label_lower, object_id__in=[str(pk) for pk in sheets],
        action__in=_WEIGHED.values(),
    ).order_by("seq")  # fmt: skip
    stages = {action: stage for stage, action in _WEIGHED.items()}
    return {
        (int(sheet), stages[action], code): (name, unit)
        for sheet, action, name, unit, after in events.values_list(
            "object_id", "action", "actor_name", "acting_unit", "after"
        )
        for code in after.get("lines", {})
    }


#: Sheet and stage → code of a decided line → what the decision did to its points, None: not told.
_Gaps = dict[tuple[int, Stage], dict[str, Decimal | None]]


def _weighed(
    year: ClusterYear,
) -> tuple[Cluster, _Gaps, dict[str, dict[str, UnitResult]]] | None:
    """Compute every column over the submitted sheets and hold each decision against the last."""
    whole = cluster_of(year)
    if whole is None:
        return None
    sheets = [sheet for sheet in whole.sheets if sheet.submitted_at is not None]
    cluster = replace(whole, sheets=sheets)
    results = {
        column: {unit.code: unit for unit in cluster.result(column).units}
        for column in _COLUMNS[Stage.SECOND]
    }
    untold = {column: open_comparisons(cluster, column) for column in results}

    def gap(sheet: ScoreSheet, stage: Stage, code: str) -> Decimal | None:
        if code in untold[stage.mine] | untold[stage.before]:
            return None
        later, earlier = (results[c][sheet.unit.code].lines[code].score
                          for c in (stage.mine, stage.before))  # fmt: skip
        return (later or Decimal(0)) - (earlier or Decimal(0))

    gaps: _Gaps = {}
    for sheet in sheets:
        for stage in _WEIGHED:
            decided = [line for line in cluster.lines[sheet.pk] if stage.decided(line) is not None]
            gaps[sheet.pk, stage] = {
                line.criterion.code: gap(sheet, stage, line.criterion.code)
                if stage.differs(line)
                else Decimal(0)
                for line in decided
            }
    return cluster, gaps, results


def _sum(gaps: Iterable[Decimal | None]) -> Shift:
    shift = Shift()
    for gap in gaps:
        shift = shift.with_line(gap)
    return shift


def vetoes_of(year: ClusterYear) -> list[Veto]:
    """Return the vetoes of a year, those that stand first."""
    found = Veto.objects.filter(cluster_year=year).select_related("unit", "raised_by", "lifted_by")
    return sorted(found.order_by("raised_at", "pk"), key=lambda veto: veto.lifted_at is not None)


def last_act(sheet: ScoreSheet, user_id: int, actions: Iterable[str]) -> AuditEvent | None:
    """Return what a person did last to a sheet, of some actions."""
    mine = AuditEvent.objects.about(sheet).filter(actor_id=user_id, action__in=list(actions))
    return mine.order_by("-seq").first()
