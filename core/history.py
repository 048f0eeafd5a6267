"""The audit trail as people read it: who, acting as what, did what, why, when, before and after.

Every app keeps its sentences by action in `<app>/sentences.py`, named in ``settings.SENTENCES``; a
test holds them against every action that the code records. A sentence begins after the person's
name and may name what the event carries: ``"đã gửi bản {version} cho các đơn vị góp ý"``.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from core.models import AuditEvent
from core.text import format_date, given_name_key

#: Words for what events carry that is no field of their object.
LABELS: Final[Mapping[str, str]] = {
    "about": "Về",
    "answer": "Trả lời",
    "asked": "Đề nghị",
    "changes": "Thay đổi",
    "blank": "Phiếu trắng, không hợp lệ",
    "candidates": "Danh sách bỏ phiếu",
    "cast": "Số phiếu thu về",
    "chosen": "Trúng",
    "cloned_from": "Chép từ",
    "dated": "Ngày ghi trên văn bản",
    "declined_by": "Đơn vị từ chối",
    "decision_number": "Số quyết định",
    "drafted": "Mức trong dự thảo",
    "due_on": "Hạn chung",
    "figure": "Số chính thức",
    "file": "Tệp minh chứng",
    "equal": "Bằng phiếu ở chỗ cuối",
    "excluded": "Không đưa vào danh sách",
    "invited": "Mời ký",
    "members": "Đơn vị",
    "note": "Ghi chú",
    "numbers": "Số văn bản",
    "place": "Vị trí",
    "present": "Có mặt",
    "proposed": "Mức đề nghị",
    "removed": "Đã bỏ",
    "rules": "Thể lệ",
    "source": "Nguồn",
    "stage": "Giai đoạn",
    "stages": "Giai đoạn",
    "table": "Bảng tiêu chí",
    "target": "Chỉ tiêu",
    "text": "Nội dung",
    "unit": "Đơn vị",
    "titles": "Danh hiệu",
    "units": "Các đơn vị",
    "until": "Đến hết ngày",
    "votes": "Số phiếu",
}
#: Facts kept by the code of a criterion: key → what stands before the code.
CODED: Final[Mapping[str, str]] = {"lines": "Tiêu chí"}
_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_WORDS: Final[Mapping[str, str]] = {"True": "có", "False": "không", "None": "", "": ""}


@dataclass(frozen=True, slots=True)
class Delta:
    """One thing that changed: what it is called, what stood before, what stands after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One event in words."""

    seq: int
    at: datetime
    who: str
    acting: str
    text: str
    reason: str
    deltas: tuple[Delta, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """What a fact is called that no field and no word of ours names, and how its values read."""

    label: str
    in_words: Callable[[object], str] | None = None


#: (type of the object, its key or "" for every one of the type, key of the fact) → its name.
Names = Mapping[tuple[str, str, str], Name]


class _Facts(dict[str, Any]):
    """What an event carries; what it does not carry reads as three dots."""

    def __missing__(self, key: str) -> str:
        return "…"


def sentences() -> dict[str, str]:
    """Return the sentence of every action of every app."""
    merged: dict[str, str] = {}
    for name in settings.SENTENCES:
        merged |= import_string(name)
    return merged


def sentences_of(events: Iterable[AuditEvent]) -> list[Line]:
    """Tell events as sentences, in the order they come in; the statements are constant."""
    rows = list(events)
    told, names = sentences(), _names_of(rows)
    return [_line(event, told, names) for event in rows]


def _names_of(events: list[AuditEvent]) -> Names:
    """Ask every app what the keys mean that these events carry: targets, headings of an outline."""
    names: dict[tuple[str, str, str], Name] = {}
    for source in settings.HISTORY_NAMES:
        names |= import_string(source)(events)
    return names


def uncovered(events: QuerySet[AuditEvent], acting: object, year: object) -> QuerySet[AuditEvent]:
    """Leave out what this person may not see yet, such as work on a draft not sent out."""
    for name in settings.HISTORY_CURTAINS:
        events = import_string(name)(events, acting, year)
    return events


def chosen(events: QuerySet[AuditEvent], person: str, kind: str) -> QuerySet[AuditEvent]:
    """Narrow events to one person and one kind (the app whose actions they are)."""
    if person:
        events = events.filter(actor_name=person)
    return events.filter(action__startswith=f"{kind}.") if kind else events


def by_given_name(person: str) -> str:
    """Order people as Vietnamese lists do."""
    return given_name_key(person)


def _line(event: AuditEvent, told: Mapping[str, str], names: Names) -> Line:
    facts = _Facts({**event.before, **event.after, "object": event.object_label})
    sentence = told.get(event.action, "đã thay đổi {object}")
    return Line(
        seq=event.seq,
        at=event.at,
        who=event.actor_name,
        acting=", ".join(part for part in (event.acting_role, event.acting_unit) if part),
        text=sentence.format_map(_Facts({k: in_words(v) for k, v in facts.items()})),
        reason=event.reason,
        deltas=tuple(_deltas(event, names)),
    )


def _deltas(event: AuditEvent, names: Names) -> Iterable[Delta]:
    """Yield what differs and has a name, nested facts (members, calendar) row by row."""
    before, after = _flat(event.before), _flat(event.after)
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        name = _name(event, key, names)
        label = name.label if name else _label(event.object_type, key)
        if not label:
            continue
        write = name.in_words if name and name.in_words else None
        words = [
            write(value) if write else _shown(event.object_type, key, value) for value in (old, new)
        ]
        if words[0] != words[1]:
            yield Delta(label, *words)


def _name(event: AuditEvent, key: str, names: Names) -> Name | None:
    own = names.get((event.object_type, event.object_id, key))
    return own or names.get((event.object_type, "", key))


def _flat(facts: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in facts.items():
        if isinstance(value, Mapping):
            flat |= {f"{key}.{inner}": content for inner, content in value.items()}
        else:
            flat[key] = value
    return flat


def _label(object_type: str, key: str) -> str:
    """Name a fact: a word of our own, the label of the object's field, or its place in a list."""
    first, _, code = key.partition(".")
    if code and first in CODED:
        return f"{CODED[first]} {code}"
    outer, _, inner = key.rpartition(".")
    if inner.isdigit():
        return f"{LABELS.get(outer, 'Dòng')} {int(inner)}"
    if inner.startswith("level_"):
        return f"Mức của {inner.removeprefix('level_')}"
    field = _field(object_type, inner)
    if field is not None:
        # A bare key of another row says nothing to a reader.
        if field.is_relation and inner.endswith("_id"):
            return ""
        name = str(field.verbose_name)
        return name[:1].upper() + name[1:]
    return LABELS.get(outer, "") if outer else LABELS.get(inner, "")


