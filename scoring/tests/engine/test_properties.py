"""What must always hold, whatever the table and the figures (section 3 of the scoring rules)."""

import itertools
import random
from decimal import Decimal
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scoring.engine import Role, compute, dump, groups_of, read_figures, read_table
from scoring.tests.engine.building import figures, outside, scores
from scoring.tests.engine.test_rules import ITEMS, LEVELS, RANKS, SIGNED

quick = settings(max_examples=60, deadline=None)


def typed(value):
    return f"{value:f}"


def number(low, high, places=2):
    scale = 10**places
    ends = int(Decimal(low) * scale), int(Decimal(high) * scale)
    return st.integers(*ends).map(lambda units: typed(Decimal(units) / scale))


whole = st.integers(0, 9).map(str)
result = number(0, 300)
target = number("0.01", 200)
flags = st.booleans()
labels = st.sampled_from(["Đúng hạn", "Chậm"])


RULES: dict[str, tuple[dict[str, Any], Any]] = {
    "direct": ({"kind": "direct"}, st.fixed_dictionaries({"points": number(0, 10)})),
    "pass_fail": ({"kind": "pass_fail"}, st.fixed_dictionaries({"met": flags})),
    "levels": (LEVELS, st.fixed_dictionaries({"level": st.sampled_from(["Tốt", "Khá"])})),
    "ranks": (RANKS, st.fixed_dictionaries({"ranks": st.lists(st.integers(1, 9), max_size=4)})),
    "bands": (
        {"kind": "bands", "on": "actual", "bands": SIGNED},
        st.fixed_dictionaries({"actual": result}),
    ),
    "counts": (
        ITEMS,
        st.fixed_dictionaries({"counts": st.dictionaries(labels, whole)}),
    ),
    "events": (
        {"kind": "deduct_per_event", "points_each": "1.5"},
        st.fixed_dictionaries({"count": whole}),
    ),
    "veto": ({"kind": "zero_tolerance", "veto": True}, st.fixed_dictionaries({"count": whole})),
    "best": (
        {"kind": "ratio_to_best", "direction": "down"},
        st.fixed_dictionaries({"actual": result}),
    ),
}  # fmt: skip
SHARED: dict[str, dict[str, Any]] = {
    "percent": {"kind": "percent_of_target"},
    "relative": {"kind": "cluster_relative", "lead_share": "0.3"},
    "skip": {"kind": "cluster_relative", "no_target": "skip"},
    "short": {"kind": "deduct_short", "per_percent": "0.7"},
    "reach": {"kind": "bands", "on": "attainment_percent", "bands": SIGNED},
}
for name, rule in SHARED.items():
    for way in ("up", "down"):
        fields: dict[str, Any] = {"actual": result}
        RULES[f"{name} {way}"] = (
            {**rule, "direction": way},
            st.fixed_dictionaries(fields, optional={"target": target}),
        )
        RULES[f"{name} {way} change"] = (
            {**rule, "direction": way, "baseline": True},
            st.fixed_dictionaries(fields, optional={"target": target, "baseline": target}),
        )
OUTSIDE = ("direct", "pass_fail", "levels", "counts")
RELATIVE = ("relative", "skip", "best")
KINDS = tuple(sorted(RULES))


def leaf(name, code):
    return {"code": code, "max": "10", "rule": RULES[name][0]}


@st.composite
def clusters(draw, among=KINDS, most=8):
    """A table with groups in two depths, bonus and penalty groups, and up to six units."""
    kinds = draw(st.lists(st.sampled_from(among), min_size=1, max_size=most))
    leaves = [(leaf(name, f"I.{at}"), name) for at, name in enumerate(kinds)]
    extra = [
        (leaf(name, f"{group}.{at}"), name)
        for group in "TP"
        for at, name in enumerate(draw(st.lists(st.sampled_from(OUTSIDE), min_size=1, max_size=3)))
    ]
    total = str(10 * len(leaves))
    groups = [
        {"code": "I", "max": total, "children": [
            {"code": "I-a", "max": total, "children": [row for row, _ in leaves]}]},
        outside("bonus", *(row for row, _ in extra if row["code"][0] == "T"), cap="15"),
        outside("penalty", *(row for row, _ in extra if row["code"][0] == "P"), code="P"),
    ]  # fmt: skip
    by = draw(st.sampled_from(["percent", "total"]))
    source = {
        "scale_total": total,
        "groups": groups,
        "ranking": {"by": by, "tie_breakers": ["bonus", "group:I-a"]},
        "rounding": {"places": draw(st.sampled_from([2, 3]))},
        "classification": [{"label": "Tốt", "from": "80"}, {"label": "Khá", "from": "40"}],
    }
    units = {}
    for at in range(draw(st.integers(1, 6))):
        states = {}
        for row, name in [*leaves, *extra]:
            entry: Any = st.one_of(RULES[name][1], st.just({"assigned": False}), st.just({}))
            states[row["code"]] = draw(entry)
        units[f"U{at}"] = states
    vetoes = {code: ["Lý do"] for code in units if draw(st.integers(0, 5)) == 0}
    return source, figures(units, vetoes)


def score(source, data):
    table = read_table(source)
    return table, compute(table, read_figures(data, table))


@quick
@given(clusters(), st.randoms(use_true_random=False))
def test_the_order_of_units_and_leaves_changes_nothing(cluster, dice):
    source, data = cluster

    def shuffled(value, key=""):
        if isinstance(value, dict):
            items = list(value.items())
            dice.shuffle(items)
            return {name: shuffled(item, name) for name, item in items}
        if isinstance(value, list):
            items = [shuffled(item) for item in value]
            if key in {"units", "groups", "children"}:
                dice.shuffle(items)
            return items
        return value

    assert dump(score(shuffled(source), shuffled(data))[1]) == dump(score(source, data)[1])


