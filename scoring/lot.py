"""Drawing lots for the cross-inspection: who inspects whom, repeatable by anybody (U9).

Pure. The result follows from the seed, the codes of the units and the size of a team and from
nothing else, so that a member can draw again at home and hold it against the book. The units are
put into the order of SHA-256 over ``seed|code`` (UTF-8, NFC) and stand in a ring; each unit is
inspected by the units that follow it. Nobody then inspects itself, every unit inspects as many as
inspect it, and because a team is smaller than half of the ring no two units inspect each other.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

#: Name and version of the way to draw, stored with every drawing: the book stays repeatable when
#: another way is added beside it.
METHOD: Final = "ring-1"
#: Code of the inspected unit → codes of its team, the head of the team first.
Teams = Mapping[str, tuple[str, ...]]


def fault_of(units: int, team_size: int) -> str:
    """Say why so many units cannot inspect each other in teams of this size; empty when they can.

    Two units would inspect each other as soon as two teams are as many as the units together.
    """
    if team_size < 1:
        return "Mỗi tổ có ít nhất một đơn vị."
    if 2 * team_size < units:
        return ""
    most = max((units - 1) // 2, 0)
    if not most:
        return f"Có {units} đơn vị: cần ít nhất 3 đơn vị để không có hai đơn vị kiểm tra lẫn nhau."
    return (
        f"Có {units} đơn vị thì mỗi tổ nhiều nhất {most} đơn vị, "
        "nếu không sẽ có hai đơn vị kiểm tra lẫn nhau."
    )


def place_of(seed: str, code: str) -> str:
    """Return what a unit is ordered by: SHA-256 of seed and code, 64 hexadecimal digits."""
    text = unicodedata.normalize("NFC", f"{seed}|{code}")
    return hashlib.sha256(text.encode()).hexdigest()


def draw(seed: str, codes: Iterable[str], team_size: int) -> Teams:
    """Return the team of every unit; the order in which the codes come in plays no part.

    Raises `ValueError` with the sentence for people where no fair drawing exists.
    """
    ring = sorted(set(codes), key=lambda code: (place_of(seed, code), code))
    if fault := fault_of(len(ring), team_size):
        raise ValueError(fault)
    twice = ring * 2
    return {code: tuple(twice[at + 1 : at + 1 + team_size]) for at, code in enumerate(ring)}
