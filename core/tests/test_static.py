"""What the browser gets: vendored files unchanged, nothing from elsewhere, no inline code."""

import hashlib
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
VENDOR = ROOT / "static" / "vendor"
OWN_FOLDERS = ("templates", "static/css", "static/js", "static/img")
SVG_NAMESPACE = "http://www.w3.org/2000/svg"


def own_files() -> list[Path]:
    """Return every template, style sheet, script and image that we wrote."""
    return sorted(f for name in OWN_FOLDERS for f in (ROOT / name).rglob("*") if f.is_file())


def listed() -> dict[str, str]:
    """Return path → hash as VENDOR.md has them."""
    text = (VENDOR / "VENDOR.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\| `([^`]+)` \| `([0-9a-f]{64})` \|$", text, re.MULTILINE))


def test_vendored_files_are_the_ones_listed() -> None:
    on_disk = {
        str(f.relative_to(ROOT)): hashlib.sha256(f.read_bytes()).hexdigest()
        for folder in (VENDOR, ROOT / "config" / "tests" / "vendor")
        for f in folder.rglob("*")
        if f.is_file() and f.name != "VENDOR.md"
    }
    assert on_disk == listed()


def test_every_vendored_package_has_its_licence() -> None:
    for folder in VENDOR.iterdir():
        if folder.is_dir():
            assert (folder / "LICENSE").is_file(), folder.name


@pytest.mark.parametrize("file", own_files(), ids=lambda f: str(f.relative_to(ROOT)))
def test_nothing_comes_from_another_address(file: Path) -> None:
    text = file.read_text(encoding="utf-8").replace(SVG_NAMESPACE, "")
    assert not re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]", text, re.IGNORECASE)
    assert not re.search(r"""(src|href|url)\s*[=(]\s*["']?//""", text)


#: Printed documents have their own style and no content policy.
PAGES = sorted(f for f in (ROOT / "templates").rglob("*.html") if "pdf" not in f.parts)


@pytest.mark.parametrize("file", PAGES, ids=lambda f: str(f.relative_to(ROOT)))
def test_templates_hold_no_inline_code(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "<style" not in text


def test_every_icon_named_in_a_template_is_vendored() -> None:
    have = {f.stem for f in (VENDOR / "bootstrap-icons").glob("*.svg")}
    named: set[str] = set()
    for file in (ROOT / "templates").rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        named |= set(re.findall(r"{% icon \"([^\"]+)\"", text))
        named |= set(re.findall(r"{%[^%]*\sicon=\"([^\"]+)\"", text))
    assert named
    assert named <= have


def test_files_the_style_sheet_asks_for_exist() -> None:
    sheet = ROOT / "static" / "css" / "app.css"
    asked = re.findall(r'url\("([^")]+)"\)', sheet.read_text(encoding="utf-8"))
    assert asked
    for path in asked:
        assert (sheet.parent / path).resolve().is_file(), path


def test_error_pages_name_files_that_exist() -> None:
    for name in ("400.html", "500.html"):
        text = (ROOT / "templates" / name).read_text(encoding="utf-8")
        for path in re.findall(r'href="/static/([^"]+)"', text):
            assert (ROOT / "static" / path).is_file(), path


def luminance(colour: str) -> float:
    """Return the relative luminance of `#RRGGBB` by the WCAG formula."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast ratio of two colours."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def tokens() -> dict[str, str]:
    """Return the colour tokens as the style sheet sets them for the screen."""
    text = (ROOT / "static" / "css" / "app.css").read_text(encoding="utf-8")
    root = text[text.index(":root {") : text.index("/* 3. Ground")]
    return dict(re.findall(r"--gu-([a-z0-9-]+): (#[0-9A-Fa-f]{6})", root))


@pytest.mark.parametrize(
    ("text", "ground", "least"),
    [
        *[(ink, g, 4.5) for ink in ("ink", "ink-2", "ink-3") for g in ("surface", "ground")],
        *[("ink-3", g, 4.5) for g in ("blue-tint", "ok-tint", "warn-tint", "err-tint", "sunken")],
        *[(k, f"{k}-tint", 4.5) for k in ("ok", "warn", "err", "wait", "gold")],
        ("ink-3", "wait-tint", 4.5),
        ("blue-dark", "blue-tint", 4.5),
        ("blue", "surface", 4.5),
        ("blue", "ground", 4.5),
        ("blue", "blue-tint", 4.5),
        ("surface", "blue", 4.5),
        ("surface", "err", 4.5),
        ("seal", "surface", 4.5),
        ("control", "surface", 3),
        ("control", "ground", 3),
        ("focus", "surface", 3),
        ("focus", "ground", 3),
        ("focus", "blue-tint", 3),
    ],
)
def test_pairs_of_colours_can_be_read(text: str, ground: str, least: float) -> None:
    colours = tokens()
    assert contrast(colours[text], colours[ground]) >= least


def test_nothing_is_smaller_than_twelve_pixels() -> None:
    text = (ROOT / "static" / "css" / "app.css").read_text(encoding="utf-8")
    sizes = [float(size) for size in re.findall(r"font-size:\s*([0-9.]+)rem", text)]
    assert sizes
    assert min(sizes) >= 0.75
