"""What no paper could show is refused where it is typed, and named."""

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from core.forms import VnCharField, VnTextField
from core.text import PRINTABLE, TextFault, require_printable
from reports.render.pdf import FONTS

PRIVATE = {chr(0xF004), "\ufffc"}


def test_the_signs_are_those_of_every_style_of_the_typeface():
    styles = sorted(Path(FONTS).glob("*.ttf"))
    assert len(styles) == 4
    found = [set(map(chr, TTFont(style).getBestCmap())) for style in styles]
    assert frozenset.intersection(*map(frozenset, found)) - PRIVATE == PRINTABLE


@pytest.mark.parametrize(
    "text",
    [
        "Giữ vững an ninh, trật tự – “Vì nước quên thân”; ≥ 95 %, ≤ 5, 1/2, số № 5…",
        "Ằẵặ ĐđƯư Ỹỵ Ớợ",
        "- gạch đầu dòng\n\t• chấm\n+ cộng → kết quả",
        "□ chưa làm ■ đã làm",
        "",
    ],
)
def test_what_offices_write_is_taken(text):
    require_printable(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("☐ Đạt", "“☐” (mã U+2610) không in được trên văn bản. Hãy thay bằng □."),
        ("Hoàn thành ✓", "“✓” (mã U+2713) không in được trên văn bản. Hãy thay bằng x."),
        ("Tốt 👍", "“👍” (mã U+1F44D) không in được trên văn bản. Hãy bỏ hoặc thay bằng chữ."),
        ("警察", "“警” (mã U+8B66)"),
        (
            "\uf0b7 gạch đầu dòng của Word",
            "(mã U+F0B7) không in được trên văn bản. Hãy thay bằng -.",
        ),
    ],
)
def test_a_sign_without_a_glyph_is_named(text, words):
    with pytest.raises(TextFault) as fault:
        require_printable(text)
    assert words in fault.value.message


@pytest.mark.parametrize("field", [VnCharField(max_length=200), VnTextField()])
def test_every_text_field_refuses_it(field):
    with pytest.raises(ValidationError, match="không in được trên văn bản"):
        field.clean("Kết quả 😀 tốt")
    assert field.clean("Kết quả tốt") == "Kết quả tốt"
    assert field.clean("01\u2011QĐ") == "01-QĐ"
