"""The visual language in templates: icons, status tags, buttons that know why they are locked.

Loaded into every template as a builtin. What each tag looks like stands in `docs/giao-dien.md`.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple, cast

from django import template
from django.conf import settings
from django.forms import BaseForm, BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from core import text
from core.policy import Verdict

register = template.Library()

MEGABYTE: Final = 1_000_000
KINDS: Final = frozenset({"do", "wait", "warn", "err", "ok", "seal", "no", "gold"})
#: The icon of a kind where the object does not ask for a more exact one.
KIND_ICONS: Final[Mapping[str, str]] = {
    "do": "pencil-fill",
    "wait": "hourglass-split",
    "warn": "exclamation-triangle-fill",
    "err": "arrow-return-left",
    "ok": "check-circle-fill",
    "seal": "patch-check",
    "no": "lock",
    "gold": "star-fill",
}


class Status(NamedTuple):
    """How one state of a workflow is shown: the word, the kind of tag, a more exact icon."""

    label: str
    kind: str
    icon: str = ""
    dashed: bool = False


STATUS_TAGS: Final[Mapping[str, Mapping[str, Status]]] = {
    "cluster_year": {
        "PREPARING": Status("Chuẩn bị", "do", "gear"),
        "DRAFTING": Status("Dự thảo", "do", "pencil-fill"),
        "SIGNING": Status("Đang ký", "do", "pen-fill"),
        "RUNNING": Status("Đang thực hiện", "do", "bar-chart-line-fill"),
        "MIDYEAR": Status("Sơ kết", "do", "journal-text"),
        "YEAREND": Status("Tổng kết", "do", "journal-text"),
        "APPRAISING": Status("Đang thẩm định", "do", "search"),
        "PROVISIONAL": Status("Tạm tính", "warn", "clock-fill", dashed=True),
        "OBJECTIONS": Status("Nhận kiến nghị", "warn", "chat-square-quote-fill"),
        "PUBLISHED": Status("Đã công bố", "seal", "patch-check"),
        "ARCHIVED": Status("Đã lưu trữ", "no", "archive"),
    },
    "stage": {
        "NOT_OPEN": Status("Chưa mở", "no", "lock"),
        "TODO": Status("Chưa làm", "no", "circle"),
        "DOING": Status("Đang làm", "do"),
        "WAITING": Status("Chờ duyệt", "wait"),
        "RETURNED": Status("Cần sửa", "err"),
        "OVERDUE": Status("Quá hạn", "err", "exclamation-octagon-fill"),
        "DONE": Status("Xong", "ok"),
    },
    "pledge": {
        "DRAFT": Status("Bản nháp", "do"),
        "CIRCULATED": Status("Đang góp ý", "do", "chat-left-text-fill"),
        "AGREED": Status("Đã thống nhất", "ok", "check2-all"),
        "FROZEN": Status("Đã chốt", "seal", "lock-fill"),
        "SIGNING": Status("Đang ký", "do", "pen-fill"),
        "SIGNED": Status("Đã ký", "seal"),
        "AMENDED": Status("Đã ký, có phụ lục", "seal", "files"),
    },
    "consent": {
        "NONE": Status("Chưa có ý kiến", "no", "circle"),
        "CONSENT": Status("Thống nhất", "ok"),
        "REFUSE": Status("Chưa thống nhất", "err", "x-octagon-fill"),
        "VOIDED": Status("Cần xem lại", "warn", "arrow-clockwise"),
    },
    "remark": {
        "OPEN": Status("Chờ trả lời", "wait"),
        "ACCEPTED": Status("Tiếp thu", "ok"),
        "DECLINED": Status("Giữ nguyên, có giải thích", "no", "chat-left-text"),
    },
    "criteria_table": {
        "DRAFT": Status("Bản nháp", "do"),
        "IN_USE": Status("Đang dùng", "ok"),
        "REPLACED": Status("Đã thay thế", "no", "archive"),
    },
    "signature": {
        "WAITING_TURN": Status("Chưa đến lượt", "wait"),
        "INVITED": Status("Đến lượt ký", "do", "pen-fill"),
        "SIGNED": Status("Đã ký", "seal"),
        "DECLINED": Status("Từ chối", "err", "x-octagon-fill"),
        "REPLACED": Status("Đã thay người ký", "no", "arrow-left-right"),
    },
    "progress": {
        "DRAFT": Status("Đang nhập", "do"),
        "SUBMITTED": Status("Chờ duyệt", "wait"),
        "RETURNED": Status("Trả lại", "err"),
        "ACCEPTED": Status("Đã chấp nhận", "ok"),
    },
    "review": {
        "OPEN": Status("Đang soạn", "do"),
        "SUBMITTED": Status("Chờ duyệt", "wait"),
        "RETURNED": Status("Trả lại", "err"),
        "ACCEPTED": Status("Đã chấp nhận", "ok"),
    },
    "score_sheet": {
        "SELF_SCORING": Status("Đang tự chấm", "do", "calculator"),
        "SUBMITTED": Status("Đã nộp", "wait"),
        "APPRAISING": Status("Đang thẩm định", "do", "search"),
        "RETURNED": Status("Trả lại", "err"),
        "EXPLAINING": Status("Đang giải trình", "warn", "chat-square-quote-fill"),
        "SECOND_APPRAISAL": Status("Thẩm định lần hai", "do", "search"),
        "APPROVED": Status("Đã duyệt", "seal"),
        "FINAL": Status("Điểm chính thức", "seal", "patch-check-fill"),
    },
    "inspection": {
        "OPEN": Status("Đang kiểm tra", "do", "search"),
        "SUBMITTED": Status("Chờ trả lời", "wait"),
        "ANSWERED": Status("Đã trả lời", "ok"),
    },
    "publication": {
        "PROVISIONAL": Status("Tạm tính", "warn", "clock-fill", dashed=True),
        "FINAL": Status("Chính thức", "seal", "patch-check-fill"),
        "REVOKED": Status("Đã thu hồi", "err", "slash-circle"),
    },
    "objection": {
        "DRAFT": Status("Đang soạn", "do"),
        "SENT": Status("Chờ quyết định", "wait"),
        "ACCEPTED": Status("Chấp nhận", "ok"),
        "REJECTED": Status("Không chấp nhận", "no", "x-circle"),
        "WITHDRAWN": Status("Đã rút", "no", "slash-circle"),
    },
    "ballot": {
        "PREPARING": Status("Đang chuẩn bị", "do", "pencil-fill"),
        "OPEN": Status("Đang bỏ phiếu", "do", "check2-square"),
        "COUNTED": Status("Đã kiểm phiếu", "seal", "patch-check-fill"),
        "CANCELLED": Status("Đã hủy", "no", "slash-circle"),
    },
    "job": {
        "QUEUED": Status("Đang xếp hàng", "wait"),
        "RUNNING": Status("Đang chạy", "do", "arrow-repeat"),
        "DONE": Status("Xong", "ok"),
        "FAILED": Status("Lỗi", "err", "x-octagon-fill"),
        "CANCELLED": Status("Đã hủy", "no", "x-circle"),
    },
}

BUTTON_CLASSES: Final[Mapping[str, str]] = {
    "primary": "btn btn-primary",
    "secondary": "btn btn-secondary",
    "quiet": "btn btn-link",
    "destructive": "btn btn-outline-danger",
    "destructive-confirm": "btn btn-danger",
}


class Cell(NamedTuple):
    """One cell of the turn line: a caption, the fact, and a quieter remark after it."""

    caption: str
    fact: str
    detail: str = ""


CellLike = Cell | Mapping[str, str]
#: The cell that takes the room of the line: it names units, and those are long.
WAITING_FOR: Final = "Đang chờ"


# Icons and tags ------------------------------------------------------------------------------
@lru_cache(maxsize=256)
def _drawing(name: str) -> SafeString:
    """Return the inside of an icon's SVG; an unknown name is a mistake of the template."""
    folder = Path(settings.BASE_DIR) / "static" / "vendor" / "bootstrap-icons"
    source = (folder / f"{name}.svg").read_text(encoding="utf-8")
    inside = re.search(r"<svg[^>]*>(.*)</svg>", source, re.DOTALL)
    if inside is None:
        raise ValueError(f"{name}.svg holds no drawing")
    return mark_safe(" ".join(inside[1].split()))  # noqa: S308 - our own vendored file


