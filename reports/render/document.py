"""A document's content laid out, written as PDF/A-3u with its data attached."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import segno
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from core.canonical import sha256_of
from reports.render import count, objections, official, paper, pdf, result, review, sheet
from reports.render.words import moment

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of document is laid out: by which function, in which template, with what data."""

    lay_out: Callable[[Content], Any]
    template: str
    data_of: Callable[[Content], bytes] = official.data_of
    data_name: str = "du-lieu.json"
    data_description: str = "Toàn bộ nội dung được in, đúng từng byte đã được băm"


#: The papers of a pledge are all laid out alike.
PLEDGE: Final = Kind(
    paper.paper_of,
    "paper",
    paper.data_of,
    "du-lieu-giao-uoc.json",
    "Nội dung đã chốt, đúng từng byte đã được băm và ký",
)
KINDS: Final = {
    **dict.fromkeys(paper.KINDS, PLEDGE),
    **dict.fromkeys(["REVIEW", "CLUSTER_REVIEW"], Kind(review.review_of, "review")),
    **dict.fromkeys(["SHEET_CLAIMED", "SHEET_APPROVED"], Kind(sheet.sheet_of, "sheet")),
    "SUMMARY": Kind(result.summary_of, "summary"),
    "SCORE_TABLE": Kind(result.score_table_of, "score_table"),
    "COUNT_RECORD": Kind(count.count_of, "count_record"),
    "OBJECTIONS": Kind(objections.listed_of, "objections"),
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished PDF."""

    pdf: bytes
    pages: int


def render_document(content: Content) -> Rendered:
    """Render a document from its content alone."""
    kind = KINDS[content["paper"]]
    written, pages = pdf.write(
        html_of(content),
        identifier=bytes.fromhex(sha256_of(content))[:16],
        attachment=pdf.Data(
            kind.data_name,
            kind.data_of(content),
            moment(content["issued_at"]),
            kind.data_description,
        ),
    )
    return Rendered(written, pages)


def html_of(content: Content) -> str:
    """Return the page that is printed; every text of the content is escaped by the template."""
    kind = KINDS[content["paper"]]
    return render_to_string(
        f"reports/pdf/{kind.template}.html",
        {"paper": kind.lay_out(content), "qr": _qr(content["verify_url"])},
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
