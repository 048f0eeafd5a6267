"""A document's content laid out, written as PDF/A-3u with the frozen text attached."""

from dataclasses import dataclass
from typing import Any, Final

import segno
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from core.canonical import sha256_of
from reports.render import pdf
from reports.render.paper import data_of, paper_of
from reports.render.words import moment

DATA_NAME: Final = "du-lieu-giao-uoc.json"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished PDF."""

    pdf: bytes
    pages: int


def render_document(content: dict[str, Any]) -> Rendered:
    """Render a document from its content alone."""
    written, pages = pdf.write(
        html_of(content),
        identifier=bytes.fromhex(sha256_of(content))[:16],
        attachment=pdf.Data(
            DATA_NAME,
            data_of(content),
            moment(content["issued_at"]),
            "Nội dung đã chốt, đúng từng byte đã được băm và ký",
        ),
    )
    return Rendered(written, pages)


def html_of(content: dict[str, Any]) -> str:
    """Return the page that is printed; every text of the content is escaped by the template."""
    paper = paper_of(content)
    return render_to_string(
        "reports/pdf/paper.html", {"paper": paper, "qr": _qr(content["verify_url"])}
    )


def warm_up() -> None:
    """Load what rendering needs once, before worker processes are forked."""
    pdf.write("<!doctype html><html lang=vi><title>.</title><p>Giao ước", identifier=b"\0" * 16)


def _qr(url: str) -> SafeString:
    """Draw the code that opens the verification page, as vectors."""
    drawing = segno.make(url, error="q", micro=False).svg_inline(
        border=0, omitsize=True, svgclass=None, lineclass=None
    )
    return mark_safe(drawing)  # noqa: S308 - drawn by segno from modules, holds no text of ours
