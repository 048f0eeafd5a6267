"""Reads of the appraisal: whose turn it is on which sheet, and what each line is worth so far.

Points here are computed over the sheets that were submitted, each stage from its own figures
alone: who appraises sees nothing of a claim before its unit hands it in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum

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
from scoring.models import Criterion, Evidence, ScoreLine, ScoreSheet, SheetStatus, Veto
from scoring.policies import sheet as policies
from scoring.policies.sheet import SheetStanding
from scoring.queries.evidence import elsewhere
from scoring.queries.sheet import Cluster, bench_for, cluster_of, standing_of
from scoring.queries.stages import is_relative

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

    def decided(self, line: ScoreLine) -> Figure | None:
        """Return what was decided on a line at this stage; None while nothing is."""
        figure: Figure | None = getattr(line, self.mine)
        return figure

    def reason(self, line: ScoreLine) -> str:
        """Return why, as written at this stage."""
        return str(getattr(line, f"{self.mine}_reason"))

    def held_against(self, line: ScoreLine) -> Figure:
        """Return the figure that agreeing takes over; nothing entered stays so, said on purpose."""
        return getattr(line, self.before) or {}

    def differs(self, line: ScoreLine) -> bool:
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
    criteria: tuple[Criterion, ...]
    #: Column → the result of this unit computed over that column.
    results: Mapping[str, UnitResult]
    #: Column → the figures of the submitted sheets in that column.
    figures: Mapping[str, Figures]
    #: Column → codes of relative leaves that some sheet has not decided in it.
    compares_undecided: Mapping[str, frozenset[str]]
    #: Codes of the units whose sheets this person may open.
    open_units: frozenset[str]

    @property
    def lines(self) -> list[ScoreLine]:
        """Return the lines in the order of the table."""
        return self.cluster.lines[self.sheet.pk]

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
    standing = standing_of(sheet, acting, today)
    whole = cluster_of(sheet.cluster_year)
    if whole is None:
        message = f"{sheet} stands in no cluster"
        raise RuntimeError(message)
    handed_in = [s for s in whole.sheets if s.submitted_at is not None or s.pk == sheet.pk]
    cluster = replace(whole, sheets=handed_in)
    figures = {column: cluster.read(column) for column in _COLUMNS[stage]}
    results = {column: compute(cluster.table, found) for column, found in figures.items()}
    mine = {
        column: next(unit for unit in result.units if unit.code == sheet.unit.code)
        for column, result in results.items()
    }
    seen = ScoreSheet.objects.visible_to(acting).filter(cluster_year=sheet.cluster_year_id)
    return Docket(
        sheet=sheet,
        stage=stage,
        standing=standing,
        verdict=_RULES[stage](standing),
        cluster=cluster,
        criteria=tuple(cluster.stored.criteria.order_by("order")),
        results=mine,
        figures=figures,
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
class Lean:
    """How the appraisals of a unit lie beside its claim, in points.

    None while a line of the sheet is undecided, or compares with a sheet that is.
    """

    sheet: ScoreSheet
    judge_name: str
    claimed: Decimal | None
    first: Decimal | None
    second: Decimal | None
    #: How many lines each appraisal changed.
    changed_first: int
    changed_second: int

    @property
    def first_gap(self) -> Decimal | None:
        """Return the first appraisal less the claim."""
        return _gap(self.first, self.claimed)

    @property
    def second_gap(self) -> Decimal | None:
        """Return the second appraisal less the first."""
        return _gap(self.second, self.first)


def _gap(later: Decimal | None, earlier: Decimal | None) -> Decimal | None:
    return None if later is None or earlier is None else later - earlier


def leans_of(year: ClusterYear) -> list[Lean]:
    """Compare claim, first and second appraisal of every submitted sheet; five statements."""
    whole = cluster_of(year)
    if whole is None:
        return []
    sheets = [sheet for sheet in whole.sheets if sheet.submitted_at is not None]
    cluster = replace(whole, sheets=sheets)
    totals = {
        column: {unit.code: unit.total for unit in cluster.result(column).units}
        for column in _COLUMNS[Stage.SECOND]
    }
    is_open = {column: bool(open_comparisons(cluster, column)) for column in totals}
    totals = {column: {} if is_open[column] else found for column, found in totals.items()}
    names = dict(year.memberships.values_list("unit_id", "unit__short_name"))
    organiser = year.cluster.organiser.short_name
    return [
        _lean(cluster.lines[sheet.pk], sheet, totals, names.get(sheet.appraiser_id or 0, organiser))
        for sheet in sheets
    ]


def _lean(
    lines: Sequence[ScoreLine],
    sheet: ScoreSheet,
    totals: Mapping[str, Mapping[str, Decimal]],
    judge_name: str,
) -> Lean:
    def total(column: str) -> Decimal | None:
        whole = column == "claimed" or all(getattr(line, column) is not None for line in lines)
        return totals[column].get(sheet.unit.code) if whole else None

    return Lean(
        sheet=sheet,
        judge_name=judge_name,
        claimed=total("claimed"),
        first=total("first"),
        second=total("second"),
        changed_first=sum(Stage.FIRST.differs(line) for line in lines),
        changed_second=sum(Stage.SECOND.differs(line) for line in lines),
    )


def vetoes_of(year: ClusterYear) -> list[Veto]:
    """Return the vetoes of a year, those that stand first."""
    found = Veto.objects.filter(cluster_year=year).select_related("unit", "raised_by", "lifted_by")
    return sorted(found.order_by("raised_at", "pk"), key=lambda veto: veto.lifted_at is not None)


def last_act(sheet: ScoreSheet, user_id: int, actions: Iterable[str]) -> AuditEvent | None:
    """Return what a person did last to a sheet, of some actions."""
    mine = AuditEvent.objects.about(sheet).filter(actor_id=user_id, action__in=list(actions))
    return mine.order_by("-seq").first()
