"""The draft of a criteria table as the editor shows it: rows of ready strings, sums, faults."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal

from core.text import format_number
from scoring.models import CriteriaTable, Criterion
from scoring.queries.table import GROUP_KINDS, as_interchange, notes_of, rule_in_words
from scoring.queries.table_faults import RowFault, faults_in


@dataclass(frozen=True, slots=True)
class EditRow:
    """A row of the editor; every text is ready to be printed."""

    pk: int
    code: str
    title: str
    depth: int
    is_group: bool
    #: Key of the row above; 0 for a top-level group.
    above: int
    #: The maximum as typed, empty where a group has none.
    points: str
    rule: str
    #: Unit of measure, target, legal basis, evidence: what else the row says.
    notes: str
    tag: str
    #: Of a group: what its rows add up to, `180/200`; whether that is right.
    total: str
    is_even: bool
    faults: tuple[str, ...]
    #: Targets of the pledge that name the row.
    targets: int
    #: Whether the row counts for the scale: not inside bonus and penalty groups.
    is_ordinary: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """The standing bar: the sum of the ordinary groups against the scale."""

    total: str
    scale: str
    #: What is wrong, empty when the sums agree.
    trouble: str


@dataclass(frozen=True, slots=True)
class Editor:
    """Everything the editor's page shows."""

    rows: list[EditRow]
    balance: Balance
    faults: list[RowFault]


def editor_of(table: CriteriaTable, targets: Counter[str]) -> Editor:
    """Build the editor of a draft; two statements whatever its size."""
    criteria = list(table.criteria.order_by("order"))
    faults = faults_in(as_interchange(table, criteria))
    by_code: dict[str, list[str]] = defaultdict(list)
    for fault in faults:
        by_code[fault.code].append(fault.sentence)
    sums = _Sums(criteria)
    role, rows = "", []
    for row in criteria:
        role = row.kind if row.parent_id is None else role
        rows.append(_row(row, role, sums, tuple(by_code[row.code]), targets[row.code]))
    total = sum((sums.worth[r.pk] for r in criteria if r.parent_id is None and not r.kind), _ZERO)
    balance = balance_of(total, table.scale_total)
    return Editor(rows, balance, faults)


def balance_of(total: Decimal, scale: Decimal) -> Balance:
    """Hold the sum of the ordinary groups against the scale."""
    gap = scale - total
    trouble = ""
    if gap:
        trouble = f"{'còn thiếu' if gap > 0 else 'thừa'} {format_number(abs(gap))}"
    return Balance(format_number(total), format_number(scale), trouble)


_ZERO = Decimal(0)


class _Sums:
    """What the rows below each group add up to; groups without a maximum count by their rows."""

    def __init__(self, criteria: list[Criterion]) -> None:
        self.below: dict[int, Decimal] = dict.fromkeys((row.pk for row in criteria), _ZERO)
        self.worth: dict[int, Decimal] = {}
        for row in reversed(criteria):  # what is below comes before what is above
            stated = row.max_points
            self.worth[row.pk] = self.below[row.pk] if stated is None else stated
            if row.parent_id is not None:
                self.below[row.parent_id] += self.worth[row.pk]


def _row(row: Criterion, role: str, sums: _Sums, faults: tuple[str, ...], targets: int) -> EditRow:
    is_group = row.rule is None
    below, stated = sums.below[row.pk], row.max_points
    cap = row.details.get("cap")
    total = ""
    if is_group:
        total = format_number(below) + ("" if stated is None else f"/{format_number(stated)}")
    tag = GROUP_KINDS.get(row.kind, "")
    return EditRow(
        pk=row.pk,
        code=row.code,
        title=row.heading,
        depth=row.depth,
        is_group=is_group,
        above=row.parent_id or 0,
        points="" if stated is None else format_number(stated),
        rule="" if is_group else rule_in_words(row, takes_away=role == "penalty"),
        notes="; ".join(
            ([f"đơn vị tính: {row.unit_of_measure}"] if row.unit_of_measure else []) + notes_of(row)
        ),
        tag=f"{tag}, tối đa {format_number(Decimal(cap))}" if tag and cap else tag,
        total=total,
        is_even=stated is None or below == stated,
        faults=faults,
        targets=targets,
        is_ordinary=not role,
    )
