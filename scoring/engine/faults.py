"""What is wrong with an input: where, what, and what is allowed. All faults are told at once."""

import json
import re
from dataclasses import dataclass
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: What would break a line or the terminal.
_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of an input, in Vietnamese: JSON path, what is wrong, what is allowed."""

    path: str
    wrong: str
    allowed: str

    def __str__(self) -> str:
        return one_line(f"{self.path}: {self.wrong}; {self.allowed}")


class Faults(Exception):
    """An input that cannot be taken, with every fault that was found in it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def at_key(path: str, key: str) -> str:
    """Return the path of a key below a path: ``$.units``, ``$.figures["I.1"]``."""
    return f"{path}.{key}" if _NAME.fullmatch(key) else f"{path}[{quoted(key)}]"


def quoted(value: object) -> str:
    """Show a value of an input inside a message: as JSON, on one line."""
    return one_line(json.dumps(value, ensure_ascii=False, default=str))


def one_line(text: str) -> str:
    """Write out what would break a line: labels of an input stand in messages as they are."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def shown(value: object) -> str:
    """Show what stands in an input, shortened; of lists and objects only what they are."""
    if isinstance(value, dict):
        return "một đối tượng"
    if isinstance(value, list):
        return "một danh sách"
    text = quoted(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