@lru_cache(maxsize=512)
def _icon(name: str, size: int) -> SafeString:
    """Return the whole SVG element; it says nothing to a screen reader, the word beside it does."""
    return format_html(
        '<svg class="gu-icon" width="{0}" height="{0}" viewBox="0 0 16 16" fill="currentColor"'
        ' aria-hidden="true" focusable="false">{1}</svg>',
        size,
        _drawing(name),
    )


@register.simple_tag(name="icon")
def icon_tag(name: str, size: int = 16) -> SafeString:
    """Draw an icon beside a word that says the same."""
    return _icon(name, size)


@lru_cache(maxsize=512)
def _tag(kind: str, label: str, icon: str, dashed: bool) -> SafeString:  # noqa: FBT001
    if kind not in KINDS:
        raise ValueError(f"unknown kind of tag: {kind}")
    return format_html(
        '<span class="gu-tag gu-tag-{}{}">{}{}</span>',
        kind,
        " gu-tag-dashed" if dashed else "",
        _icon(icon or KIND_ICONS[kind], 13),
        label,
    )


@register.simple_tag(name="tag")
def kind_tag(kind: str, label: str, icon: str = "") -> SafeString:
    """Show a state in words with the colour and icon of its kind."""
    return _tag(kind, str(label), icon, dashed=False)


