"""The verification code printed on a paper: made, grouped and read back as people type it.

Crockford's base 32 leaves out I, L, O and U, so that no two signs look alike on paper; what is
typed for one of them is read as the digit it resembles. Twelve signs are 60 random bits.
"""

import re
import secrets
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 12
GROUP: Final = 4
_LOOKALIKES: Final = str.maketrans("ILO", "110")
_SEPARATORS: Final = re.compile(r"[\s\-\u2010-\u2014.]+")
_MAX_TYPED: Final = 64


def new_code() -> str:
    """Draw a code: ``3F7K-Q2MD-9TXA``."""
    return grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def grouped(signs: str) -> str:
    """Write twelve signs in the groups in which they are printed and stored."""
    return "-".join(signs[i : i + GROUP] for i in range(0, LENGTH, GROUP))


def parse_code(typed: str) -> str | None:
    """Read a code as typed: any case and spacing, I and L as 1, O as 0; None when it is no code."""
    if len(typed) > _MAX_TYPED:
        return None
    signs = _SEPARATORS.sub("", typed).upper().translate(_LOOKALIKES)
    if len(signs) != LENGTH or not set(signs) <= set(ALPHABET):
        return None
    return grouped(signs)
