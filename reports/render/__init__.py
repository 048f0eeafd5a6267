"""From frozen content to the bytes of a PDF, without the database.

The same content gives the same bytes: dates come from the content, fonts from this folder, nothing
from the network. `render_document` is what the rest of the application calls.
"""

from reports.render.book import Entry, book
from reports.render.document import Rendered, render_document, warm_up
from reports.render.pdf import Unavailable, Unprintable

__all__ = [
    "Entry",
    "Rendered",
    "Unavailable",
    "Unprintable",
    "book",
    "render_document",
    "warm_up",
]
