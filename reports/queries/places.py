"""Where the work of a year is done: addresses of its pages by what one wants to see there."""

from django.urls import NoReverseMatch, reverse


def place(name: str, *args: object) -> str:
    """Return the address of a page; empty where this installation has none of that name."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
