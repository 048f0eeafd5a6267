"""What stands beside a claim under appraisal: last year, the other units."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from clusters.queries import previous_year
from scoring.engine import UnitResult
from scoring.figures import Figure, is_entered
from scoring.models import (
    Publication,
    PublicationStatus,
    RunLine,
    ScoreLine,
    ScoreSheet,
)
from scoring.queries.sheet import LineFigures

#: Kinds of a figure that are one number, so that units can be put in a row by it.
_NUMBERS = ("points", "actual", "count", "days_late")


@dataclass(frozen=True, slots=True)
class LastYear:
    """What the same unit had at the same criterion in the official result of the year before."""

    #: Of which cycle: `năm 2025`.
    cycle: str
    figure: Figure
    unit_of_measure: str
    #: None: the criterion was not assigned to the unit.
    score: Decimal | None
    most: Decimal
    #: The wording of the criterion then, where it was another one; empty where it is the same.
    title: str


def last_year_of(sheet: ScoreSheet, line: ScoreLine) -> LastYear | None:
    """Return the official figure and points of the same code the year before; four statements.

    None where the cluster had no year before, it was not published, or the code is new.
    """
    before = previous_year(sheet.cluster_year)
    if before is None:
        return None
    runs = Publication.objects.filter(cluster_year=before, status=PublicationStatus.FINAL)
    run, code = runs.values_list("run", flat=True).first(), line.criterion.code
    scored = RunLine.objects.filter(result__run=run, result__unit=sheet.unit_id, code=code).first()
    row = (
        ScoreLine.objects.filter(
            sheet__cluster_year=before, sheet__unit=sheet.unit_id, criterion__code=code
        )
        .select_related("criterion")
        .first()
    )
    if run is None or scored is None or row is None:
        return None
    then = row.criterion.title
    return LastYear(
        cycle=str(before.cycle),
        figure=row.final or {},
        unit_of_measure=row.criterion.unit_of_measure,
        score=scored.score,
        most=scored.max_points,
        title="" if then == line.criterion.title else then,
    )


@dataclass(frozen=True, slots=True)
class Peer:
    """What another unit claims at the same criterion."""

    unit: str
    figure: Figure
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class Peers:
    """The claims of the other units that one may open, and their middle."""

    rows: tuple[Peer, ...]
    #: Middle of the figures in the form of a figure, and of the points; None below two.
    figure: Figure | None
    points: Decimal | None


def peers_of(
    code: str,
    others: Iterable[tuple[ScoreSheet, Sequence[LineFigures]]],
    results: Mapping[str, UnitResult],
) -> Peers:
    """Put together what other units claim; those without a result count for no middle."""
    rows = tuple(_peer(sheet, lines, code, results) for sheet, lines in others)
    entered = [row for row in rows if is_entered(row.figure)]
    numbers = [(key, Decimal(row.figure[key])) for row in entered if (key := _number(row.figure))]
    points = [row.points for row in entered if row.points is not None]
    alike = len(numbers) == len(entered) and len({key for key, _ in numbers}) == 1
    middle = median(value for _, value in numbers) if alike and len(numbers) > 1 else None
    return Peers(
        rows=rows,
        figure=None if middle is None else {numbers[0][0]: f"{middle.normalize():f}"},
        points=median(points) if len(points) > 1 else None,
    )


def _peer(
    sheet: ScoreSheet, lines: Sequence[LineFigures], code: str, results: Mapping[str, UnitResult]
) -> Peer:
    figure = next((line.claimed for line in lines if line.criterion.code == code), None)
    scored = results[sheet.unit.code].lines.get(code)
    return Peer(sheet.unit.short_name, figure or {}, scored.score if scored else None)


def _number(figure: Figure) -> str:
    """Return under which key a figure is one number; empty where it is none."""
    return next((key for key in _NUMBERS if key in figure), "")
