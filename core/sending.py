"""Stored files on their way to a browser: the right name, no sniffing, nothing that could run."""

import logging
from typing import Final, Protocol
from urllib.parse import quote

from django.http import FileResponse, HttpRequest, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from core import storage
from core.text import search_key

log = logging.getLogger(__name__)
#: A PDF read in a frame of ours: the viewers of older browsers, which offices still have, do not
#: start under `sandbox`. A script inside a PDF never runs in the page's own origin.
INLINE_POLICY: Final = "default-src 'none'; object-src 'self'; frame-ancestors 'self'"
#: An image looked at on the spot: nothing but the image itself.
IMAGE_POLICY: Final = "sandbox; default-src 'none'; frame-ancestors 'self'"
#: A file that is saved: nothing in it may run, whatever opens it here.
ATTACHMENT_POLICY: Final = "sandbox; default-src 'none'"
PDF: Final = "application/pdf"
IMAGES: Final = frozenset({"image/png", "image/jpeg"})


class Stored(Protocol):
    """What is needed of the row of a stored file."""

    sha256: str
    mime: str


def may_be_inline(mime: str) -> bool:
    """Whether browsers show this kind of file by themselves, so that it can be read on the spot."""
    return mime == PDF or mime in IMAGES


def send(
    request: HttpRequest, stored: Stored, name: str, *, inline: bool = False
) -> HttpResponseBase:
    """Send a stored file under a Vietnamese name; a damaged one is refused, never sent.

    `inline` is granted only to what a browser shows by itself; all the rest is saved.
    """
    etag = quote_etag(stored.sha256)
    unchanged = get_conditional_response(request, etag=etag)
    if isinstance(unchanged, HttpResponseNotModified):
        return unchanged
    try:
        body = storage.open_file(stored.sha256)
    except storage.Damaged:
        log.exception("A stored file is damaged: %s", stored.sha256)
        return render(request, "core/damaged.html", {"stored": stored}, status=500)
    inline = inline and may_be_inline(stored.mime)
    response = FileResponse(body, content_type=stored.mime)
    response["Content-Disposition"] = disposition(name, inline=inline)
    response["Content-Security-Policy"] = _policy(stored.mime, inline=inline)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-cache"
    response["ETag"] = etag
    return response


def _policy(mime: str, *, inline: bool) -> str:
    if not inline:
        return ATTACHMENT_POLICY
    return IMAGE_POLICY if mime in IMAGES else INLINE_POLICY


def disposition(name: str, *, inline: bool = False) -> str:
    """Name a file in both ways of RFC 6266: plain letters for old programs, UTF-8 for the rest."""
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{_plain(name)}\"; filename*=UTF-8''{quote(name, safe='')}"


def file_name(*parts: str, ending: str) -> str:
    """Join parts to a name that every system can store: no slashes, no signs of a path."""
    whole = " ".join(part for part in parts if part)
    return "".join("-" if char in '/\\:*?"<>|' else char for char in whole).strip(" .-") + ending


def _plain(name: str) -> str:
    """Write a name with the letters of ASCII alone."""
    stem, _, ending = name.rpartition(".")
    words = "".join(c if c.isascii() and c.isalnum() else "-" for c in search_key(stem))
    return "-".join(filter(None, words.split("-")))[:80] + f".{ending}"
