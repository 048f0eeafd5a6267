"""The four figures of a line side by side: decided by whom, when, why, for how many points."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from clusters.models import YearStatus
from core.models import AuditEvent
from core.text import format_number
from scoring.engine import UnitResult
from scoring.figures import Figure, is_not_assigned, words_of
from scoring.models import Criterion, ScoreLine, ScoreSheet
from scoring.queries.sheet import STAGES, Cluster, LineFigures

#: What the four figures are called.
STAGE_NAMES: Final[dict[str, str]] = {
    "claimed": "Tự chấm",
    "first": "Thẩm định lần một",
    "second": "Thẩm định lần hai",
    "final": "Chính thức",
}
#: Rules whose points move with the figures of the other units.
RELATIVE: Final = frozenset({"cluster_relative", "ratio_to_best"})
#: How a claim came to stand that nobody typed.
PREFILLED: Final = "Lấy từ giao ước và số liệu tiến độ đã chấp nhận khi mở phiếu"
_DECIDED: Final[dict[str, str]] = {
    "scoring.line_claimed": "claimed",
    "scoring.line_appraised": "first",
    "scoring.line_appraised_again": "second",
    "scoring.sheet_approved": "final",
    "scoring.line_settled": "final",
}
_REASONS: Final[dict[str, str]] = {
    "claimed": "claim_note",
    "first": "first_reason",
    "second": "second_reason",
    "final": "final_reason",
}

#: Event by code and stage; under the code "" events that decide every line of the sheet.
Decisions = Mapping[tuple[str, str], AuditEvent]
#: Results of one unit by stage.
Results = Mapping[str, UnitResult]


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the four figures of a line, in strings."""

    key: str
    name: str
    #: The figure as people read it; empty while nobody has decided.
    words: str
    #: Points with the unit's name left out; empty where there are none.
    points: str
    who: str
    acting: str
    at: datetime | None
    #: Without a person: how the figure came here; empty otherwise.
    origin: str
    reason: str
    #: The figure is itself a number of points.
    is_direct: bool
    #: One sentence of the engine that explains the points.
    why: str
    is_decided: bool
    is_unassigned: bool
    #: Nothing was entered, said on purpose.
    is_empty: bool
    #: The points still move with what other units enter.
    is_provisional: bool
    #: Another figure than the stage before.
    differs: bool


def is_relative(line: ScoreLine | LineFigures) -> bool:
    """Whether the points of a line move with the figures of the other units."""
    return is_relative_rule(line.criterion)


def is_relative_rule(criterion: Criterion) -> bool:
    """Whether the points of a leaf move with the figures of the other units."""
    return (criterion.rule or {}).get("kind") in RELATIVE


def results_of(cluster: Cluster, sheet: ScoreSheet, stages: Iterable[str] = STAGES) -> Results:
    """Compute the stages over the whole cluster and keep what concerns one unit."""
    return {
        stage: next(unit for unit in cluster.result(stage).units if unit.code == sheet.unit.code)
        for stage in stages
    }


def decisions_of(sheet: ScoreSheet) -> Decisions:
    """Return who decided each line last at each stage; one statement."""
    found: dict[tuple[str, str], AuditEvent] = {}
    for event in AuditEvent.objects.about(sheet).filter(action__in=list(_DECIDED)):
        stage = _DECIDED[event.action]
        lines = event.after.get("lines")
        for code in lines if isinstance(lines, dict) else [""]:
            found[code, stage] = event
    return found


def four_of(
    line: ScoreLine,
    results: Results,
    decisions: Decisions,
    shown: Iterable[str] = STAGES,
) -> list[Stage]:
    """Return the four figures of a line in the order in which they are made.

    What is not among the stages `shown` reads as not decided.
    """
    rows, before, seen = [], line.claimed or {}, set(shown)
    for key in STAGES:
        figure = getattr(line, key) if key in seen else None
        rows.append(_stage(line, key, figure, before, results, decisions))
        before = before if figure is None else figure
    return rows


def _stage(
    line: ScoreLine,
    key: str,
    figure: Figure | None,
    before: Figure,
    results: Results,
    decisions: Decisions,
) -> Stage:
    code = line.criterion.code
    is_decided = figure is not None
    scored = results[key].lines.get(code) if is_decided and key in results else None
    event = decisions.get((code, key)) or decisions.get(("", key))
    event = event if is_decided else None
    year = line.sheet.cluster_year
    is_over = year.status in (YearStatus.PUBLISHED, YearStatus.ARCHIVED)
    return Stage(
        key=key,
        name=STAGE_NAMES[key],
        words=words_of(figure, line.criterion.unit_of_measure),
        points=points_text(scored.score if scored else None),
        who=event.actor_name if event else "",
        acting=", ".join(filter(None, (event.acting_role, event.acting_unit))) if event else "",
        at=event.at if event else None,
        origin=PREFILLED if is_decided and key == "claimed" and event is None else "",
        reason=getattr(line, _REASONS[key]) if is_decided else "",
        is_direct=bool(figure and "points" in figure),
        why=scored.why if scored else "",
        is_decided=is_decided,
        is_unassigned=is_not_assigned(figure),
        is_empty=figure == {},
        is_provisional=is_relative(line) and not (is_over and key == "final"),
        differs=is_decided and key != "claimed" and figure != before,
    )


def points_text(points: Decimal | None) -> str:
    """Write points with two decimals; nothing stays nothing."""
    return "" if points is None else format_number(points, 2)


def source_of(basis: Mapping[str, Any]) -> str:
    """Name the place of the target in the signed pledge: "Giao ước 01/GƯTĐ-K1, dòng 5"."""
    source = basis.get("source")
    if not source:
        return ""
    number = source.get("number") or f"bản {source.get('version')}"
    return f"Giao ước {number}, dòng {source.get('row')}"
