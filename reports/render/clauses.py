"""Clauses of a paper: basis, sections with their numbers, tasks of single units."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from core.text import roman
from reports.render.words import glue, has_own_number, paragraphs, without_end

Clauses = list[dict[str, Any]]
_BASIS_WORDS = re.compile("(?i)(căn cứ|theo|xét|thực hiện|trên cơ sở|để)")


@dataclass(frozen=True, slots=True)
class Item:
    """A numbered clause: label, heading, and the paragraphs below.

    `is_title` is a heading that stands for itself: of a part of an outline (bold), or, when its
    author numbered the others and not this one, of a division of the outline (centred).
    """

    label: str = ""
    heading: str = ""
    paragraphs: list[str] = field(default_factory=list)
    is_title: bool = False
    is_division: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Clauses under a heading of their own: the common tasks, the tasks of each unit."""

    heading: str
    items: list[Item]


def basis(clauses: Clauses) -> list[str]:
    """Return the basis lines: each with its opening word and ``;`` at its end, the last ``.``."""
    lines = [without_end(_whole(clause)) for clause in clauses if clause["section"] == "BASIS"]
    lines = [line if _BASIS_WORDS.match(line) else f"Căn cứ {line}" for line in lines]
    return [glue(line + (";" if i < len(lines) else ".")) for i, line in enumerate(lines, 1)]


def numbered(clauses: Clauses) -> list[Item]:
    """Number clauses 1, 2, 3, unless their author numbered them."""
    return _labelled(clauses, [f"{i}." for i in range(1, len(clauses) + 1)])


def articles(clauses: Clauses) -> list[Item]:
    """Number clauses as the articles of a regulation: ``Điều 1.``."""
    return _labelled(clauses, [f"Điều\u00a0{i}." for i in range(1, len(clauses) + 1)])


def parts(clauses: Clauses) -> list[Item]:
    """Number clauses as the parts of an outline: I, II, III; every heading is a title."""
    items = _labelled(clauses, [f"{roman(i)}." for i in range(1, len(clauses) + 1)])
    by_author = any(_numbered_by_author(clause) for clause in clauses)
    return [
        replace(
            item,
            is_title=True,
            is_division=by_author and not _numbered_by_author(clause) and not item.paragraphs,
        )
        for item, clause in zip(items, clauses, strict=True)
    ]


def tasks(clauses: Clauses, names: dict[str, str]) -> tuple[list[Item], list[Group]]:
    """Split clauses into common ones and, where units have their own, the groups A and B."""
    common = [clause for clause in clauses if clause["unit"] is None]
    own = [
        Item(f"{i}.", name, _as_letters([c for c in clauses if c["unit"] == code]))
        for i, (code, name) in enumerate(
            ((k, v) for k, v in names.items() if any(c["unit"] == k for c in clauses)), 1
        )
    ]
    if not own:
        return numbered(common), []
    groups = [Group("A. Nhiệm vụ chung", numbered(common))] if common else []
    letter = "B" if common else "A"
    return [], [*groups, Group(f"{letter}. Nhiệm vụ của từng đơn vị", own)]


def _as_letters(clauses: Clauses) -> list[str]:
    """Write the tasks of one unit as a), b), c); a single one needs no letter."""
    texts = [_whole(clause) for clause in clauses]
    if len(texts) == 1:
        return paragraphs(texts[0])
    lines: list[str] = []
    for letter, text in zip("abcdđeghiklmnopqrstuvxy", texts, strict=False):
        first, *rest = paragraphs(text)
        lines += [first if has_own_number(first) else f"{letter}) {first}", *rest]
    return lines


def _labelled(clauses: Clauses, labels: list[str]) -> list[Item]:
    """Number clauses, unless their author numbered some: two ways of counting would clash."""
    if any(_numbered_by_author(clause) for clause in clauses):
        labels = [""] * len(clauses)
    return [
        Item(label, glue(clause["heading"].strip()), paragraphs(clause["text"]))
        for clause, label in zip(clauses, labels, strict=True)
    ]


def _numbered_by_author(clause: dict[str, Any]) -> bool:
    return has_own_number(clause["heading"].strip() or clause["text"].strip())


def _whole(clause: dict[str, Any]) -> str:
    """Return heading and text of a clause as one."""
    heading, text = clause["heading"].strip(), clause["text"].strip()
    return f"{heading}: {text}" if heading and text else heading or text
