"""Export and re-import give the same table, byte for byte in its canonical form."""

import io
import json
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings

from scoring.engine import KINDS, canonical, read_table
from scoring.queries.table import STARTERS
from scoring.tablebook import RULE_KINDS, blank, read, read_sheets, write
from scoring.tablebook.names import COLUMNS
from scoring.tablebook.rules import PHRASINGS
from scoring.tablebook.sheets import example
from scoring.tests.tablebook.building import (
    bytes_of,
    odd,
    reading,
    sheets_of,
    table_of,
    tables,
    told,
    visible,
)

quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
few = settings(quick, max_examples=5)
STARTER_FILES = sorted(STARTERS.glob("*.json"))


def starter(name):
    return json.loads((STARTERS / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", STARTER_FILES, ids=lambda path: path.stem)
def test_a_ready_made_table_comes_back_the_same_from_what_people_see(path):
    table = json.loads(path.read_text(encoding="utf-8"))
    found = visible(write(table))
    assert canonical(table_of(found)) == canonical(table)


def test_a_table_comes_back_the_same_through_the_process_that_opens_files():
    table = starter("police-1000")
    assert canonical(table_of(read(write(table)))) == canonical(table)


@few
@given(tables(separators=(".", "-")))
def test_any_sound_table_comes_back_byte_for_byte_from_a_file(table):
    read_table(table)
    found = reading(write(table))
    assert canonical(table_of(found)) == canonical(table)


@quick
@given(tables(labels=odd, separators=(".", "-", "/ ")))
def test_a_table_comes_back_whatever_its_texts_and_codes_hold(table):
    found = read_sheets(sheets_of(table))
    assert canonical(table_of(found)) == canonical(table)


@quick
@given(tables(separators=(".", "-")))
def test_the_visible_cells_say_all_that_the_engine_reads(table):
    found = read_sheets(sheets_of(table, original=False))
    same = replace(read_table(table_of(found)), canonical=b"")
    assert same == replace(read_table(table), canonical=b"")


@pytest.mark.parametrize("code", ["I.", "A;B", 'K"1"', "I:2", "nhóm I", "1, 2"])
def test_labels_with_numbers_in_rows_and_groups_of_any_code_come_back_from_what_people_see(code):
    levels = [{"label": "Hạng 1, 2", "points": "5"}, {"label": "Hạng 3: 4 điểm, 5", "points": "1"}]
    leaf = {"code": "x", "max": "5", "rule": {"kind": "levels", "levels": levels}}
    table = {
        "name": "Bảng", "scale_total": "5",
        "ranking": {"by": "percent", "tie_breakers": [f"group:{code}", "bonus"]},
        "classification": [{"label": "Hạng 1, 2", "from": "50"}],
        "groups": [{"code": code, "max": "5", "children": [leaf]}],
    }  # fmt: skip
    assert canonical(table_of(visible(write(table)))) == canonical(table)


def test_the_hidden_spelling_counts_only_while_every_cell_stays():
    table = starter("front-100")
    table["groups"][0]["children"][0]["rule"] = {"kind": "percent_of_target", "direction": "up"}
    book = openpyxl.load_workbook(io.BytesIO(write(table)))
    untouched = reading(bytes_of(book))
    assert canonical(table_of(untouched)) == canonical(table)
    book["Tiêu chí"]["B3"] = "Nội dung khác"
    changed = table_of(reading(bytes_of(book)))
    assert changed["groups"][0]["children"][0]["title"] == "Nội dung khác"
    assert len(canonical(changed)) > 1000


def test_a_forged_hidden_table_is_not_taken():
    table = starter("front-100")
    book = openpyxl.load_workbook(io.BytesIO(write(table)))
    forged = json.loads(book["Bản gốc"]["A1"].value)
    forged["groups"][0]["children"][1]["rule"] = {"kind": "direct"}
    book["Bản gốc"]["A1"] = json.dumps(forged)
    assert canonical(table_of(reading(bytes_of(book)))) == canonical(table)


def test_every_rule_kind_has_a_name_words_and_an_example_row():
    assert set(KINDS) == set(RULE_KINDS) == set(PHRASINGS)
    table = read_table(example())
    assert {type(leaf.rule) for leaf in table.leaves} == set(KINDS.values())


def test_the_blank_workbook_holds_examples_that_read_as_they_stand():
    book = openpyxl.load_workbook(io.BytesIO(blank()))
    assert book.sheetnames == ["Tiêu chí", "Quy ước", "Hướng dẫn", "Ví dụ"]
    assert [cell.value for cell in book["Tiêu chí"][1]] == list(COLUMNS)
    assert "chưa có dòng tiêu chí nào" in told(reading(bytes_of(book)))[0]
    del book["Tiêu chí"]
    book["Ví dụ"].title = "Tiêu chí"
    book["Quy ước"]["B2"] = example()["name"]
    assert canonical(table_of(reading(bytes_of(book)))) == canonical(example())


def test_a_draft_that_lacks_this_and_that_is_written_and_told_when_it_comes_back():
    table = example()
    for row in table["groups"][0]["children"]:
        row["rule"] = {"kind": row["rule"]["kind"]}
    table["groups"][0]["children"][0] = {"code": "I.1", "max": None, "rule": {"kind": ""}}
    table["groups"][0]["children"][2]["rule"]["levels"] = [{}]
    table["groups"][0]["children"][6]["rule"]["bands"] = [{}]
    del table["groups"][1]["children"][0]["rule"]["items"][0]["points_each"]
    found = reading(write(table))
    assert found.table is None
    assert {fault.row for fault in found.faults} >= {3, 5, 9, 11, 12, 14, 16}


def test_codes_are_texts_and_nothing_computes():
    table = starter("front-100")
    table["groups"][0]["title"] = "=1+1"
    table["groups"][0]["children"][0]["unit_of_measure"] = "@cmd"
    book = openpyxl.load_workbook(io.BytesIO(write(table)))
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert book["Tiêu chí"]["A3"].data_type == "s"
    assert book["Tiêu chí"]["A3"].number_format == "@"
    assert book["Tiêu chí"]["C3"].value == 5
    assert book["Tiêu chí"].freeze_panes == "C2"
