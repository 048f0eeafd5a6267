"""A version as a page reads it: papers, parts, numbered lines, the change against another version.

Pure: two contents (see `pledges.content`) go in, ready-made strings and redline pieces come out, so
that a template only walks through them. Rows are matched by their key.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from core.text import clip, format_number, roman
from pledges.models import PaperKind, Section
from pledges.redline import Piece, activity_text, clause_text, target_text, value_text, words

Content = dict[str, Any]

#: How a short name of a thing is cut in lists and headings.
LABEL_LENGTH = 90
PART_TITLES: dict[str, str] = {
    Section.CONTENT: "Nội dung thi đua",
    Section.MEASURES: "Biện pháp, các đợt thi đua",
    Section.EXECUTION: "Tổ chức thực hiện",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A clause: its number, its words with what changed, and whose task it is."""

    key: str
    number: str
    heading: tuple[Piece, ...]
    text: tuple[Piece, ...]
    change: str = ""

    @property
    def is_removed(self) -> bool:
        """Whether it stands here only to show that it is gone."""
        return self.change == "removed"


@dataclass(frozen=True, slots=True)
class Group:
    """Clauses under one sub-heading: common ones, or the tasks of one unit."""

    title: str
    lines: tuple[Line, ...]
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a paper (căn cứ, I. Nội dung thi đua …) with its groups of clauses."""

    id: str
    title: str
    section: str
    groups: tuple[Group, ...]

    @property
    def keys(self) -> list[str]:
        """Return the keys of everything that stands in the part now."""
        return [x.key for g in self.groups for x in g.lines if not x.is_removed]


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target as one row of the table: mine, or the common level, and how levels spread."""

    key: str
    number: str
    area: str
    text: tuple[Piece, ...]
    unit_of_measure: str
    level: tuple[Piece, ...]
    #: "number", "unset", "unassigned", "text" or "mixed" (no single level to show).
    state: str
    before: str
    spread: str
    change: str = ""

    @property
    def is_removed(self) -> bool:
        """Whether it stands here only to show that it is gone."""
        return self.change == "removed"


@dataclass(frozen=True, slots=True)
class TargetTable:
    """The targets of one kind: common levels, or levels of each unit."""

    id: str
    title: str
    rows: tuple[TargetRow, ...]
    is_common: bool

    @property
    def keys(self) -> list[str]:
        """Return the keys of the targets that stand now."""
        return [row.key for row in self.rows if not row.is_removed]


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """A row of the activity programme."""

    key: str
    number: str
    when: tuple[Piece, ...]
    what: tuple[Piece, ...]
    responsible: tuple[Piece, ...]
    output: tuple[Piece, ...]
    change: str = ""

    @property
    def is_removed(self) -> bool:
        """Whether it stands here only to show that it is gone."""
        return self.change == "removed"


@dataclass(frozen=True, slots=True)
class PaperView:
    """One paper of the version, ready to be read."""

    kind: str
    title: str
    signing: str
    parts: tuple[Part, ...]
    activities: tuple[ActivityRow, ...] = ()

    @property
    def tab(self) -> str:
        """Return the short name of the paper."""
        return TABS[self.kind]


TABS: dict[str, str] = {
    PaperKind.PLEDGE: "Giao ước",
    PaperKind.PROGRAMME: "Chương trình hoạt động",
    PaperKind.REGULATION: "Quy định chấm điểm",
    PaperKind.OUTLINE: "Đề cương báo cáo",
}


def papers(content: Content, old: Content | None = None, *, whole: bool = False) -> list[PaperView]:
    """Return the papers of a content, changes against `old` marked; `whole` keeps empty parts."""
    return [
        PaperView(
            paper["kind"],
            paper["title"],
            paper["signing"],
            tuple(_parts(paper["kind"], content, old, whole=whole)),
            activity_rows(content, old) if paper["kind"] == PaperKind.PROGRAMME else (),
        )
        for paper in content["papers"]
    ]


def slogan(content: Content, old: Content | None) -> tuple[Piece, ...]:
    """Return the slogan with what changed."""
    return words(old["slogan"] if old else content["slogan"], content["slogan"])


