"""Reads of criteria tables and what waits for their keepers."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.urls import reverse

from clusters.acting import Acting
from clusters.models import ClusterYear, YearStatus
from clusters.queries import place_of
from core.canonical import plain
from core.inbox import Work, asked_in
from core.text import format_number
from scoring.models import CriteriaTable, CriteriaTableQuerySet, Criterion, ScoreSheet
from scoring.policies.table import TableStanding
from scoring.tablebook import names

#: Ready-made tables shipped with the product, in the interchange format of the engine.
STARTERS: Final = Path(__file__).parent.parent / "starters"
#: What stands before the key of a source: a ready-made table, or the table of another year.
READY_MADE, STORED_TABLE = "mau", "bang"


#: States of the year in which its criteria table is chosen.
_OPEN_YEAR: Final = (YearStatus.PREPARING, YearStatus.DRAFTING)


@asked_in(_OPEN_YEAR)
def work_waiting(acting: Acting, _now: datetime) -> list[Work]:
    """Ask the organiser for the criteria table of years that have none."""
    if not acting.is_organiser:
        return []
    years = (
        ClusterYear.objects.visible_to(acting)
        .filter(status__in=_OPEN_YEAR)
        .exclude(criteria_tables__status__in=["DRAFT", "IN_USE"])
        .with_names()
    )
    return [
        Work(
            title="Chọn bảng tiêu chí chấm điểm",
            why="Quy định chấm điểm được thông qua cùng giao ước; năm này chưa có bảng.",
            url=reverse("scoring:choose_table", args=[year.pk]),
            verb="Chọn bảng",
            icon="list-check",
            cluster=str(year),
        )
        for year in years
    ]


def starters() -> dict[str, str]:
    """Return the ready-made tables: file stem → name."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))["name"]
        for path in sorted(STARTERS.glob("*.json"))
    }


def standing_table(acting: Acting, year: ClusterYear) -> CriteriaTable | None:
    """Return the table that stands in a year: the one in use, else the draft."""
    tables = CriteriaTable.objects.visible_to(acting).filter(cluster_year=year)
    return _first(tables, CriteriaTable.Status.IN_USE, CriteriaTable.Status.DRAFT)


def draft_of(year: ClusterYear | int) -> CriteriaTable | None:
    """Return the draft of a year's next version, alone or beside the table in use."""
    tables = CriteriaTable.objects.filter(cluster_year=year)
    return tables.filter(status=CriteriaTable.Status.DRAFT).first()


def table_to_adopt(year: ClusterYear | int) -> CriteriaTable | None:
    """Return the table that a pledge being drafted adopts: the draft, else the one in use."""
    tables = CriteriaTable.objects.filter(cluster_year=year)
    return _first(tables, CriteriaTable.Status.DRAFT, CriteriaTable.Status.IN_USE)


def _first(tables: CriteriaTableQuerySet, *statuses: str) -> CriteriaTable | None:
    """Return the first table in the order of statuses; a year has at most one of each of these."""
    found = {table.status: table for table in tables.filter(status__in=statuses)}
    return next((found[status] for status in statuses if status in found), None)


def table_standing(acting: Acting, year: ClusterYear) -> TableStanding:
    """Gather the facts every rule about the tables of a year asks for."""
    found = {
        table.status: table
        for table in CriteriaTable.objects.filter(cluster_year=year).exclude(
            status=CriteriaTable.Status.REPLACED
        )
    }
    return TableStanding(
        place=place_of(acting, year),
        year=year,
        draft=found.get(CriteriaTable.Status.DRAFT),
        in_use=found.get(CriteriaTable.Status.IN_USE),
        has_sheets=ScoreSheet.objects.filter(cluster_year=year).exists(),
    )


def as_interchange(
    table: CriteriaTable, criteria: Iterable[Criterion] | None = None
) -> dict[str, Any]:
    """Write a stored table in the interchange format; `criteria` are its rows, if at hand."""
    children: dict[int | None, list[Criterion]] = {}
    for row in table.criteria.order_by("order") if criteria is None else criteria:
        children.setdefault(row.parent_id, []).append(row)

    def node(row: Criterion) -> dict[str, Any]:
        body: dict[str, Any] = {"code": row.code, **row.details}
        if row.title:
            body["title"] = row.title
        if row.max_points is not None:
            body["max"] = plain(row.max_points)
        if row.kind:
            body["kind"] = row.kind
        if row.rule is not None:
            return (
                body
                | {"rule": row.rule}
                | ({"unit_of_measure": row.unit_of_measure} if row.unit_of_measure else {})
            )
        return body | {"children": [node(child) for child in children.get(row.pk, [])]}

    return {
        "name": table.name,
        "scale_total": plain(table.scale_total),
        **table.settings,
        "groups": [node(row) for row in children.get(None, [])],
    }


