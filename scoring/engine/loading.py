"""Reading JSON without losing anything: numbers outside strings and repeated keys stay visible.

Python's reader turns ``1.10`` into a float and keeps the last of two equal keys. Here both are
marked in what is read, so that they are reported with their paths, together with all other faults.
"""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from scoring.engine.faults import Fault, Faults

#: An integer with more digits than this stands for no place and no rank.
_MOST_DIGITS: Final = 18
_ALLOWED: Final = "phải là văn bản JSON hợp lệ"


@dataclass(frozen=True, slots=True)
class Unquoted:
    """A number that no key of the formats takes outside a string: ``1.5``, ``1e9``, ``NaN``."""

    text: str

    def __str__(self) -> str:
        return self.text


class Twice(dict[str, Any]):
    """An object in which keys stand more than once."""

    repeated: tuple[str, ...] = ()


def loads(text: str) -> object:
    """Read a JSON text; raise :class:`Faults` for what the reader cannot take."""
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=Unquoted,
            parse_constant=Unquoted,
            parse_int=_integer,
        )
    except json.JSONDecodeError as error:
        where = f"dòng {error.lineno}, cột {error.colno}"
        raise Faults([Fault("$", f"không đọc được JSON tại {where}", _ALLOWED)]) from error
    except RecursionError as error:
        wrong = "các mục lồng vào nhau quá sâu"
        raise Faults([Fault("$", wrong, "nhóm lồng nhau tối đa 100 cấp")]) from error


def _integer(text: str) -> int | Unquoted:
    return int(text) if len(text) <= _MOST_DIGITS else Unquoted(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) == len(pairs):
        return read
    counts = Counter(key for key, _ in pairs)
    twice = Twice(read)
    twice.repeated = tuple(key for key, count in counts.items() if count > 1)
    return twice
