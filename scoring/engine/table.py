"""A criteria table: read from the interchange format, checked whole, then fixed."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Any, Final, cast

from scoring.engine.canonical import canonical
from scoring.engine.exact import EXACT, ZERO, plain
from scoring.engine.faults import Faults, shown
from scoring.engine.reading import ABSENT, NOT_NEGATIVE, POSITIVE, Body, Limits, Notes
from scoring.engine.rules import KINDS, Place, Role, Rule

_DEFAULT_PLACES: Final = 2
_MOST_PLACES: Final = 6
_DEEPEST: Final = 100
_GROUP_PREFIX: Final = "group:"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A criterion that is scored."""

    code: str
    title: str
    max: Decimal
    unit_of_measure: str
    role: Role
    rule: Rule


@dataclass(frozen=True, slots=True)
class Group:
    """A heading with groups or leaves below it; kind and cap are those of its top-level group."""

    code: str
    title: str
    role: Role
    #: Only at top-level groups of bonus and penalty points.
    cap: Decimal | None
    children: tuple["Group | Leaf", ...]


@dataclass(frozen=True, slots=True)
class Grade:
    """A row of the classification: its label and the per cent from which it is reached."""

    label: str
    reached_from: Decimal


@dataclass(frozen=True, slots=True)
class Table:
    """A sound criteria table."""

    name: str
    scale_total: Decimal
    #: Decimals of every score, 0 to 6.
    places: int
    by_total: bool
    #: ``bonus``, ``penalty`` or ``group:CODE``, in the order in which they are tried.
    tie_breakers: tuple[str, ...]
    classification: tuple[Grade, ...]
    groups: tuple[Group, ...]
    #: Every leaf, in the order of codes.
    leaves: tuple[Leaf, ...]
    #: The canonical form it was read from.
    canonical: bytes


def read_table(data: object) -> Table:
    """Read and check a table in the form of TABLE.json; raise :class:`Faults` with all of them."""
    with localcontext(EXACT):
        reader = _Reader()
        table = reader.table(data)
    if table is None:
        raise Faults(reader.notes.faults)
    return table


@dataclass(frozen=True, slots=True)
class _Node:
    """What was read of a row, faulty or not, and how much it adds to the row above."""

    item: Group | Leaf
    #: None when it is not known because of a fault.
    max: Decimal | None


#: Stands where a row could not be read; a table with such a row is never returned.
_FAULTY: Final = Group("", "", Role.ORDINARY, None, ())


