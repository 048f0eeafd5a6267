"""Score a cluster from two files; needs no database."""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from django.core.management.base import BaseCommand, OutputWrapper

from scoring.engine import Fault, Faults, compute, dump, loads, one_line, read_figures, read_table

Sound = TypeVar("Sound")

_READABLE = "phải là tệp đọc được, văn bản UTF-8"
_WRITABLE = "phải là nơi ghi được"


class Command(BaseCommand):
    """`manage.py score TABLE FIGURES`: exit 0 with the result, 2 with one line for each fault."""

    help = "Chấm điểm một cụm, khối từ tệp bảng tiêu chí và tệp số liệu; không dùng cơ sở dữ liệu."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the two inputs and where the result goes."""
        parser.add_argument("table", metavar="TABLE.json", help="tệp bảng tiêu chí")
        parser.add_argument("figures", metavar="FIGURES.json", help="tệp số liệu các đơn vị")
        parser.add_argument(
            "--output", metavar="RESULT.json", help="tệp kết quả; không nêu thì in ra màn hình"
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Read the table, then the figures, and write the result."""
        table = self._read(options["table"], read_table)
        figures = self._read(options["figures"], lambda data: read_figures(data, table))
        result = dump(compute(table, figures))
        if options["output"] is None:
            self._print(result)
        else:
            self._write(str(options["output"]), result)

    def _read(self, name: str, read: Callable[[object], Sound]) -> Sound:
        try:
            return read(loads(_text(name)))
        except Faults as faults:
            self._refuse(name, faults)

    def _write(self, name: str, result: bytes) -> None:
        try:
            Path(name).write_bytes(result)
        except (OSError, ValueError) as error:
            fault = Fault("$", f"không ghi được tệp ({_reason(error)})", _WRITABLE)
            self._refuse(name, Faults([fault]))

    def _print(self, result: bytes) -> None:
        try:
            self._send(result)
        except BrokenPipeError:
            # Who read it has what was wanted (`score … | head`): no fault of any input.
            _let_go(self.stdout)
        except OSError as error:
            _let_go(self.stdout)
            fault = Fault("$", f"không ghi được ra đầu ra chuẩn ({_reason(error)})", _WRITABLE)
            self._refuse("stdout", Faults([fault]))

    def _send(self, result: bytes) -> None:
        if getattr(self.stdout, "closed", True):  # started with `>&-` there is none at all
            raise OSError
        # The bytes themselves: what the terminal takes for its encoding must not change them.
        binary = getattr(self.stdout, "buffer", None)
        if binary is None:
            self.stdout.write(result.decode(), ending="")
        else:
            binary.write(result)
            binary.flush()

    def _refuse(self, name: str, faults: Faults) -> NoReturn:
        if not getattr(self.stderr, "closed", True):
            try:
                for fault in faults.faults:
                    self.stderr.write(f"{one_line(name)}: {fault}")
            except OSError:  # nobody can be told; the status still tells
                _let_go(self.stderr)
        sys.exit(2)


def _let_go(stream: OutputWrapper) -> None:
    """Send what is left in a stream that takes no more to nowhere, or Python complains at exit."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (AttributeError, OSError):  # it has no file of its own
        return


def _text(name: str) -> str:
    try:
        return Path(name).read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        wrong = f"byte thứ {error.start + 1} không phải UTF-8"
        raise Faults([Fault("$", wrong, _READABLE)]) from error
    except (OSError, ValueError) as error:
        raise Faults([Fault("$", f"không đọc được tệp ({_reason(error)})", _READABLE)]) from error


def _reason(error: OSError | ValueError) -> str:
    """Say in Vietnamese why a file cannot be used."""
    reasons: list[tuple[type[Exception], str]] = [
        (FileNotFoundError, "không có tệp hoặc thư mục này"),
        (IsADirectoryError, "đây là thư mục"),
        (PermissionError, "không có quyền"),
    ]
    return next((text for kind, text in reasons if isinstance(error, kind)), "lỗi hệ thống tệp")
