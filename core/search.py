"""Finding things and showing them page by page.

An app offers a function ``(acting, query) -> list[Found]`` and is named in
``settings.SEARCH_SOURCES``; each starts from `visible_to`, so that the search shows nobody more
than the pages do.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Final, TypeVar

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.module_loading import import_string

from core.text import nfc, query_keys

#: Rows of a list on one page, and things of one kind that a search shows.
PER_PAGE: Final = 50
MOST_FOUND: Final = 20
_LONGEST_QUERY: Final = 200
_M = TypeVar("_M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was found: what it is, where it stands, the page about it if there is one."""

    title: str
    where: str
    kind: str
    icon: str
    url: str = ""


def tidy(query: str | None) -> str:
    """Return what was asked, without what cannot be typed and not longer than a name can be."""
    printable = "".join(c if c.isprintable() else " " for c in nfc((query or "")[:_LONGEST_QUERY]))
    return " ".join(printable.split())


def found(acting: object, query: str) -> list[Found]:
    """Return what every app finds for this person; nothing for an empty question."""
    if not query_keys(query):
        return []
    sources: Iterable[list[Found]] = (
        import_string(name)(acting, query) for name in settings.SEARCH_SOURCES
    )
    return list(chain.from_iterable(sources))


def matching(rows: QuerySet[_M], query: str, field: str, *also: str) -> QuerySet[_M]:
    """Keep the rows that hold what was asked, whatever the diacritics; exact ones come first.

    `field` has its folded form in `search_key`; fields in `also` (codes, short names) are held
    against the question as it was typed.
    """
    typed = tidy(query)
    keys = query_keys(typed)
    if not keys:
        return rows.none() if typed else rows
    wanted = Q()
    for key in keys:
        wanted |= Q(search_key__contains=key)
    for name in also:
        wanted |= Q(**{f"{name}__icontains": typed})
    exact = Case(
        When(**{f"{field}__contains": typed}, then=Value(0)),
        When(**{f"{field}__icontains": typed}, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return rows.filter(wanted).order_by(exact, F("search_key"), F("pk"))


def page_of(request: HttpRequest, rows: QuerySet[_M], size: int = PER_PAGE) -> Page[_M]:
    """Return the page that was asked for; a number that makes no sense gives the nearest page."""
    return Paginator(rows, size).get_page(request.GET.get("trang"))
