"""Who may open an address at all: declared on every view, denied by default.

The declaration is coarse on purpose (a role); whether *this* object may be seen is the business of
`visible_to`, whether *this* act is allowed now that of a policy. A test walks the URLconf and fails
on every address without a declaration.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from django.http import HttpResponseBase

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class Audience(Enum):
    """Who may open an address."""

    ANYONE = "mọi người, không cần đăng nhập"
    PERSON = "người đã đăng nhập"
    ADMINISTRATOR = "quản trị hệ thống"
    ORGANISER = "cơ quan thường trực"
    #: Whoever has a place in the cluster year of the object; others get 404.
    CLUSTER = "đơn vị trong cụm và cơ quan thường trực của cụm"


@dataclass(frozen=True, slots=True)
class Access:
    """The declaration of one view: its audience and the methods it answers."""

    audience: Audience
    methods: tuple[str, ...]


def access(audience: Audience, *methods: str) -> Callable[[View], View]:
    """Declare who may open a view and with which methods (GET includes HEAD)."""

    def declare(view: View) -> View:
        view.access = Access(audience, methods or ("GET",))  # type: ignore[attr-defined]
        return view

    return declare
