"""`manage.py score`: the same bytes everywhere, one line for each fault, never a traceback."""

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from scoring.tests.engine.building import figures, leaf, table
from scoring.tests.engine.test_golden import GOLDEN, STARTERS

TABLE = STARTERS / "front-100.json"
FIGURES = GOLDEN / "front-100.demo.json"
RESULT = GOLDEN / "front-100.demo.result"


def score(*arguments):
    """Run the command in this process: exit status, standard output, lines of faults."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("score", *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as ended:
        return ended.code, out.getvalue(), err.getvalue().splitlines()
    return 0, out.getvalue(), err.getvalue().splitlines()


def write(path, content):
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_file_and_standard_output_get_the_same_bytes(tmp_path):
    output = tmp_path / "result.json"
    assert score(TABLE, FIGURES) == (0, RESULT.read_text(encoding="utf-8"), [])
    assert score(TABLE, FIGURES, "--output", output) == (0, "", [])
    assert output.read_bytes() == RESULT.read_bytes()


def alone(*arguments):
    """Run the command as people do, in a poor terminal and without a database."""
    surroundings = os.environ | {
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "LC_ALL": "C",
        "PYTHONIOENCODING": "ascii",
        "PYTHONUTF8": "0",
    }
    command = [sys.executable, "manage.py", "score", *map(str, arguments)]
    return subprocess.run(  # noqa: S603 - our own command
        command, cwd=settings.BASE_DIR, env=surroundings, capture_output=True, check=False
    )


@pytest.mark.slow
def test_no_database_and_no_locale_are_needed(tmp_path):
    done = alone(TABLE, FIGURES)
    assert (done.returncode, done.stdout, done.stderr) == (0, RESULT.read_bytes(), b"")
    missing = alone(TABLE, tmp_path / "none.json")
    assert (missing.returncode, missing.stdout) == (2, b"")
    assert missing.stderr.count(b"\n") == 1
    assert b"Traceback" not in missing.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe{}", "byte thứ 1 không phải UTF-8"),
        ("", "dòng 1, cột 1"),
        ("[" * 50_000, "quá sâu"),
        ('{"a":' * 50_000, "quá sâu"),
        ('{"scale_total": ' + "9" * 10_000 + ', "groups": []}', "$.scale_total"),
        ('{"scale_total": "9"}', "$.groups"),
        ('{"scale_total": "\\ud800", "groups": []}', "$.scale_total"),
    ],
)
def test_a_table_that_cannot_be_taken(tmp_path, content, words):
    path = write(tmp_path / "table.json", content)
    output = tmp_path / "result.json"
    output.write_text("như cũ")
    code, out, lines = score(path, tmp_path / "none.json", "--output", output)
    assert (code, out) == (2, "")
    assert words in lines[0]
    assert all(line.startswith(f"{path}: $") and "; " in line for line in lines)
    assert not any("none.json" in line for line in lines)  # figures are not read
    assert output.read_text() == "như cũ"


def test_faults_of_the_figures_are_told_under_their_own_file(tmp_path):
    source = write(tmp_path / "table.json", table(leaf("direct")))
    data = write(tmp_path / "figures.json", figures({"A": {"I.1": {"points": "11"}, "X": {}}}))
    assert score(source, data) == (2, "", [
        (f'{data}: $.units[0].figures["I.1"].points: không thể cho 11 điểm; '
        "phải là số từ 0, không quá 10, có tối đa 2 chữ số sau dấu chấm"),
        (f"{data}: $.units[0].figures.X: bảng không có tiêu chí mã này; "
        "chỉ dùng mã tiêu chí của bảng"),
    ])  # fmt: skip


def test_files_that_cannot_be_read_or_written(tmp_path, monkeypatch):
    def fault(*arguments):
        code, out, lines = score(*arguments)
        assert (code, out, len(lines)) == (2, "", 1)
        return lines[0]

    assert "không có tệp hoặc thư mục này" in fault(tmp_path / "none.json", FIGURES)
    assert "đây là thư mục" in fault(tmp_path, FIGURES)
    assert "lỗi hệ thống tệp" in fault("a\0b", FIGURES)
    assert "không ghi được tệp" in fault(TABLE, FIGURES, "--output", tmp_path / "no" / "r.json")
    assert fault(tmp_path / "a\nb\u2028c", FIGURES).startswith(rf"{tmp_path}/a\u000ab\u2028c: $: ")

    def refused(*_args):
        raise PermissionError

    monkeypatch.setattr(Path, "read_bytes", refused)
    assert "không có quyền" in fault(TABLE, FIGURES)


def test_standard_output_that_takes_bytes_gets_bytes():
    class Terminal(io.StringIO):
        buffer = io.BytesIO()

    terminal = Terminal()
    call_command("score", str(TABLE), str(FIGURES), stdout=terminal)
    assert terminal.buffer.getvalue() == RESULT.read_bytes()
    assert terminal.getvalue() == ""


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_fault(tmp_path):
    """The result is longer than a pipe holds; what cannot be written leaves no traceback."""
    source = write(tmp_path / "table.json", table(leaf("direct")))
    units = {f"U{at:04}": {"I.1": {"points": "1"}} for at in range(500)}
    data = write(tmp_path / "figures.json", figures(units))
    command = [sys.executable, "manage.py", "score", str(source), str(data)]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout.read(10) == b'{\n  "units'
        running.stdout.close()
        assert (running.wait(), running.stderr.read()) == (0, b"")


class Full(io.StringIO):
    def write(self, text):
        raise OSError(errno.ENOSPC, "full")


def test_nowhere_to_write_is_a_fault_in_one_line():
    err = io.StringIO()
    for out in (Full(), io.StringIO()):
        if not isinstance(out, Full):
            out.close()
        with pytest.raises(SystemExit) as ended:
            call_command("score", str(TABLE), str(FIGURES), stdout=out, stderr=err)
        assert ended.value.code == 2
    line = "stdout: $: không ghi được ra đầu ra chuẩn (lỗi hệ thống tệp); phải là nơi ghi được"
    assert err.getvalue().splitlines() == [line, line]


@pytest.mark.parametrize("closed", [True, False])
def test_nobody_to_tell_leaves_the_status(closed, tmp_path):
    err = Full()
    if closed:
        err.close()
    with pytest.raises(SystemExit) as ended:
        call_command("score", str(tmp_path), str(FIGURES), stdout=io.StringIO(), stderr=err)
    assert ended.value.code == 2