def target_tables(
    content: Content, old: Content | None, *, unit: str, last: Content | None = None
) -> list[TargetTable]:
    """Return common targets and those of each unit, the level of one unit (its code) shown.

    Without a unit (the organiser) a level that differs shows how it spreads. `last` is the pledge
    of the year before: its level stands where no figure of that year was given.
    """
    before, earlier = _by_key(old, "targets"), _by_key(last, "targets")
    common: list[TargetRow] = []
    own: list[TargetRow] = []
    for number, row in enumerate(content["targets"], start=1):
        was = before.get(row["key"]) if old is not None else row
        made = _target_row(row, was, str(number), unit)
        if not made.before and row["key"] in earlier:
            made = replace(made, before=_shown_level(earlier[row["key"]], unit)[0])
        (common if _is_common(row) else own).append(made)
    standing = {row["key"] for row in content["targets"]}
    for key, row in before.items():
        if key not in standing:
            (common if _is_common(row) else own).append(_gone_target(row, unit))
    tables = [
        TargetTable("chi-tieu-chung", "Chỉ tiêu chung", tuple(common), is_common=True),
        TargetTable("chi-tieu-rieng", "Chỉ tiêu riêng", tuple(own), is_common=False),
    ]
    return [table for table in tables if table.rows]


def activity_rows(content: Content, old: Content | None) -> tuple[ActivityRow, ...]:
    """Return the rows of the programme with what changed."""
    before = _by_key(old, "activities")
    rows = []
    for number, row in enumerate(content["activities"], start=1):
        was = before.get(row["key"]) or ({} if old is not None else row)
        change = _change(old, before, row, activity_text)
        cells = {name: words(was.get(name, ""), row[name]) for name in CELLS}
        rows.append(ActivityRow(key=row["key"], number=str(number), change=change, **cells))
    standing = {row["key"] for row in content["activities"]}
    for key, row in before.items():
        if key not in standing:
            cells = {name: _gone(row[name]) for name in CELLS}
            rows.append(ActivityRow(key=key, number="", change="removed", **cells))
    return tuple(rows)


CELLS = ("when", "what", "responsible", "output")


def level_cells(content: Content, target: Content) -> list[tuple[str, str, str]]:
    """Return (unit, level, state) of every member for one target."""
    return [
        (member["short_name"], *level_of(target, target["values"].get(member["code"])))
        for member in content["members"]
    ]


def level_of(target: Content, value: Content | None) -> tuple[str, str]:
    """Return one unit's level in words and its state."""
    if target["kind"] == "TEXT":
        return "", "text"
    if value is None:
        return "chưa giao mức", "unset"
    if not value["assigned"]:
        return "không giao", "unassigned"
    return value_text(target, value), "unset" if value["value"] is None else "number"


def anchors(content: Content) -> dict[str, str]:
    """Name everything one can speak about: clauses, targets, activities and the papers."""
    found = {paper["kind"]: TABS[paper["kind"]] for paper in content["papers"]}
    for number, target in enumerate(content["targets"], start=1):
        found[target["key"]] = clip(f"Chỉ tiêu {number}: {target['text']}", LABEL_LENGTH)
    for number, activity in enumerate(content["activities"], start=1):
        found[activity["key"]] = clip(f"Hoạt động {number}: {activity['what']}", LABEL_LENGTH)
    for clause in content["clauses"]:
        said = clause["heading"] or clause["text"]
        word = "Căn cứ" if clause["section"] == Section.BASIS else "Điều khoản"
        label = said if said.startswith(word) else f"{word}: {said}"
        found[clause["key"]] = clip(label, LABEL_LENGTH)
    return found


def unit_names(content: Content) -> dict[str, str]:
    """Return the short names of the members by code."""
    return {member["code"]: member["short_name"] for member in content["members"]}


# Clauses -------------------------------------------------------------------------------------
def _parts(kind: str, content: Content, old: Content | None, *, whole: bool) -> Iterator[Part]:
    basis = _part(kind, Section.BASIS, "Căn cứ", content, old)
    if kind == PaperKind.PLEDGE:
        if whole or basis.groups:
            yield basis
        number = 0
        for section, title in PART_TITLES.items():
            part = _part(kind, section, title, content, old)
            if section == Section.MEASURES:
                number += 1  # the targets stand between the content and the measures
            if whole or part.groups:
                number += 1
                yield Part(part.id, f"{roman(number)}. {title}", section, part.groups)
        return
    if basis.groups:
        yield basis
    body = _part(kind, Section.BODY, TABS[kind], content, old)
    if whole or body.groups:
        yield body


def _part(kind: str, section: str, title: str, content: Content, old: Content | None) -> Part:
    def here(row: Content) -> bool:
        return bool(row["paper"] == kind and row["section"] == section)

    rows = [row for row in content["clauses"] if here(row)]
    before = {row["key"]: row for row in (old["clauses"] if old else []) if here(row)}
    names = unit_names(content) | (unit_names(old) if old else {})
    units = [None, *dict.fromkeys(_units(content, [*rows, *before.values()]))]
    groups = tuple(
        Group(f"Nhiệm vụ riêng của {names[unit]}" if unit else "", lines, unit or "")
        for unit in units
        if (lines := tuple(_lines(rows, before, unit, old is not None)))
    )
    return Part(f"{kind}-{section}".lower(), title, section, groups)


