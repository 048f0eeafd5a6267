"""HTML to PDF: the one module that knows WeasyPrint.

The library is loaded at first use, so that pages and rules work on a machine that lacks its system
libraries; a job then says what is missing. Whatever a page asks for beyond our own fonts ends the
rendering: an official paper is complete or does not exist.
"""

import hashlib
import importlib
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.template.loader import render_to_string

VARIANT: Final = "pdf/a-3u"
FONTS: Final = Path(__file__).resolve().parent.parent / "fonts"
#: The only scheme our style sheet uses; nothing else can be asked for.
SCHEME: Final = "giaouoc:"
_REFUSED: Final = "Nội dung văn bản gọi tới tài nguyên bên ngoài; hệ thống từ chối dựng."


class Unavailable(Exception):
    """The machine lacks something; `str()` says what, for the person who waits for the paper."""


class Unprintable(Exception):
    """The page asked for something that is not ours."""


@dataclass(frozen=True, slots=True)
class Data:
    """The data attached to a PDF."""

    name: str
    content: bytes
    at: datetime
    description: str = ""


@dataclass(frozen=True, slots=True)
class _Engine:
    """WeasyPrint, loaded once, with our fonts and our style sheet."""

    weasyprint: Any
    fatal: type[BaseException]
    fetcher: Callable[[], Any]
    fonts: Any
    style: Any


def write(html: str, *, identifier: bytes, attachment: Data | None = None) -> tuple[bytes, int]:
    """Write a page as PDF/A-3u; return the bytes and the number of pages."""
    engine = _engine()
    attachments = [_attachment(engine, attachment)] if attachment else []
    fetcher = engine.fetcher()
    try:
        page = engine.weasyprint.HTML(string=html, url_fetcher=fetcher)
        document = page.render(
            stylesheets=[engine.style], font_config=engine.fonts, pdf_variant=VARIANT
        )
        document.metadata.attachments = [*(document.metadata.attachments or []), *attachments]
        with warnings.catch_warnings():
            # WeasyPrint leaves its colour profile open until the garbage collector comes by.
            warnings.simplefilter("ignore", ResourceWarning)
            written = document.write_pdf(pdf_variant=VARIANT, pdf_identifier=identifier)
    except engine.fatal as fault:
        raise Unprintable(_REFUSED) from fault
    if fetcher.refused:  # inside a drawing WeasyPrint swallows even a fatal refusal
        raise Unprintable(_REFUSED)
    return written, len(document.pages)


def _attachment(engine: _Engine, data: Data) -> Any:  # noqa: ANN401 - WeasyPrint has no types
    return engine.weasyprint.Attachment(
        string=data.content,
        name=data.name,
        description=data.description,
        created=data.at.astimezone(UTC),  # WeasyPrint writes the hour it is given, as UTC
        modified=data.at.astimezone(UTC),
        relationship="Data",
    )


@cache
def _engine() -> _Engine:
    """Load WeasyPrint with our fonts only; what is missing is said in one sentence."""
    assets = _fonts()
    try:
        with _our_fonts_only():
            weasyprint = importlib.import_module("weasyprint")
            urls = importlib.import_module("weasyprint.urls")
            fonts = importlib.import_module("weasyprint.text.fonts").FontConfiguration()
    except (ImportError, OSError) as fault:
        missing = str(fault).splitlines()[0] if str(fault) else type(fault).__name__
        message = (
            "Máy chủ thiếu thư viện dựng PDF (cần libpango-1.0-0, libpangoft2-1.0-0, "
            f"libharfbuzz-subset0): {missing}"
        )
        raise Unavailable(message) from fault
    fetcher = _fetcher(urls, assets)
    style = weasyprint.CSS(
        string=render_to_string("reports/pdf/print.css"),
        url_fetcher=fetcher(),
        font_config=fonts,
    )
    return _Engine(weasyprint, urls.FatalURLFetchingError, fetcher, fonts, style)


def _fetcher(urls: Any, assets: dict[str, bytes]) -> Callable[[], Any]:  # noqa: ANN401
    """Make the class of fetchers that know our fonts and refuse everything else."""

    class OwnAssets(urls.URLFetcher):  # type: ignore[misc]
        """Serves the fonts from memory; any other address is fatal, never skipped, and noted."""

        def __init__(self) -> None:
            super().__init__(allowed_protocols=())
            self.refused: list[str] = []

        def fetch(self, url: str, headers: object = None) -> Any:  # noqa: ANN401, ARG002
            """Return a font, or stop the document."""
            body = assets.get(url.removeprefix(SCHEME)) if url.startswith(SCHEME) else None
            if body is None:
                self.refused.append(url)
                raise urls.FatalURLFetchingError(url)
            return urls.URLFetcherResponse(url, body, {"Content-Type": "font/ttf"})

    return OwnAssets


def _fonts() -> dict[str, bytes]:
    """Read the fonts and prove that they are the ones the papers were made with."""
    fonts: dict[str, bytes] = {}
    try:
        for line in (FONTS / "SHA256SUMS").read_text("ascii").splitlines():
            digest, name = line.split()
            fonts[name] = (FONTS / name).read_bytes()
            if hashlib.sha256(fonts[name]).hexdigest() != digest:
                raise Unavailable(f"Phông chữ {name} trên máy chủ đã bị thay; không dựng văn bản.")
    except OSError as fault:
        raise Unavailable(f"Máy chủ thiếu phông chữ để dựng văn bản: {fault}") from fault
    return fonts


@contextmanager
def _our_fonts_only() -> Iterator[None]:
    """Let fontconfig see our folder alone, so that the machine's fonts never slip into a paper."""
    before = os.environ.get("FONTCONFIG_FILE")
    os.environ["FONTCONFIG_FILE"] = str(FONTS / "fonts.conf")
    try:
        yield
    finally:
        if before is None:
            del os.environ["FONTCONFIG_FILE"]
        else:
            os.environ["FONTCONFIG_FILE"] = before