def rules_in_use(year: ClusterYear) -> dict[str, dict[str, Any]]:
    """Return the rule of every leaf of the table in use, by code; empty where there is none."""
    leaves = Criterion.objects.filter(
        table__cluster_year=year, table__status=CriteriaTable.Status.IN_USE, rule__isnull=False
    )
    return {leaf.code: leaf.rule for leaf in leaves if leaf.rule is not None}


def nodes_of(table: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every row of a table in the interchange form, in its order."""
    stack = list(reversed(table.get("groups", ())))
    while stack:
        node = stack.pop()
        stack += reversed(node.get("children", ()))
        yield node


def leaves_of(table: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the leaves of a table in the interchange form by code."""
    return {node["code"]: node for node in nodes_of(table) if "children" not in node}


def takes_target(criterion: Criterion) -> bool:
    """Whether the rule of a leaf holds a result against a target."""
    return is_held_against_target(criterion.rule)


def is_held_against_target(rule: Mapping[str, Any] | None) -> bool:
    """Whether a rule of the interchange form holds a result against a target."""
    rule = rule or {}
    attained = rule.get("kind") in ("percent_of_target", "cluster_relative", "deduct_short")
    return attained or rule.get("on") == "attainment_percent"


def table_choices(acting: Acting, year: ClusterYear) -> list[tuple[str, Any]]:
    """Return what a year can take its table from: own years first, then others, then ready-made."""
    tables = (
        CriteriaTable.objects.visible_to(acting)
        .exclude(cluster_year=year)
        .exclude(status=CriteriaTable.Status.REPLACED)
        .select_related("cluster_year__cluster", "cluster_year__cycle")
        .order_by("-cluster_year__cycle__year", "cluster_year__cluster__search_key")
    )
    own = [_choice(t) for t in tables if t.cluster_year.cluster_id == year.cluster_id]
    others = [_choice(t) for t in tables if t.cluster_year.cluster_id != year.cluster_id]
    ready = [(f"{READY_MADE}:{key}", name) for key, name in starters().items()]
    groups = [
        ("Các năm trước của cụm, khối này", own),
        ("Các cụm, khối khác", others),
        ("Bảng mẫu kèm theo phần mềm", ready),
    ]
    return [(title, choices) for title, choices in groups if choices]


def _choice(table: CriteriaTable) -> tuple[str, str]:
    scale = format_number(table.scale_total)
    return f"{STORED_TABLE}:{table.pk}", f"{table.name} ({table.cluster_year}, thang {scale} điểm)"


#: What the kinds of rules and of groups are called; Excel files of tables use the same words.
RULE_KINDS: Final = names.RULE_KINDS
GROUP_KINDS: Final = names.GROUP_KINDS


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """A row of the table as the page prints it: ready-made strings only."""

    code: str
    title: str
    depth: int
    is_group: bool
    points: str
    unit: str
    rule: str
    detail: str
    tag: str
    #: What else the row says: proposed target, evidence, legal basis.
    notes: str = ""


def rows_of(table: CriteriaTable) -> list[CriterionRow]:
    """Return the tree row by row in one statement, sums of groups filled in from their leaves."""
    criteria = list(table.criteria.order_by("order"))
    sums = _sums(criteria)
    kind, rows = "", []
    for row in criteria:
        kind = row.kind if row.parent_id is None else kind
        rows.append(_row(row, sums[row.pk], takes_away=kind == "penalty"))
    return rows


def _sums(criteria: list[Criterion]) -> dict[int, Decimal]:
    """Add up the leaves below each row."""
    parents = {row.pk: row.parent_id for row in criteria}
    sums = {row.pk: Decimal(0) for row in criteria}
    for row in criteria:
        if row.rule is None:
            continue
        at: int | None = row.pk
        while at is not None:
            sums[at] += row.max_points or Decimal(0)
            at = parents[at]
    return sums


def _row(row: Criterion, below: Decimal, *, takes_away: bool) -> CriterionRow:
    cap = row.details.get("cap")
    is_group = row.rule is None
    return CriterionRow(
        code=row.code,
        title=row.heading,
        depth=row.depth,
        is_group=is_group,
        points=format_number(below if row.max_points is None else row.max_points),
        unit=row.unit_of_measure,
        rule="" if row.rule is None else RULE_KINDS[row.rule["kind"]],
        detail=f"tối đa {_number(cap)} điểm" if cap else _rule_detail(row.rule or {}, takes_away),
        tag=GROUP_KINDS.get(row.kind, ""),
        notes="; ".join(notes_of(row)),
    )


def notes_of(row: Criterion) -> list[str]:
    """Say what a row carries besides text, points and rule."""
    details = row.details
    notes = []
    if details.get("target") is not None:
        notes.append(f"chỉ tiêu đề nghị {_number(details['target'])}")
    if details.get("evidence_required"):
        notes.append("phải có minh chứng")
    if details.get("legal_basis"):
        notes.append(f"căn cứ: {details['legal_basis']}")
    return notes


def rule_in_words(row: Criterion, *, takes_away: bool) -> str:
    """Say the rule of a leaf in one line: what it is called, then its figures."""
    return said_of_rule(row.rule or {}, takes_away=takes_away)


def said_of_rule(rule: dict[str, Any], *, takes_away: bool) -> str:
    """Say a rule of the interchange format in one line."""
    detail = _rule_detail(rule, takes_away)
    name = RULE_KINDS.get(rule.get("kind", ""), "")
    return f"{name}: {detail}" if detail else name


def _rule_detail(rule: dict[str, Any], takes_away: bool) -> str:  # noqa: FBT001
    """Say the figures of a rule in a few words; what has none says nothing."""
    parts = [_listed(rule, takes_away), _short_detail(rule)]
    return "; ".join(part for part in parts if part)


def _listed(rule: dict[str, Any], takes_away: bool) -> str:  # noqa: FBT001
    """Say the levels, bands, items or ranks of a rule that has them."""
    kind = rule.get("kind")
    if kind == "levels":
        return "; ".join(f"{lv['label']} {_number(lv['points'])}" for lv in rule["levels"])
    if kind == "bands":
        return _MEASURES[rule.get("on", "")] + "; ".join(_band(band) for band in rule["bands"])
    if kind == "per_occurrence":
        return "; ".join(
            f"{item['label']} {_signed(item['points_each'], takes_away)}" for item in rule["items"]
        )
    if kind == "rank_points":
        points = enumerate(rule["points"], start=1)
        return "; ".join(f"hạng {rank}: {_number(value)}" for rank, value in points)
    return ""


#: What the value of a band is, where it is not the result itself.
_MEASURES: Final[dict[str, str]] = {
    "": "",
    "actual": "",
    "attainment_percent": "mức hoàn thành (%) ",
    "days_late": "số ngày chậm ",
}


def _short_detail(rule: dict[str, Any]) -> str:
    says = {
        "points_each": "mỗi lần trừ {} điểm",
        "per_percent": "mỗi phần trăm thiếu trừ {} điểm",
        "floor_percent": "dưới {} % được 0 điểm",
        "cap_percent": "tính tối đa {} %",
        "lead_share": "đạt chỉ tiêu được {} số điểm",
        "min": "thấp nhất {} điểm",
        "max": "cao nhất {} điểm",
    }
    parts = [says[key].format(_number(rule[key])) for key in says if rule.get(key)]
    parts += ["không giới hạn mức vượt"] if rule.get("cap_percent", "") is None else []
    parts += ["càng ít càng tốt"] if rule.get("direction") == "down" else []
    parts += ["so với năm trước"] if rule.get("baseline") else []
    parts += ["không có chỉ tiêu thì không tính"] if rule.get("no_target") == "skip" else []
    parts += ["vi phạm thì không xếp hạng"] if rule.get("veto") else []
    return "; ".join(parts)


def _band(band: dict[str, Any]) -> str:
    low, high = band.get("from"), band.get("to")
    parts = []
    if low is not None:
        parts.append(("từ " if band.get("from_inclusive", True) else "trên ") + _number(low))
    if high is not None:
        parts.append(("đến " if band.get("to_inclusive", False) else "dưới ") + _number(high))
    return f"{' '.join(parts)}: {_number(band['points'])}"


def _number(text: str) -> str:
    return format_number(Decimal(text))


def _signed(text: str, takes_away: bool) -> str:  # noqa: FBT001
    """Say whether points are given or taken; in a group of penalties positive ones are taken."""
    value = -Decimal(text) if takes_away else Decimal(text)
    return f"{'cộng' if value > 0 else 'trừ'} {format_number(abs(value))}"
