"""One byte form for JSON that is hashed: sorted keys, no spaces, UTF-8."""

import hashlib
import json
from decimal import Decimal


def canonical_json(value: object) -> bytes:
    """Return the canonical bytes of a value made of dict, list, str, int, bool and None."""
    text = json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def sha256_of(value: object) -> str:
    """Return the SHA-256 of the canonical form, in lower-case hexadecimal."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def plain(value: Decimal) -> str:
    """Write a number as the engine reads it: a dot as decimal sign, no idle zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
