"""Small tables and figures, written as they would stand in the files."""

from typing import Any

from scoring.engine import Faults, Result, compute, read_figures, read_table


def leaf(rule: Any, code: str = "I.1", top: str = "10", **more: Any) -> dict[str, Any]:
    rule = {"kind": rule} if isinstance(rule, str) else rule
    return {"code": code, "max": top, "rule": rule, **more}


def table(*leaves: dict[str, Any], **head: Any) -> dict[str, Any]:
    """A table with one ordinary group of these leaves; a group of T or P comes in `groups`."""
    more = head.pop("groups", [])
    total = str(sum((float(row["max"]) for row in leaves), 0.0)).removesuffix(".0")
    group = {"code": "I", "max": total, "children": list(leaves)}
    return {"scale_total": total, "groups": [group, *more], **head}


def outside(kind: str, *leaves: dict[str, Any], code: str = "T", **more: Any) -> dict[str, Any]:
    return {"code": code, "kind": kind, "children": list(leaves), **more}


def figures(units: dict[str, Any], vetoes: Any = None) -> dict[str, Any]:
    rows = [{"code": code, "figures": entries} for code, entries in units.items()]
    for row in rows:
        if vetoes and row["code"] in vetoes:
            row["vetoes"] = vetoes[row["code"]]
    return {"units": rows}


def run(source: dict[str, Any], units: dict[str, Any], vetoes: Any = None) -> Result:
    sound = read_table(source)
    return compute(sound, read_figures(figures(units, vetoes), sound))


def score(rule: Any, entry: Any, top: str = "10", **more: Any) -> str | None:
    """The printed score of one unit alone on one leaf."""
    return scores(rule, {"A": entry}, top, **more)["A"]


def scores(
    rule: Any, entries: dict[str, Any], top: str = "10", **more: Any
) -> dict[str, str | None]:
    result = run(table(leaf(rule, top=top), **more), {c: {"I.1": e} for c, e in entries.items()})
    return {unit.code: unit.as_json()["lines"]["I.1"]["score"] for unit in result.units}


def why(rule: Any, entries: dict[str, Any], **more: Any) -> str:
    """The sentence of the unit A."""
    result = run(table(leaf(rule, **more)), {c: {"I.1": e} for c, e in entries.items()})
    return next(unit for unit in result.units if unit.code == "A").lines["I.1"].why


def table_faults(source: Any) -> list[str]:
    try:
        read_table(source)
    except Faults as faults:
        return [str(fault) for fault in faults.faults]
    return []


def figure_faults(source: dict[str, Any], data: Any) -> list[str]:
    sound = read_table(source)
    try:
        read_figures(data, sound)
    except Faults as faults:
        return [str(fault) for fault in faults.faults]
    return []
