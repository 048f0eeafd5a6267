"""Bytes of strangers: what is too much or no workbook is refused in a process of its own."""

import io
import zipfile

import openpyxl
import pytest

from core.uploads import Unfit
from scoring.tablebook import read
from scoring.tablebook.cells import MOST_ROWS, grid_of
from scoring.tests.tablebook.building import book, bytes_of, reading


def repacked(data, **parts):
    """The same package with parts replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for part in old.infolist():
            name = part.filename
            key = name.rpartition("/")[2].replace(".", "_")
            new.writestr(name, parts.get(key, old.read(name)))
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", b"%PDF-1.7", bytes_of(openpyxl.Workbook())[:900]],
    ids=["empty", "start", "pdf", "cut"],
)
def test_what_is_no_workbook_is_refused_with_a_sentence(data):
    with pytest.raises(Unfit, match="không mở được"):
        read(data)


def test_too_many_rows_are_refused():
    made = openpyxl.Workbook(write_only=True)
    page = made.create_sheet("Tiêu chí")
    for _ in range(MOST_ROWS + 1):
        page.append(["I"])
    with pytest.raises(Unfit, match=r"hơn 3\.000 dòng"):
        grid_of(bytes_of(made))


def test_a_cell_far_out_is_refused_and_a_far_row_costs_little():
    made = book([["I", "", 1]])
    made["Tiêu chí"]["XFD5"] = 1
    with pytest.raises(Unfit, match="ngoài 40 cột"):
        grid_of(bytes_of(made))
    made = book([["I", "", 1]])
    made["Tiêu chí"]["A60000"] = "I.1"
    assert [row.number for row in reading(made).rows] == [2, 60000]


def test_a_package_that_unpacks_to_too_much_is_refused_before_it_is_read():
    bomb = repacked(bytes_of(book([["I", "", 1]])), sheet1_xml=b"<a>" + b" " * (51 * 1024 * 1024))
    assert len(bomb) < 1_000_000
    with pytest.raises(Unfit, match="quá nặng"):
        grid_of(bomb)


def test_entities_of_a_document_type_are_refused():
    hostile = b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>'
    with pytest.raises(Unfit):
        read(repacked(bytes_of(book([["I", "", 1]])), sheet1_xml=hostile))
