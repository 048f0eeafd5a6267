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


def outside_the_margins(pdf: bytes, folder: Path, millimetres: float) -> list[str]:
    """Return the words that stand nearer to the right or left edge than the margin allows."""
    path = folder / "looked-at.pdf"
    path.write_bytes(pdf)
    margin, found, width = millimetres * 72 / 25.4, [], 0.0
    for line in _run("pdftotext", "-bbox", str(path), "-").splitlines():
        if page := re.search('<page width="([0-9.]+)"', line):
            width = float(page[1])
        word = re.search('xMin="([0-9.]+)".* xMax="([0-9.]+)".*>(.*)</word>', line)
        if word and (float(word[1]) < margin or float(word[2]) > width - margin):
            found.append(word[3])
    return found


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603
    return done.stdout.decode()