class _Reader:
    """One reading of one table: its faults, its codes, its number of decimals."""

    def __init__(self) -> None:
        self.notes = Notes()
        #: Read with the head of the table; None when it is faulty.
        self.places: int | None
        self.codes: set[str] = set()
        self.group_codes: set[str] = set()
        self.leaves: list[Leaf] = []

    def table(self, data: object) -> Table | None:
        body = self.notes.body(data, "$")
        name = body.text("name")
        scale = body.number("scale_total", POSITIVE, needed=True)
        self.places = self._places(body)
        by_total, tie_breakers = self._ranking(body)
        grades = self._classification(body)
        nodes = [self._top(raw, path) for path, raw in body.entries("groups")]
        body.close()
        self._check_scale(body, scale, nodes)
        self._check_tie_breakers(tie_breakers)
        if self.notes.faults:
            return None
        return Table(
            name=name,
            scale_total=scale or ZERO,
            places=self.places or 0,
            by_total=by_total,
            tie_breakers=tuple(word for _, word in tie_breakers),
            classification=tuple(grades),
            groups=tuple(node.item for node in nodes if isinstance(node.item, Group)),
            leaves=tuple(sorted(self.leaves, key=lambda leaf: leaf.code)),
            canonical=canonical(cast("Mapping[str, Any]", data)),
        )

    def _places(self, body: Body) -> int | None:
        raw = body.take("rounding")
        if raw is ABSENT:
            return _DEFAULT_PLACES
        rounding = self.notes.body(raw, body.at("rounding"))
        places = rounding.take("places")
        rounding.close()
        if places is ABSENT:
            return _DEFAULT_PLACES
        if (
            isinstance(places, bool)
            or not isinstance(places, int)
            or places not in range(_MOST_PLACES + 1)
        ):
            wrong = f"{shown(places)} không phải số chữ số thập phân dùng được"
            self.notes.fault(rounding.at("places"), wrong, "phải là số nguyên JSON từ 0 đến 6")
            return None
        return places

    def _ranking(self, body: Body) -> tuple[bool, list[tuple[str, str]]]:
        """Return whether totals decide, and the tie-breakers as (path, word)."""
        raw = body.take("ranking")
        if raw is ABSENT:
            return False, []
        ranking = self.notes.body(raw, body.at("ranking"))
        by_total = ranking.choice("by", ("percent", "total"), default="percent") == "total"
        words = [
            (path, self.notes.label(word, path))
            for path, word in ranking.entries("tie_breakers", needed=False)
        ]
        ranking.close()
        return by_total, [(path, word) for path, word in words if word is not None]

    def _check_tie_breakers(self, tie_breakers: Iterable[tuple[str, str]]) -> None:
        for path, word in tie_breakers:
            code = word.removeprefix(_GROUP_PREFIX)
            if word not in {"bonus", "penalty"} and (code == word or code not in self.group_codes):
                allowed = "phải là bonus, penalty hoặc group: kèm mã một nhóm của bảng"
                self.notes.fault(path, f"không có tiêu chí phụ {shown(word)}", allowed)

    def _classification(self, body: Body) -> list[Grade]:
        grades: list[Grade] = []
        for path, raw in body.entries("classification", needed=False):
            row = self.notes.body(raw, path)
            label, start = row.label("label"), row.number("from", needed=True)
            row.close()
            if label is None or start is None:
                continue
            if grades and start >= grades[-1].reached_from:
                wrong = f"{plain(start)} không thấp hơn mức của hạng đứng trước"
                self.notes.fault(row.at("from"), wrong, "các mức phải giảm dần từ trên xuống")
            grades.append(Grade(label, start))
        return grades

    def _top(self, raw: object, path: str) -> _Node:
        """Read a top-level group: here alone stand its kind and its cap."""
        body = self.notes.body(raw, path)
        role, cap = Role.ORDINARY, None
        if body.has("kind"):
            role = Role(body.choice("kind", ("bonus", "penalty"), default=Role.BONUS.value))
            cap = body.number("cap", self._fine(NOT_NEGATIVE))
        elif body.has("cap"):
            body.take("cap")
            wrong = "nhóm trong thang điểm không có mức trần"
            self.notes.fault(body.at("cap"), wrong, "cap chỉ dùng ở nhóm điểm thưởng, điểm trừ")
        return self._group(body, role, cap, depth=1)

    def _group(self, body: Body, role: Role, cap: Decimal | None, depth: int) -> _Node:
        code, title = self._code(body), body.text("title")
        self.group_codes.add(code)
        needed = role is Role.ORDINARY
        stated = body.number("max", self._fine(NOT_NEGATIVE), needed=needed)
        nodes = [self._child(raw, path, role, depth + 1) for path, raw in body.entries("children")]
        body.close()
        total = _sum(nodes)
        if stated is not None and total is not None and stated != total:
            wrong = f"điểm tối đa {plain(stated)} khác tổng {plain(total)} của các mục con"
            self.notes.fault(body.at("max"), wrong, f"phải bằng {plain(total)}")
        group = Group(code, title, role, cap, tuple(node.item for node in nodes))
        return _Node(group, stated if stated is not None else total)

    def _child(self, raw: object, path: str, role: Role, depth: int) -> _Node:
        body = self.notes.body(raw, path)
        if not body.has("children") or body.has("rule"):
            return self._leaf(body, role)
        if depth > _DEEPEST:
            wrong = "các nhóm lồng vào nhau quá sâu"
            self.notes.fault(path, wrong, f"tối đa {_DEEPEST} cấp nhóm")
            return _Node(_FAULTY, None)
        return self._group(body, role, None, depth)

    def _leaf(self, body: Body, role: Role) -> _Node:
        code, title = self._code(body), body.text("title")
        top = body.number("max", self._fine(POSITIVE), needed=True)
        unit = body.text("unit_of_measure")
        body.text("legal_basis")
        body.flag("evidence_required", default=False)
        rule = self._rule(body, Place(top, self.places, role, unit))
        # The target proposed for all: it does not touch the score, but it must be a possible one.
        uses_target = rule is not None and "target" in rule.figures
        body.number("target", POSITIVE if uses_target else NOT_NEGATIVE, nullable=True)
        body.close()
        if rule is None:
            return _Node(_FAULTY, top)
        leaf = Leaf(code, title, top or ZERO, unit, role, rule)
        self.leaves.append(leaf)
        return _Node(leaf, top)

    def _rule(self, body: Body, place: Place) -> Rule | None:
        raw = body.take("rule", needed=True)
        if raw is ABSENT:
            return None
        rule = self.notes.body(raw, body.at("rule"))
        if not rule.sound:
            return None
        kind = rule.choice("kind", KINDS)
        return KINDS[kind].read(rule, place) if kind else None

    def _code(self, body: Body) -> str:
        code = body.label("code")
        if code is None:
            return ""
        if code in self.codes:
            wrong = f"mã {shown(code)} đã dùng trong bảng"
            self.notes.fault(body.at("code"), wrong, "mỗi nhóm, mỗi tiêu chí một mã riêng")
        self.codes.add(code)
        return code

    def _fine(self, limits: Limits) -> Limits:
        """Return the limits with the decimals that maxima and caps may have."""
        return replace(limits, places=self.places)

    def _check_scale(self, body: Body, scale: Decimal | None, nodes: list[_Node]) -> None:
        if not nodes or scale is None:
            return
        total = _sum([node for node in nodes if node.item.role is Role.ORDINARY])
        if total is not None and total != scale:
            wrong = f"thang điểm {plain(scale)} khác tổng {plain(total)} của các nhóm trong thang"
            self.notes.fault(body.at("scale_total"), wrong, f"phải bằng {plain(total)}")


def _sum(nodes: Iterable[_Node]) -> Decimal | None:
    """Add up maxima; None when one of them is not known."""
    total = ZERO
    for node in nodes:
        if node.max is None:
            return None
        total += node.max
    return total


def groups_of(groups: Iterable[Group]) -> Iterator[Group]:
    """Walk through all groups at every depth, parents first."""
    for group in groups:
        yield group
        yield from groups_of(child for child in group.children if isinstance(child, Group))
