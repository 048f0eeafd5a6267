"""What is told of faults, word for word: people search for these lines and follow them.

After a deliberate change of a message, write the file anew and read the difference:
`python -m scoring.tests.engine.test_told`.
"""

from pathlib import Path
from typing import Any

import pytest

from scoring.engine import Faults, loads, read_table
from scoring.tests.engine import test_faults as cases
from scoring.tests.engine.building import (
    figure_faults,
    figures,
    leaf,
    outside,
    table,
    table_faults,
)

TOLD = Path(__file__).parents[1] / "golden" / "faults.txt"


def of_tables() -> list[str]:
    told = table_faults([]) + table_faults({}) + table_faults(cases.nest(101))
    for head, _ in cases.HEADS:
        told += table_faults(table(leaf("direct")) | head)
    for typed in cases.TYPED:
        told += table_faults(table(leaf("direct")) | {"scale_total": typed})
    for where, changes, _ in cases.ROWS:
        told += table_faults(cases.changed(where, **changes))
    for changes, _ in cases.GROUPS:
        group = outside("bonus", leaf("direct", code="T.1"), cap="5") | changes
        told += table_faults(table(leaf("direct"), groups=[group]))
    return told


def of_rules() -> list[str]:
    told = []
    for rule, _ in cases.PARAMETERS:
        told += cases.rule_faults(rule)
    for on, rules in (("actual", cases.BANDS), ("days_late", cases.DAYS)):
        for bands, _ in rules:
            told += cases.rule_faults({"kind": "bands", "on": on, "bands": bands})
    return told


def of_figures() -> list[str]:
    told = []
    for data, _ in cases.UNITS:
        told += figure_faults(cases.SOURCE, data)
    for rule, entry, _, _ in cases.ENTRIES:
        told += cases.entry_faults(rule, entry)
    code = table(leaf("pass_fail", code="\u00e9"))
    entries = {"\u00e9": {"met": True}, "e\u0301": {"met": False}}
    return told + figure_faults(code, figures({"A": entries}))


def of_texts() -> list[str]:
    told = []
    for text in [*cases.NOT_JSON, "[" * 100_000]:
        if text != "[1,]":  # Python 3.13 points at the comma itself
            told += cases.loading_faults(text)
    return told + table_faults(loads('{"name": "A", "name": "B", "scale_total": "1", "groups": 1}'))


def all_told() -> str:
    return "\n".join(of_tables() + of_rules() + of_figures() + of_texts()) + "\n"


def test_every_fault_is_told_in_the_same_words():
    assert all_told() == TOLD.read_text(encoding="utf-8")


def test_the_exception_tells_one_fault_on_each_line():
    source: Any = {"scale_total": "x"}
    with pytest.raises(Faults) as refused:
        read_table(source)
    assert str(refused.value).split("\n") == table_faults(source)
    assert len(table_faults(source)) == 2


def test_what_is_shown_of_a_value_has_an_end():
    exactly = "x" * 58  # 60 with the quotes of JSON
    assert f'giá trị "{exactly}";' in cases.rule_faults({"kind": exactly})[0]
    assert f'giá trị "{exactly}x…;' in cases.rule_faults({"kind": exactly + "x"})[0]


if __name__ == "__main__":
    TOLD.write_text(all_told(), encoding="utf-8")
