"""What facts of the history are called that are kept by key: targets, headings of an outline."""

import re
from collections.abc import Iterable
from decimal import Decimal

from core.history import Name
from core.models import AuditEvent
from core.text import clip, format_number
from pledges.models import Review, Target

PROGRESS, REVIEW = "pledges.progressreport", "pledges.review"
#: A figure as events keep it, perhaps with what was noted beside it: "1234.5 (theo báo cáo 12)".
_FIGURE = re.compile(r"(-?\d+(?:\.\d+)?)(?= \(|$)")
#: So much of a target's text names it in a list of changes.
_SHOWN = 90


def names_of(events: Iterable[AuditEvent]) -> dict[tuple[str, str, str], Name]:
    """Name targets and headings that these events carry; two statements, none where not needed."""
    rows = [event for event in events if event.object_type in (PROGRESS, REVIEW)]
    return _targets(rows) | _headings(rows) if rows else {}


def figure_in_words(value: object) -> str:
    """Write what stood in a cell of progress as offices write figures."""
    words = "" if value is None else str(value)
    found = _FIGURE.match(words)
    return format_number(Decimal(found[1])) + words[found.end() :] if found else words


def _targets(events: list[AuditEvent]) -> dict[tuple[str, str, str], Name]:
    keys = {
        key
        for event in events
        for facts in (event.before, event.after)
        for key in (*facts, *facts.get("cells", {}))
    }
    names: dict[tuple[str, str, str], Name] = {}
    # Newer versions come last: a target is called what it is called now.
    targets = Target.objects.filter(key__in=keys).order_by("pk")
    for key, text, kind in targets.values_list("key", "text", "kind"):
        label = clip(text, _SHOWN)
        write = figure_in_words if kind == Target.Kind.NUMERIC else None
        names[PROGRESS, "", key] = Name(label, write)
        names[PROGRESS, "", f"cells.{key}"] = Name(f"Trả lại: {label}")
        for field, word in UNMET_FIELDS.items():
            names[REVIEW, "", f"{key}.{field}"] = Name(f"{label}: {word}")
    return names


#: What a unit writes beside a target that is not met.
UNMET_FIELDS = {
    "cause": "nguyên nhân",
    "measure": "biện pháp",
    "responsible": "chịu trách nhiệm",
    "due_on": "thời hạn",
}


def _headings(events: list[AuditEvent]) -> dict[tuple[str, str, str], Name]:
    keys = {int(event.object_id) for event in events if event.object_type == REVIEW}
    outlines = Review.objects.filter(pk__in=keys).values_list("pk", "outline") if keys else []
    return {
        (REVIEW, str(pk), row["key"]): Name(clip(row["heading"], _SHOWN))
        for pk, outline in outlines
        for row in outline
    }
