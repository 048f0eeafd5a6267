"""One byte form of the two inputs: what is the same table or the same figures has the same hash."""

import json
from collections.abc import Mapping
from typing import Any, Final

from scoring.engine.reading import composed

#: Lists whose order means nothing: they are sorted by the codes of their entries.
_BY_CODE: Final = frozenset({"units", "groups", "children"})
#: Keys whose texts are codes or labels, in which equal means equal after composition.
_LABELS: Final = frozenset({"code", "label", "level"})


def canonical(source: Mapping[str, Any]) -> bytes:
    """Return the canonical form of a sound table or of sound figures.

    Sorted keys, units and children by code, no spaces, numbers as typed; codes and labels in NFC.
    """
    text = json.dumps(_settled(source), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def _settled(value: Any, key: str = "") -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return {composed(name): _settled(item, name) for name, item in value.items()}
    if isinstance(value, list):
        items = [_settled(item, key) for item in value]
        return sorted(items, key=_code) if key in _BY_CODE else items
    if isinstance(value, str) and (key in _LABELS or key == "tie_breakers"):
        return composed(value)
    return value


def _code(item: Mapping[str, Any]) -> str:
    return str(item["code"])
