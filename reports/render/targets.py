"""The targets of a pledge as tables: common ones in the text, those of each unit in an annex.

A level, "chưa giao mức" (assigned, no level set) and "không giao" (not assigned) are three things
and are written out wherever they stand (product.md §5.4).
"""

from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from core.text import join_names
from reports.render.words import figure, glue

NOT_SET: Final = "chưa giao mức"
NOT_ASSIGNED: Final = "không giao"
#: More columns of units than this do not fit a landscape page with the words written out.
UNITS_PER_TABLE: Final = 8


@dataclass(frozen=True, slots=True)
class Level:
    """What is pledged: the words of the cell, and whether a figure stands among them."""

    text: str
    is_figure: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a target table; `area` opens a group when it is not empty."""

    number: int
    text: str
    unit_of_measure: str
    levels: list[Level]
    area: str = ""
    in_words: bool = False


@dataclass(frozen=True, slots=True)
class UnitTable:
    """A table of one group of units that fits the width of a page."""

    units: list[str]
    rows: list[Row]
    part: str

    @property
    def columns(self) -> int:
        """Return the number of columns, for a row that spans them all."""
        return len(self.units) + 3


def common_rows(targets: list[dict[str, Any]], short_names: dict[str, str]) -> list[Row]:
    """Return the rows of what all units pledge alike, and of what is said in words."""
    rows = [
        _row(number, target, [_common_level(target, short_names)])
        for number, target in enumerate(targets, 1)
        if target["is_common"] or target["kind"] == "TEXT"
    ]
    return _with_areas(rows, targets)


def unit_tables(targets: list[dict[str, Any]], short_names: dict[str, str]) -> list[UnitTable]:
    """Return the tables of what each unit pledges, split by units so that each fits a page."""
    own = [
        (number, target)
        for number, target in enumerate(targets, 1)
        if not target["is_common"] and target["kind"] != "TEXT"
    ]
    if not own:
        return []
    groups = even_groups(list(short_names), UNITS_PER_TABLE)
    return [
        UnitTable(
            [short_names[code] for code in codes],
            _with_areas(
                [_row(n, t, [level_of(t, code) for code in codes]) for n, t in own], targets
            ),
            f"{i}/{len(groups)}" if len(groups) > 1 else "",
        )
        for i, codes in enumerate(groups, 1)
    ]


def level_of(target: dict[str, Any], code: str) -> Level:
    """Return what one unit pledges for one target."""
    return level_in_words(target, target["values"].get(code))


def level_in_words(target: dict[str, Any], value: dict[str, Any] | None) -> Level:
    """Write a level: a figure with its sign, no level set, or not assigned."""
    if value is None or not value["assigned"]:
        return Level(NOT_ASSIGNED, is_figure=False)
    if value["value"] is None:
        return Level(NOT_SET, is_figure=False)
    return Level(_signed(target, value["value"]), is_figure=True)


def _signed(target: dict[str, Any], value: str) -> str:
    """Write a level with the sign of its direction: ``≥ 80``; a change always in per cent."""
    if target["is_change"]:
        return glue(f"{'tăng' if target['direction'] == 'UP' else 'giảm'} ≥ {figure(value)} %")
    if target["direction"] == "DOWN":
        return glue(figure(value) if value == "0" else f"≤ {figure(value)}")
    all_of_them = target["unit_of_measure"].strip() == "%" and value == "100"
    return figure(value) if all_of_them else glue(f"≥ {figure(value)}")


def _common_level(target: dict[str, Any], short_names: dict[str, str]) -> Level:
    """Return the level of most units, followed by the units for which it differs."""
    if target["kind"] == "TEXT":
        return Level("", is_figure=False)
    levels = {code: level_of(target, code) for code in short_names}
    counted = list(levels.values())
    usual = max(dict.fromkeys(counted), key=counted.count)
    others = [
        f"{join_names([short_names[c] for c in levels if levels[c] == other])}: {other.text}"
        for other in dict.fromkeys(counted)
        if other != usual
    ]
    return Level("; ".join([usual.text, *others]), usual.is_figure or bool(others))


def _row(number: int, target: dict[str, Any], levels: list[Level]) -> Row:
    in_words = target["kind"] == "TEXT"
    return Row(number, glue(target["text"]), target["unit_of_measure"], levels, in_words=in_words)


def _with_areas(rows: list[Row], targets: list[dict[str, Any]]) -> list[Row]:
    """Let the first row of each area carry its name."""
    result: list[Row] = []
    for area, members in groupby(rows, key=lambda row: targets[row.number - 1]["area"]):
        first, *rest = members
        opened = Row(
            first.number, first.text, first.unit_of_measure, first.levels, area, first.in_words
        )
        result += [opened, *rest]
    return result


def even_groups(codes: list[str], most: int) -> list[list[str]]:
    """Split into as few groups of at most `most` as possible, of nearly equal size."""
    count = max(1, -(-len(codes) // most))
    size, larger = divmod(len(codes), count)
    groups, start = [], 0
    for i in range(count):
        end = start + size + (1 if i < larger else 0)
        groups.append(codes[start:end])
        start = end
    return groups