def _units(content: Content, rows: Iterable[Content]) -> Iterator[str]:
    """Yield the units that have tasks of their own, in the order of the members."""
    having = {row["unit"] for row in rows if row["unit"]}
    members = [member["code"] for member in content["members"]]
    yield from (code for code in members if code in having)
    yield from sorted(having - set(members))


def _lines(
    rows: list[Content],
    before: dict[str, Content],
    unit: str | None,
    compares: bool,  # noqa: FBT001
) -> Iterator[Line]:
    number = 0
    for row in rows:
        if row["unit"] != unit:
            continue
        number += 1
        was = before.get(row["key"], _NO_CLAUSE if compares else row)
        change = "" if was == row else "added" if was is _NO_CLAUSE else "changed"
        heading, text = words(was["heading"], row["heading"]), words(was["text"], row["text"])
        if change == "changed" and clause_text(was) == clause_text(row):
            change = ""
        yield Line(row["key"], str(number), heading, text, change)
    standing = {row["key"] for row in rows}
    for key, row in before.items():
        if key not in standing and row["unit"] == unit:
            yield Line(key, "", _gone(row["heading"]), _gone(row["text"]), "removed")


_NO_CLAUSE: Content = {"heading": "", "text": ""}


# Targets -------------------------------------------------------------------------------------
def _target_row(row: Content, was: Content | None, number: str, unit: str) -> TargetRow:
    level, state = _shown_level(row, unit)
    old_level = _shown_level(was, unit)[0] if was else ""
    change = "added" if was is None else "" if target_text(was) == target_text(row) else "changed"
    return TargetRow(
        key=row["key"],
        number=number,
        area=row["area"],
        text=words(was["text"] if was else "", row["text"]),
        unit_of_measure=row["unit_of_measure"],
        level=words(old_level, level),
        state=state,
        before=_figure_before(row, unit),
        spread=_spread(row) if not row["is_common"] else "",
        change=change,
    )


def _is_common(row: Content) -> bool:
    return bool(row["is_common"] or row["kind"] == "TEXT")


def _gone_target(row: Content, unit: str) -> TargetRow:
    level, state = _shown_level(row, unit)
    return TargetRow(
        row["key"], "", row["area"], _gone(row["text"]), row["unit_of_measure"], _gone(level),
        state, "", "", "removed",
    )  # fmt: skip


def _shown_level(row: Content, unit: str) -> tuple[str, str]:
    if row["kind"] == "TEXT":
        return "", "text"
    values = row["values"]
    if unit in values:
        return level_of(row, values[unit])
    levels = {level_of(row, value) for value in values.values()}
    return levels.pop() if len(levels) == 1 else ("", "mixed")


def _figure_before(row: Content, unit: str) -> str:
    values = row["values"]
    seen = [values[unit]] if unit in values else list(values.values())
    figures = {value["baseline"] for value in seen}
    only = figures.pop() if len(figures) == 1 else None
    return format_number(Decimal(only)) if only is not None else ""


def _spread(row: Content) -> str:
    """Say in words how far the levels of the units lie apart."""
    values = row["values"].values()
    figures = sorted(Decimal(v["value"]) for v in values if v["value"] is not None)
    said = []
    if figures:
        low, high = format_number(figures[0]), format_number(figures[-1])
        said.append(f"từ {low} đến {high}" if low != high else f"cùng mức {low}")
    unset = sum(v["assigned"] and v["value"] is None for v in values)
    spared = sum(not v["assigned"] for v in values)
    if unset:
        said.append(f"{unset} đơn vị chưa giao mức")
    if spared:
        said.append(f"{spared} đơn vị không giao")
    return ", ".join(said)


# Shared --------------------------------------------------------------------------------------
def _by_key(content: Content | None, name: str) -> dict[str, Content]:
    return {row["key"]: row for row in content[name]} if content else {}


def _change(
    old: Content | None, before: dict[str, Content], row: Content, text: Callable[[Content], str]
) -> str:
    if old is None:
        return ""
    was = before.get(row["key"])
    return "added" if was is None else "" if text(was) == text(row) else "changed"


def _gone(text: str) -> tuple[Piece, ...]:
    return (Piece("removed", text),) if text else ()
