"""What the pages of the pledge write in a way of their own: the redline, a look-up by key."""

from collections.abc import Iterable, Mapping

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from pledges.redline import Piece

register = template.Library()

_FORMS = {
    "same": "{}",
    "added": '<ins><span class="visually-hidden">thêm: </span>{}</ins>',
    "removed": '<del><span class="visually-hidden">bỏ: </span>{}</del>',
}


@register.simple_tag
def redline(pieces: Iterable[Piece]) -> SafeString:
    """Show a text with what was added and removed; a screen reader hears "thêm" and "bỏ"."""
    return format_html_join("", "{}", ((format_html(_FORMS[p.kind], p.text),) for p in pieces))


@register.filter
def of(rows: Mapping[str, object], key: str) -> object | None:
    """Look something up by the key of a row."""
    return rows.get(key)