@lru_cache(maxsize=512)
def _field(object_type: str, name: str) -> "models.Field[Any, Any] | None":
    try:
        found = apps.get_model(object_type)._meta.get_field(name)
    except (LookupError, FieldDoesNotExist):
        return None
    shown = isinstance(found, models.Field) and not found.primary_key
    return found if shown and not _is_digest(name) else None


def _is_digest(name: str) -> bool:
    """Hashes and derived keys are for machines."""
    return name.endswith(("_hash", "_key", "_sha256", "password"))


def _shown(object_type: str, key: str, value: object) -> str:
    field = _field(object_type, key)
    choices = dict(field.flatchoices) if field is not None else {}
    return str(choices[value]) if isinstance(value, str) and value in choices else in_words(value)


def in_words(value: object) -> str:
    """Write a stored fact as a reader expects it: dates day first, yes and no as words."""
    if isinstance(value, list):
        return ", ".join(in_words(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(in_words(item) for item in value.values())
    text = str(value)
    # Dates may stand inside a longer text ("Dự thảo: 2026-02-06 – 2026-03-03").
    return _WORDS[text] if text in _WORDS else _ISO_DATE.sub(_day_first, text)


def _day_first(found: re.Match[str]) -> str:
    try:
        return format_date(date.fromisoformat(found[0]))
    except ValueError:
        return found[0]