@quick
@given(clusters())
def test_sums_bounds_states_and_sentences(cluster):
    table, result = score(*cluster)
    leaves = {row.code: row for row in table.leaves}
    tops = {row.code: row.max for row in table.leaves if row.role is Role.ORDINARY}
    for unit in result.units:
        assert list(unit.lines) == sorted(leaves)
        points = {code: line.score or Decimal(0) for code, line in unit.lines.items()}
        assert unit.base == sum(points[code] for code in tops) == unit.groups["I"]
        assert unit.groups["I"] == unit.groups["I-a"]
        assert unit.bonus == min(sum(p for c, p in points.items() if c[0] == "T"), 15)
        assert unit.penalty == sum(p for c, p in points.items() if c[0] == "P")
        assert unit.total == unit.base + unit.bonus - unit.penalty
        none = [code for code in tops if unit.lines[code].score is None]
        assert unit.assigned_max == table.scale_total - sum(tops[code] for code in none)
        assert set(unit.groups) == {group.code for group in groups_of(table.groups)}
        for code, line in unit.lines.items():
            high = leaves[code].max if code[0] == "I" else Decimal(90)
            assert line.score is None or 0 <= line.score <= high
            shown = "Không giao" if line.score is None else f"{line.score.normalize():f}"
            assert shown.replace(".", ",") in line.why
    assert sorted(unit.code for unit in result.units) == sorted(
        row["code"] for row in cluster[1]["units"]
    )


@quick
@given(clusters())
def test_ranks_are_competition_ranks(cluster):
    _, result = score(*cluster)
    ranked = [unit for unit in result.units if unit.rank is not None]
    barred = result.units[len(ranked) :]
    assert all(unit.vetoes or unit.percent is None for unit in barred)
    assert [unit.code for unit in barred] == sorted(unit.code for unit in barred)
    for at, unit in enumerate(ranked):
        first = next(other for other in ranked if other.rank == unit.rank)
        assert unit.rank == ranked.index(first) + 1
        assert at == 0 or ranked[at - 1].rank <= unit.rank
    shared: dict[int, list[str]] = {}
    for unit in ranked:
        shared.setdefault(unit.rank, []).append(unit.code)
    assert list(result.tied) == [tuple(codes) for codes in shared.values() if len(codes) > 1]


ABSOLUTE = sorted(name for name in RULES if name.split()[0] not in RELATIVE)


@quick
@given(st.sampled_from(ABSOLUTE), st.data())
def test_outside_relative_leaves_nobody_moves_anybody_else(name, data):
    rule, entries = RULES[name]
    mine, before, after = (data.draw(entries) for _ in range(3))
    one = scores(rule, {"A": mine, "B": before})
    other = scores(rule, {"A": mine, "B": after})
    assert one["A"] == other["A"]


def worth(rule, entry, rest):
    found = scores(rule, {"A": entry, **rest})["A"]
    return None if found is None else Decimal(found)


MONOTONE = sorted(
    name for name, (rule, _) in RULES.items()
    if rule["kind"] in {"cluster_relative", "percent_of_target", "deduct_short", "ratio_to_best"}
    or name.startswith("reach")
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(MONOTONE), st.data())
def test_more_never_harms_going_up_nor_helps_going_down(name, data):
    rule, entries = RULES[name]
    entry, more = data.draw(entries), data.draw(result)
    assume("actual" in entry)
    rest = {"B": data.draw(entries), "C": data.draw(entries)}
    low, high = sorted((entry["actual"], more), key=Decimal)
    fewer = worth(rule, entry | {"actual": low}, rest)
    richer = worth(rule, entry | {"actual": high}, rest)
    if fewer is None:
        assert richer is None
    elif rule["direction"] == "up":
        assert richer >= fewer
    else:
        assert richer <= fewer


@quick
@given(
    st.sampled_from(["percent up", "relative up", "short up", "reach up"]), st.data(),
    st.sampled_from(["2", "5", "0.1", "10"]),
)  # fmt: skip
def test_the_unit_of_measure_does_not_matter(name, data, factor):
    rule, _ = RULES[name]
    entries = st.fixed_dictionaries({"actual": result, "target": target})
    units = {code: data.draw(entries) for code in "ABC"}
    scaled = {key: typed(Decimal(value) * Decimal(factor)) for key, value in units["A"].items()}
    assert scores(rule, units) == scores(rule, units | {"A": scaled})


@quick
@given(
    st.lists(st.integers(-50, 300), min_size=1, max_size=6, unique=True).map(sorted),
    st.data(),
    st.sampled_from(["actual", "days_late"]),
    st.integers(0, 400),
)
def test_every_figure_falls_into_exactly_one_band(ends, data, on, value):
    """Bands laid end to end hold every value once, wherever each end belongs."""
    sides = [data.draw(flags) for _ in ends]
    marks = list(zip(ends, sides, strict=True))
    bands = [{"to": str(ends[0]), "to_inclusive": not sides[0], "points": "0"}]
    for at, (end, inclusive) in enumerate(marks):
        band = {"from": str(end), "from_inclusive": inclusive, "points": str(at + 1)}
        if at + 1 < len(marks):
            band |= {"to": str(marks[at + 1][0]), "to_inclusive": not marks[at + 1][1]}
        bands.append(band)
    if on == "days_late":
        assume(all(b - a > 1 for a, b in itertools.pairwise(ends)))
    random.Random(value).shuffle(bands)  # noqa: S311
    expected = sum(1 for end, inclusive in marks if value > end or (inclusive and value == end))
    rule = {"kind": "bands", "on": on, "bands": bands}
    assert worth(rule, {on: str(value)}, {}) == expected
