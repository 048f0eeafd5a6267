"""Looking into a PDF with Poppler: an eye of its own, not that of the library that wrote it."""

import re
import subprocess
from pathlib import Path


def text_of(pdf: bytes, folder: Path, page: int | None = None) -> str:
    """Return the text of a PDF, or of one page, every run of white space as one space."""
    return " ".join(laid_out(pdf, folder, page).replace("\u00a0", " ").split())


def laid_out(pdf: bytes, folder: Path, page: int | None = None) -> str:
    """Return the text as it stands on the page."""
    path = folder / "looked-at.pdf"
    path.write_bytes(pdf)
    only = ["-f", str(page), "-l", str(page)] if page else []
    return _run("pdftotext", "-layout", *only, str(path), "-")


def fonts_of(pdf: bytes, folder: Path) -> set[str]:
    """Return the names of the fonts embedded in a PDF, without the tag of the subset."""
    path = folder / "looked-at.pdf"
    path.write_bytes(pdf)
    lines = _run("pdffonts", str(path)).splitlines()[2:]
    assert all(" yes yes yes " in line for line in lines), "a font is not embedded"
    return {re.sub("^[A-Z]{6}\\+", "", line.split()[0]) for line in lines}


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603
    return done.stdout.decode()
