"""Coded tables: only codes and numbers are stored, the texts stay on paper (domain.md §0.10).

Names of levels and items stay: figures name them, so a rule cannot do without them. The name of the
table, its classification and units of measure stay too.
"""

from typing import Any, Final

from scoring.queries.table import nodes_of

#: Texts of a node that a coded table does not hold.
_TEXTS: Final = ("title", "legal_basis")


def without_texts(table: dict[str, Any]) -> dict[str, Any]:
    """Return a table in the interchange form without the texts of its criteria."""
    return table | {"groups": [_bare(node) for node in table["groups"]]}


def codes_with_text(table: dict[str, Any]) -> list[str]:
    """Return the codes of rows that carry a text; a coded table has none."""
    return [str(node["code"]) for node in nodes_of(table) if any(node.get(k) for k in _TEXTS)]


def _bare(node: dict[str, Any]) -> dict[str, Any]:
    bare = {key: value for key, value in node.items() if key not in _TEXTS}
    if "children" in node:
        bare["children"] = [_bare(child) for child in node["children"]]
    return bare
