"""The explanation cards of one unit in a run: every point with its sentence and its rule."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.text import format_number
from scoring.engine import KINDS, Group, Leaf, Role
from scoring.engine.outlook import Outlook
from scoring.models import RunLine, RunResult, coded_title
from scoring.queries.board import Gaps, Shape, gaps_of, leaves_of
from scoring.queries.outlook import range_in_words
from scoring.queries.table import RULE_KINDS

#: What the kind of a rule is called.
_NAMES: Final = {rule: RULE_KINDS[kind] for kind, rule in KINDS.items()}


def rule_name(leaf: Leaf) -> str:
    """Return what the kind of rule of a leaf is called."""
    return _NAMES[type(leaf.rule)]


@dataclass(frozen=True, slots=True)
class Card:
    """A row of the explanation of one unit: a group with its sum, or a leaf with its sentence."""

    code: str
    title: str
    depth: int
    #: Where it stands on the page.
    anchor: str
    is_group: bool
    score: str
    most: str
    why: str
    rule: str = ""
    is_assigned: bool = True
    #: Why it counts as 0 although nothing was decided so; empty for a real zero.
    missing: str = ""
    #: From where to where the points can still go; empty where they cannot.
    ends: str = ""


def cards_of(result: RunResult, shape: Shape, ends: Outlook | None = None) -> list[Card]:
    """Return the groups and leaves of one unit with the sentence of each point."""
    lines = {line.code: line for line in result.lines.all()}
    gaps = gaps_of(result.run, [result])[result.pk]
    stack = _Stack(result, shape, lines, gaps, ends)
    return [card for group in shape.table.groups for card in stack.cards(group, 1)]


@dataclass(frozen=True, slots=True)
class _Stack:
    """The cards of one unit while they are written."""

    result: RunResult
    shape: Shape
    lines: Mapping[str, RunLine]
    gaps: Gaps
    ends: Outlook | None

    def cards(self, node: Group | Leaf, depth: int) -> Iterator[Card]:
        """Yield the card of a group or leaf and of everything below it."""
        if isinstance(node, Leaf):
            yield self._leaf(node, depth)
            return
        yield Card(
            code=node.code,
            title=node.title or coded_title(node.code, is_group=True),
            depth=depth,
            anchor=self.shape.places[node.code],
            is_group=True,
            score=self.shape.points(Decimal(self.result.groups[node.code])),
            most=most_of(node),
            why=self._sum(node),
        )
        for child in node.children:
            yield from self.cards(child, depth + 1)

    def _sum(self, group: Group) -> str:
        """Say how a group adds up, as in `I.1: 5,00 + I.2: 6,50 = 11,50`."""
        parts = [(child.code, self._points(child)) for child in group.children]
        known = [(code, points) for code, points in parts if points is not None]
        total = sum((points for _, points in known), Decimal(0))
        said = " + ".join(f"{code}: {self.shape.points(points)}" for code, points in known)
        if group.cap is not None and total > group.cap:
            most = format_number(group.cap)
            return f"{said} = {self.shape.points(total)}, tính tối đa {most}."
        return f"{said} = {self.shape.points(total)}." if len(known) > 1 else ""

    def _points(self, node: Group | Leaf) -> Decimal | None:
        if isinstance(node, Group):
            return Decimal(self.result.groups[node.code])
        return self.lines[node.code].score

    def _leaf(self, leaf: Leaf, depth: int) -> Card:
        line, code, shape = self.lines[leaf.code], leaf.code, self.shape
        missing = "chưa nhập" if code in self.gaps.not_entered else ""
        return Card(
            code=code,
            title=leaf.title or coded_title(code),
            depth=depth,
            anchor=shape.places[code],
            is_group=False,
            score="" if line.score is None else shape.points(line.score),
            most=format_number(line.max_points),
            why=line.why,
            rule=rule_name(leaf),
            is_assigned=line.score is not None,
            missing="chưa có chỉ tiêu" if code in self.gaps.no_target else missing,
            ends=range_in_words(self.ends.lines[code], shape.table.places) if self.ends else "",
        )


def most_of(group: Group) -> str:
    """Say what a group can give at most: its leaves, or its cap; outside the scale maybe no end."""
    if group.cap is not None:
        return format_number(group.cap)
    if group.role is not Role.ORDINARY:
        return ""
    return format_number(sum((leaf.max for leaf in leaves_of(group)), Decimal(0)))