def status_of(workflow: str, value: object, *, mine: bool = False) -> Status:
    """Return how a state is shown; a state without a label must not reach the screen."""
    states = STATUS_TAGS[re.sub(r"(?<=[a-z])(?=[A-Z])", "_", workflow).lower()]
    status = states[str(value)]
    if mine and value == "INVITED":
        return status._replace(label="Đến lượt bạn")
    return status


@register.simple_tag(name="status")
def status_tag(workflow: str, value: object, *, mine: bool = False) -> SafeString:
    """Show the state of a pledge, a signature, a job… with the one label it has everywhere."""
    shown = status_of(workflow, value, mine=mine)
    return _tag(shown.kind, shown.label, shown.icon, dashed=shown.dashed)


# Buttons -------------------------------------------------------------------------------------
def _next_id(context: Context, prefix: str) -> str:
    """Return an id not used before on this page, the same on every rendering of it."""
    page = cast("dict[str, count[int]]", context.render_context.dicts[0])
    counter = page.setdefault("gu_ids", count(1))
    return f"{prefix}-{next(counter)}"


def _attributes(pairs: Mapping[str, str]) -> SafeString:
    """Write the HTML attributes that have a value."""
    return format_html_join("", ' {}="{}"', ((k, v) for k, v in pairs.items() if v))


def _locked_button(context: Context, reason: str, face: SafeString, size: str) -> SafeString:
    """A button that can be reached and says beside itself why it does nothing."""
    reason_id = _next_id(context, "ly-do")
    return format_html(
        '<span class="gu-lock"><span class="gu-reason" id="{0}">{1}</span>'
        '<button type="button" class="btn gu-locked{2}" aria-disabled="true"'
        ' aria-describedby="{0}">{3}{4}</button></span>',
        reason_id,
        reason,
        size,
        _icon("lock", 16),
        face,
    )


@register.simple_tag(takes_context=True)
def verdict_button(
    context: Context,
    verdict: Verdict,
    label: str,
    *,
    kind: str = "primary",
    icon: str = "",
    **attributes: str,
) -> SafeString:
    """Offer an act, or show it locked with the verdict's own sentence beside it.

    `href` makes it a link, `action` a form of its own with one button; otherwise it submits the
    form it stands in (or the one named by `form=`). `small=1` fits it into a table row.
    """
    size = " btn-sm" if attributes.pop("small", "") else ""
    href, action = attributes.pop("href", ""), attributes.pop("action", "")
    if not verdict:
        return _locked_button(context, verdict.reason, conditional_escape(label), size)
    drawing = _icon(icon, 16) if icon else ""
    look = {"class": BUTTON_CLASSES[kind] + size, **attributes}
    if href:
        return format_html('<a href="{}"{}>{}{}</a>', href, _attributes(look), drawing, label)
    button = format_html('<button type="submit"{}>{}{}</button>', _attributes(look), drawing, label)
    if not action:
        return button
    return format_html(
        '<form method="post" action="{}" class="gu-one-button">'
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">{}</form>',
        action,
        context.get("csrf_token", ""),
        button,
    )


