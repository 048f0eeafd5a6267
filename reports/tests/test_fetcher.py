"""Nothing from outside comes into a paper: whatever a page asks for, the paper is refused whole."""

import http.server
import importlib
import threading
from datetime import UTC, datetime

import pytest

from reports.render import pdf
from reports.render.pdf import Unavailable, Unprintable, write

pytestmark = pytest.mark.pdf
NOW = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.fixture
def listener():
    """A web server that notes every request; none must ever come."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/x", asked
    server.shutdown()
    server.server_close()
    thread.join()


def page(head: str = "", body: str = "") -> str:
    return f"<!doctype html><html lang=vi><head><title>t</title>{head}</head><body>{body}</body>"


VECTORS = {
    "link css": ('<link rel="stylesheet" href="URL">', ""),
    "import": ('<style>@import url("URL");</style>', ""),
    "font face": (
        '<style>@font-face{font-family:x;src:url("URL")}p{font-family:x}</style>',
        "<p>x",
    ),
    "img": ("", '<img src="URL">'),
    "background": ("", "<p style=\"background:url('URL')\">x"),
    "list image": ("", "<ul style=\"list-style-image:url('URL')\"><li>x</ul>"),
    "content": ("<style>p::before{content:url('URL')}</style>", "<p>x"),
    "svg image": ("", '<svg width="9" height="9"><image href="URL" width="9" height="9"/></svg>'),
    "object": ("", '<object data="URL"></object>'),
    "embed": ("", '<embed src="URL">'),
    "attachment link": ('<link rel="attachment" href="URL">', ""),
    "attachment anchor": ("", '<a rel="attachment" href="URL">x</a>'),
    "border image": ("", "<p style=\"border:9px solid;border-image:url('URL') 9\">x"),
}


@pytest.mark.parametrize("vector", VECTORS)
@pytest.mark.parametrize("address", ["http", "file"])
def test_a_page_that_asks_for_anything_is_refused(vector, address, listener, tmp_path):
    url, asked = listener
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    target = url if address == "http" else secret.as_uri()
    head, body = (part.replace("URL", target) for part in VECTORS[vector])
    with pytest.raises(Unprintable, match="từ chối dựng"):
        write(page(head, body), identifier=b"0" * 16)
    assert asked == []


@pytest.mark.parametrize(
    "url",
    [
        "data:image/png;base64,iVBORw0KGgo=",
        "giaouoc:../../../etc/passwd",
        "giaouoc:SHA256SUMS",
        "giaouoc:/LiberationSerif-Regular.ttf",
        "ftp://127.0.0.1/x",
        "//127.0.0.1/x",
        "\\\\127.0.0.1\\x",
    ],
)
def test_no_other_kind_of_address_gets_anything(url):
    """An address without a scheme is not followed at all: there is nothing to fetch it from."""
    try:
        written, _ = write(page("", f'<img src="{url}">'), identifier=b"0" * 16)
    except Unprintable:
        return
    assert url.startswith(("//", "\\\\"))
    assert b"/Image" not in written


def test_the_default_fetcher_would_have_asked(listener):
    """Negative control: without our fetcher the same page does reach the server."""
    import weasyprint  # noqa: PLC0415 - only where its libraries are

    url, asked = listener
    weasyprint.HTML(string=page("", f'<img src="{url}">')).render()
    assert asked == ["/x"]


def test_a_page_after_a_refused_one_is_written_as_ever():
    clean = page("", "<p>Giao ước")
    before = write(clean, identifier=b"0" * 16)
    with pytest.raises(Unprintable):
        write(page("", '<img src="http://127.0.0.1:9/x">'), identifier=b"0" * 16)
    assert write(clean, identifier=b"0" * 16) == before


@pytest.fixture
def fresh_engine():
    pdf._engine.cache_clear()
    yield
    pdf._engine.cache_clear()


def test_a_replaced_font_is_noticed_and_nothing_is_printed(fresh_engine, monkeypatch, tmp_path):
    for path in pdf.FONTS.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    font = tmp_path / "LiberationSerif-Bold.ttf"
    font.write_bytes(font.read_bytes() + b"\0")
    monkeypatch.setattr(pdf, "FONTS", tmp_path)
    with pytest.raises(Unavailable, match=r"LiberationSerif-Bold\.ttf"):
        write(page(), identifier=b"0" * 16)


def test_a_missing_library_is_said_in_one_sentence(fresh_engine, monkeypatch):
    def load(name: str) -> None:
        raise OSError("cannot load library 'libpango-1.0-0'\nAdditionally, ...")

    monkeypatch.setattr(importlib, "import_module", load)
    with pytest.raises(Unavailable, match="libpango") as refused:
        write(page(), identifier=b"0" * 16)
    assert "\n" not in str(refused.value)
