"""One file, from what the browser sent to what may be stored."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from core.text import InputFault, clean_text, join_names
from core.uploads import apart, stamps
from core.uploads.faults import STAMPED, Unfit
from core.uploads.kinds import KINDS, Kind, kind_of

_MODULE: Final = "core.uploads.reading"
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
    return KINDS[apart.asked(_MODULE, data, key)["kind"]]