# Parts of a page -----------------------------------------------------------------------------
@register.simple_tag
def crumbs(*parts: str) -> SafeString:
    """Lead back up: label, address, label, address, …, and last the label of this page."""
    if len(parts) % 2 == 0:
        raise ValueError("crumbs: the last part is a label without an address")
    links = format_html_join(
        "",
        '<li><a href="{}">{}</a></li>',
        ((parts[i + 1], parts[i]) for i in range(0, len(parts) - 1, 2)),
    )
    return format_html(
        '<nav class="gu-crumbs" aria-label="Đường dẫn"><ol>{}'
        '<li aria-current="page">{}</li></ol></nav>',
        links,
        parts[-1],
    )


@register.inclusion_tag("_turn_line.html")
def turn_line(cells: Iterable[CellLike]) -> dict[str, object]:
    """Say where we are, who is being waited for, what is missing, until when."""
    shown = [(cell, _caption(cell) == WAITING_FOR) for cell in cells]
    return {"cells": shown if any(wide for _, wide in shown) else _first_wide(shown)}


def _caption(cell: CellLike) -> str:
    return cell["caption"] if isinstance(cell, Mapping) else cell.caption


def _first_wide(cells: list[tuple[CellLike, bool]]) -> list[tuple[CellLike, bool]]:
    """Let the first cell take the room when nobody is being waited for."""
    return [(cell, index == 0) for index, (cell, _) in enumerate(cells)]


@register.inclusion_tag("_error_summary.html")
def error_summary(form: BaseForm) -> dict[str, object]:
    """List what must be mended, each with a link to its field."""
    return {"errors": list(_errors(form))}


def _errors(form: BaseForm) -> Iterable[tuple[str, str]]:
    """Yield (id of the field or nothing, sentence) in the order of the page."""
    for sentence in form.non_field_errors():
        yield "", str(sentence)
    for bound in form:
        target = f"div_{bound.auto_id}" if bound.use_fieldset else bound.id_for_label
        for sentence in bound.errors:
            yield "" if bound.is_hidden else target, str(sentence)


@register.simple_tag
def field(bound: BoundField) -> SafeString:
    """Show one field of a form laid out by hand exactly as crispy shows it."""
    return render_to_string(
        "bootstrap5/field.html",
        {"field": bound, "form_show_errors": True, "form_show_labels": True},
    )


@register.simple_tag
def job_bar(done: int, total: int, unit: str = "", label: str = "Tiến độ") -> SafeString:
    """Show how far a job is: a bar and always the count beside it, never a bare percentage."""
    counted = f"{text.format_number(Decimal(done))}/{text.format_number(Decimal(total))}"
    return format_html(
        '<span class="gu-job-bar"><progress value="{}" max="{}" aria-label="{}"></progress>'
        '<span class="gu-job-count"><b data-job-count>{}</b> {}</span></span>',
        str(done),
        str(max(total, 1)),
        label,
        counted,
        unit,
    )


# Filters -------------------------------------------------------------------------------------
@register.filter
def vn_number(value: Decimal | int | str | None, places: int | None = None) -> str:
    """`1.234,5`; nothing stays nothing, because an empty cell says its own words."""
    if value is None or value == "":
        return ""
    return text.format_number(Decimal(value), places)


@register.filter
def vn_date(value: date | None) -> str:
    """`04/03/2020`."""
    return text.format_date(value) if value else ""


@register.filter
def vn_date_long(value: date | None) -> str:
    """`ngày 04 tháng 3 năm 2020`, as running official text has it."""
    return text.format_date_long(value) if value else ""


@register.filter
def vn_datetime(value: datetime | None) -> str:
    """`14:05 ngày 24/06/2024`, in the time of Vietnam."""
    return text.format_datetime(value) if value else ""


@register.filter
def vn_day_month(value: date | None) -> str:
    """`24/06`, where the year is plain from the page."""
    return f"{value.day:02d}/{value.month:02d}" if value else ""


@register.filter
def short_hash(digest: str) -> str:
    """`9f3c…e21a`: enough to recognise a file, the whole stands on the verification page."""
    return f"{digest[:4]}\u2060…\u2060{digest[-4:]}" if digest else ""


@register.filter
def grouped_hash(digest: str) -> str:
    """Groups of four, so that two people can compare it aloud."""
    return " ".join(digest[i : i + 4] for i in range(0, len(digest), 4))


@register.filter
def file_size(size: int | None) -> str:
    """`4,1 MB`, `312 kB`."""
    if size is None:
        return ""
    if size < MEGABYTE:
        return f"{max(1, round(size / 1000))}\u00a0kB"
    return f"{text.format_number(Decimal(size) / MEGABYTE, 1)}\u00a0MB"
