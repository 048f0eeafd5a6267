"""Starting points shipped with the application: legal bases, activities, report outlines.

Pure: the files of `pledges/data` come out as plain data; nothing is taken over by itself.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """A document a pledge can rest on; `is_dated` when it is known from when to when it holds."""

    code: str
    text: str
    is_dated: bool

    @property
    def clause(self) -> str:
        """Return it as a pledge cites it."""
        return f"Căn cứ {self.text}"


@dataclass(frozen=True, slots=True)
class StarterActivity:
    """A row of the usual programme of a year."""

    when: str
    what: str
    responsible: str
    output: str


@dataclass(frozen=True, slots=True)
class OutlineSection:
    """A heading of a report outline with what to write under it."""

    code: str
    heading: str
    guidance: str


@dataclass(frozen=True, slots=True)
class Outline:
    """The outline of one report."""

    code: str
    title: str
    sections: tuple[OutlineSection, ...]


def legal_bases(year: int) -> list[LegalBasis]:
    """Return the bases in force at some time of a year, and those whose dates are not known."""
    first, last = f"{year}-01-01", f"{year}-12-31"
    return [
        LegalBasis(item["code"], item["text"], is_dated=item["valid_from"] is not None)
        for item in _read("legal-bases.json")["items"]
        if (item["valid_from"] or first) <= last and (item["valid_to"] or last) >= first
    ]


def starter_activities() -> list[StarterActivity]:
    """Return the usual activities of a year, in their order."""
    return [
        StarterActivity(_months(row["when"]), row["what"], row["responsible"], row["output"])
        for row in _read("activity-programme.json")["activities"]
    ]


def outlines() -> list[Outline]:
    """Return the outlines of mid-year and year-end reports, sub-headings included."""
    return [
        Outline(
            one["code"],
            one["title"],
            tuple(
                OutlineSection(section["code"], section["heading"], section["guidance"])
                for top in one["sections"]
                for section in (top, *top.get("children", []))
            ),
        )
        for one in _read("report-outline.json")["outlines"]
    ]


def _months(when: str) -> str:
    """Write `03-04` as people read it."""
    return f"Tháng {when.replace('-', ' – ')}" if when[:1].isdigit() else when.capitalize()


@cache
def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((_FOLDER / name).read_text(encoding="utf-8"))
    return found
