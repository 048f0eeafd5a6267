"""One file, from what the browser sent to what may be stored."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from core.text import InputFault, clean_text, join_names
from core.uploads import stamps
from core.uploads.faults import STAMPED, TOO_HEAVY, UNREADABLE, Unfit
from core.uploads.kinds import KINDS, Kind, kind_of

_ROOT: Final = Path(__file__).parents[2]
_MODULE: Final = "core.uploads.reading"
#: Seconds on the clock; the process itself counts its own (a busy machine is given more).
_PATIENCE: Final = 40
LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file that was examined and may be stored; only `examine` makes one."""

    name: str
    mime: str
    data: bytes


def examine(data: bytes, name: str) -> Accepted:
    """Decide by its content whether a file is taken; `Unfit` says what it is and what to send."""
    stem, ending = _clean_name(name)
    if stamps.in_name(stem):
        raise Unfit(STAMPED)
    kind = _opened(kind_of(data), data)
    _check_ending(kind, ending)
    return Accepted(name=stem + ending, mime=kind.mime, data=data)


def _clean_name(name: str) -> tuple[str, str]:
    """Return stem and ending of a name without a path, without what cannot be seen."""
    base = name.replace("\\", "/").rpartition("/")[2]
    try:
        path = PurePosixPath(" ".join(clean_text(base).split()) or "tệp")
    except InputFault as fault:
        message = "Tên tệp có ký tự không đọc được. Đổi tên tệp rồi gửi."
        raise Unfit(message) from fault
    ending = path.suffix.lower()
    return path.stem[: LONGEST_NAME - len(ending)].rstrip(), ending


def _check_ending(kind: Kind, ending: str) -> None:
    if ending not in kind.endings:
        shown = f"đuôi {ending}" if ending else "tên không có đuôi"
        raise Unfit(
            f"Tệp có {shown} nhưng nội dung là {kind.label}. "
            f"Đổi đuôi tên tệp thành {join_names(kind.endings)} nếu đúng là tệp cần gửi."
        )


def _opened(key: str, data: bytes) -> Kind:
    """Have the file opened in a process of its own, which knows nothing of this one."""
    try:
        done = subprocess.run(  # noqa: S603 - our own module; the bytes go to its input
            [sys.executable, "-m", _MODULE, key],
            input=data,
            capture_output=True,
            timeout=_PATIENCE,
            cwd=_ROOT,
            env={"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired as fault:
        raise Unfit(TOO_HEAVY) from fault
    if done.returncode:  # it died over this file
        raise Unfit(TOO_HEAVY if done.returncode < 0 else UNREADABLE)
    answer: dict[str, str] = json.loads(done.stdout)
    if "fault" in answer:
        raise Unfit(answer["fault"])
    return KINDS[answer["kind"]]
