"""Whole years: the results that were worked out independently, to the last digit."""

import json
from pathlib import Path

import pytest

from scoring.engine import compute, dump, loads, read_figures, read_table

GOLDEN = Path(__file__).parents[1] / "golden"
STARTERS = Path(__file__).parents[2] / "starters"
TABLES = {
    "002-co-quan-doanh-nghiep-nha-truong-2016": "agency-movement-100",
    "003-quang-binh-2020": "police-1000",
    "front-100": "front-100",
    "ministry-bands": "ministry-bands",
}
EXPECTED = sorted(path.name.removesuffix(".expected.json") for path in GOLDEN.glob("*.expected.*"))
FIGURES = sorted(path.stem for path in GOLDEN.glob("*.json") if path.name.count(".") == 2)


def run(name):
    source = STARTERS / f"{TABLES[name.partition('.')[0]]}.json"
    table = read_table(loads(source.read_text(encoding="utf-8")))
    data = loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    return table, compute(table, read_figures(data, table))


@pytest.mark.parametrize("name", EXPECTED)
def test_results_worked_out_independently(name):
    expected = json.loads((GOLDEN / f"{name}.expected.json").read_text(encoding="utf-8"))
    result = run(name)[1].as_json()
    assert result["tied"] == expected["tied"]
    assert [unit["code"] for unit in result["units"]] == [u["code"] for u in expected["units"]]
    for unit, told in zip(result["units"], expected["units"], strict=True):
        assert {key: unit[key] for key in told} == told


def test_what_was_worked_out_is_there():
    assert len(EXPECTED) == 4
    assert len(FIGURES) == 7


@pytest.mark.parametrize("name", FIGURES)
def test_every_leaf_of_every_unit_is_explained(name):
    table, result = run(name)
    for unit in result.units:
        assert list(unit.lines) == [leaf.code for leaf in table.leaves]
        for line in unit.lines.values():
            sentence = line.why
            assert sentence.endswith(".")
            assert "\n" not in sentence
            if line.score is None:
                assert "Không giao" in sentence
            else:
                score = f"{line.score.normalize():f}".replace(".", ",")
                assert f" {score} {line.noun}." in sentence


def test_the_bytes_of_a_result_stay_as_they_are():
    """A change here is a change of what people were told: raise ENGINE_VERSION with it."""
    result = (GOLDEN / "front-100.demo.result").read_bytes()
    assert dump(run("front-100.demo")[1]) == result
