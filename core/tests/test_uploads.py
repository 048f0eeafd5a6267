"""What is taken and what is refused, by content; hostile files cost a sentence and nothing else."""

import io
import struct
import subprocess
import time
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import openpyxl
import pikepdf
import pytest
from PIL import Image

from core.uploads import Accepted, Unfit, apart, examine, kinds, reading, stamps

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
WORD_MAIN = f"{kinds.DOCX.mime}.main+xml"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
HREF = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


# Real files ----------------------------------------------------------------------------------
def make_pdf(
    *lines: str,
    pages: int = 1,
    change: Callable[[pikepdf.Pdf], None] | None = None,
    **save: Any,
) -> bytes:
    pdf = pikepdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=(595, 842))
    if lines:
        write_lines(pdf, lines)
    if change:
        change(pdf)
    out = io.BytesIO()
    pdf.save(out, **save)
    return out.getvalue()


def write_lines(pdf: pikepdf.Pdf, lines: tuple[str, ...]) -> None:
    """Write Vietnamese with a font whose codes are UTF-16: what is read is what ToUnicode says."""
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        "1 beginbfrange <0000> <FFFF> <0000> endbfrange\nendcmap end end"
    )
    descendant = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.CIDFontType2, BaseFont=pikepdf.Name("/Khong"),
        CIDSystemInfo=pikepdf.Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
    )  # fmt: skip
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type0, BaseFont=pikepdf.Name("/Khong"),
        Encoding=pikepdf.Name("/Identity-H"), DescendantFonts=pikepdf.Array([descendant]),
        ToUnicode=pdf.make_stream(cmap.encode()),
    )  # fmt: skip
    shown = "".join(
        f"1 0 0 1 72 {760 - 20 * at} Tm <{line.encode('utf-16-be').hex()}> Tj\n"
        for at, line in enumerate(lines)
    )
    page = pdf.pages[0]
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
    page.Contents = pdf.make_stream(f"BT /F 12 Tf {shown} ET".encode())


def make_xlsx(*cells: str) -> bytes:
    book = openpyxl.Workbook()
    for row, cell in enumerate(cells, start=1):
        book.active.cell(row, 1, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def make_zip(parts: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as package:
        for name, body in parts.items():
            package.writestr(name, body)
    return out.getvalue()


def paragraphs(*texts: str) -> str:
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in texts)
    return f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'


def docx_parts(*texts: str, main: str = WORD_MAIN) -> dict[str, bytes | str]:
    return {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}">'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{RELS}"/>',
        "word/document.xml": paragraphs(*texts),
    }


def make_docx(*texts: str, **more: bytes | str) -> bytes:
    return make_zip(docx_parts(*texts) | more)


def make_image(kind: str, size: tuple[int, int] = (640, 480)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, kind)
    return out.getvalue()


REAL = {
    "quyết định.pdf": make_pdf("QUYẾT ĐỊNH", "Về việc khen thưởng"),
    "bảng.xlsx": make_xlsx("Số vụ", "12"),
    "báo cáo.docx": make_docx("Báo cáo kết quả"),
    "ảnh.png": make_image("PNG"),
    "ảnh.jpg": make_image("JPEG"),
    "ảnh.JPEG": make_image("JPEG"),
}


def refusal(data: bytes, name: str = "tệp.pdf") -> str:
    with pytest.raises(Unfit) as refused:
        examine(data, name)
    return str(refused.value)


def opened(data: bytes) -> dict[str, str]:
    """Open a file as the process does, in this one: quick, and seen by coverage."""
    return reading.answer(kinds.kind_of(data), data)


# What is taken -------------------------------------------------------------------------------
@pytest.mark.parametrize("name", REAL)
def test_real_files_are_taken_as_what_they_are(name):
    found = examine(REAL[name], name)
    assert isinstance(found, Accepted)
    assert found.data == REAL[name]
    assert found.mime in {kind.mime for kind in kinds.KINDS.values()}
    assert opened(REAL[name])["kind"] in kinds.KINDS


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("C:\\Users\\a\\Quyết định.pdf", "Quyết định.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("Quye\u0302\u0301t  đi\u0323nh.PDF", "Quyết định.pdf"),
        ("fdp.\u202eexe.pdf", "fdp.exe.pdf"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_name_is_cleaned(name, stored):
    assert examine(REAL["quyết định.pdf"], name).name == stored


def test_a_name_that_cannot_be_read_is_refused():
    assert "Tên tệp có ký tự không đọc được" in refusal(REAL["quyết định.pdf"], "a\x07.pdf")


def test_a_phone_picture_with_its_small_second_picture_is_taken():
    assert opened(make_image("JPEG") + make_image("JPEG", (8, 8)))["kind"] == "jpeg"


# What is refused -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "trống"),
        (b"MZ\x90\x00" + bytes(100), "chương trình chạy được"),
        (b"\x7fELF" + bytes(100), "chương trình chạy được"),
        (b"#!/bin/sh\nrm -rf /", "tệp lệnh"),
        (b"Rar!\x1a\x07", "tệp nén"),
        (b"7z\xbc\xaf\x27\x1c", "tệp nén"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), ".docx, .xlsx hoặc PDF"),
        (b"\x00\x00\x00\x18ftypheic", "HEIC"),
        (b"\x00\x00\x00\x18ftypmp42", "nghe nhìn"),
        (b"GIF89a", "PNG hoặc JPEG"),
        (b" \n<!DOCTYPE html><script>", "trang web"),
        (b"<svg xmlns=", "trang web"),
        (b"xin chao", "không thuộc loại"),
        (bytes(64), "không thuộc loại"),
    ],
)
def test_other_types_are_named(data, sentence):
    said = refusal(data)
    assert sentence in said
    assert said.endswith(".")


@pytest.mark.parametrize("name", ["quyết định.docx", "quyết định", "quyết định.pdf.exe"])
def test_the_ending_must_fit_the_content(name):
    assert "nội dung là tệp PDF" in refusal(REAL["quyết định.pdf"], name)


def encrypted(user: str = "") -> bytes:
    return make_pdf(encryption=pikepdf.Encryption(owner="a", user=user))


def with_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def with_launch(pdf: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe")
    pdf.pages[0].AA = pikepdf.Dictionary(O=action)


def with_attachment(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["a.exe"] = b"MZ"


def with_masked_program(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["a.json"] = b"MZ\x90\x00\x03"


def with_odd_letters(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["a.xml"] = b"\xff\xfe<"


def with_data(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["nội dung.json"] = '{"số": 1}'.encode()


PDF = REAL["quyết định.pdf"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (PDF[: len(PDF) // 2], "bị hỏng"),
        (b"%PDF-1.7\n" + b"x" * 400 + b"\n%%EOF", "bị hỏng"),
        (make_pdf(pages=0), "bị hỏng"),
        (encrypted(), "mật khẩu"),
        (encrypted(user="b"), "mật khẩu"),
        (make_pdf(change=with_script), "chương trình"),
        (make_pdf(change=with_launch), "chương trình"),
        (make_pdf(change=with_attachment), "chương trình hoặc tệp khác"),
        (make_pdf(change=with_masked_program), "chương trình hoặc tệp khác"),
        (make_pdf(change=with_odd_letters), "chương trình hoặc tệp khác"),
        (PDF + b"MZ" + bytes(5000), "nối vào phía sau"),
        (PDF + make_zip({"a.exe": b"MZ"}), "nối vào phía sau"),
        (PDF + make_zip({"a": b"MZ"}) + b"\n%%EOF\n", "nối vào phía sau"),
    ],
)
def test_a_bad_pdf_is_refused(data, sentence):
    assert sentence in opened(data)["fault"]


def test_a_paper_that_carries_its_data_is_taken():
    """Papers of this application are PDF/A-3 with their content as JSON."""
    assert opened(make_pdf(change=with_data))["kind"] == "pdf"


PNG, JPEG = REAL["ảnh.png"], REAL["ảnh.jpg"]


def huge_png(side: int = 40_000) -> bytes:
    """A few bytes that say they are 1.6 billion pixels."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (PNG[:-30], "bị hỏng"),
        (JPEG[:-200], "bị hỏng"),
        (JPEG[:3], "bị hỏng"),
        (b"\xff\xd8\xff\xff\xff\xff\xd9", "bị hỏng"),
        (PNG[:60] + bytes(255 - byte for byte in PNG[60:62]) + PNG[62:], "bị hỏng"),
        (PNG + b"<?php system();", "gắn phía sau"),
        (PNG + make_zip({"a": "b"}), "gắn phía sau"),
        (JPEG + b"MZ" + bytes(100), "gắn phía sau"),
        (JPEG + JPEG + make_zip({"a": "b"}), "gắn phía sau"),
        (JPEG[:20] + b"\xff\xfe\x00\x0a%PDF-1.7" + JPEG[20:], "gắn phía sau"),
        (huge_png(), "quá nặng"),
    ],
)
def test_a_bad_picture_is_refused(data, sentence):
    assert sentence in opened(data)["fault"]


def rels(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{RELS}"><Relationship Id="a" Type="{HREF}/{kind}" '
        f'Target="{target}" TargetMode="External"/></Relationships>'
    )


LAUGHS = (
    '<!DOCTYPE a [<!ENTITY b "cười"><!ENTITY c "&b;&b;&b;&b;">]>'
    f'<w:document xmlns:w="{WORD}"><w:p><w:t>&c;</w:t></w:p></w:document>'
)
MACRO = "application/vnd.ms-word.document.macroEnabled.main+xml"
DOCX = REAL["báo cáo.docx"]


def locked_zip() -> bytes:
    data = bytearray(DOCX)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + place] |= 1
            at = data.find(mark, at + 4)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (DOCX[:-40], "bị hỏng"),
        (DOCX[:60] + b"\x00\x00\x00" + DOCX[63:], "bị hỏng"),
        (make_zip({"a.txt": "b"}), "tệp nén"),
        (make_zip(docx_parts("a", main="application/vnd.ms-powerpoint")), "tệp nén"),
        (make_zip(docx_parts("a", main=MACRO)), "macro"),
        (make_docx("a", **{"word/vbaProject.bin": b"x"}), "macro"),
        (make_docx("a", **{"word/embeddings/oleObject1.bin": b"x"}), "nhúng"),
        (make_docx("a", **{"word/a.exe": b"MZ"}), "nhúng"),
        (
            make_docx(**{"word/_rels/settings.xml.rels": rels("attachedTemplate", "http://a.b/c")}),
            "nhúng",
        ),
        (make_docx(**{"word/document.xml": LAUGHS}), "bị hỏng"),
        (make_docx(**{"word/document.xml": "<a>" * 50}), "bị hỏng"),
        (b"PK\x03\x04" + bytes(40), "bị hỏng"),
        (DOCX + b"MZ" + bytes(100), "gắn phía"),
        (make_docx(**{"word/big.bin": bytes(210 * 1024 * 1024)}), "quá nặng"),
        (make_zip(docx_parts("a"), zipfile.ZIP_LZMA), "bị hỏng"),
        (locked_zip(), "mật khẩu"),
    ],
)
def test_a_bad_office_file_is_refused(data, sentence):
    assert sentence in opened(data)["fault"]


def test_a_program_in_front_of_an_office_file_is_a_program():
    assert "chương trình" in refusal(b"MZ" + bytes(50) + DOCX, "a.docx")


def test_links_in_a_letter_are_no_danger():
    link = rels("hyperlink", "https://a.b/c")
    assert opened(make_docx("a", **{"word/_rels/document.xml.rels": link}))["kind"] == "docx"


# Classified ----------------------------------------------------------------------------------
@pytest.mark.parametrize("stamp", ["MẬT", "TỐI MẬT", "TUYỆT MẬT", "  Độ mật: MẬT".upper(), "[MẬT]"])
def test_a_stamp_on_a_paper_is_found(stamp):
    lines = ("BỘ CÔNG AN", stamp, "BÁO CÁO")
    for data in (make_pdf(*lines), make_docx(*lines), make_xlsx(*lines)):
        assert opened(data)["fault"] == (
            "Tệp này có dấu mật nên không nhận. "
            "Hãy dùng số liệu đã được phép công khai trong nội bộ."
        )


@pytest.mark.parametrize(
    "line",
    ["Công tác bảo mật", "BẢO VỆ BÍ MẬT NHÀ NƯỚC", "MẬT ĐỘ DÂN SỐ", "mật", "Số tài liệu mật: 0"],
)
def test_words_about_secrets_are_everyday_language(line):
    for data in (make_pdf(line), make_docx(line), make_xlsx(line)):
        assert "kind" in opened(data)


def test_a_stamp_in_a_text_box_or_beside_a_heading_is_found():
    box = "<w:p><w:r><w:t>BỘ</w:t><w:p><w:t>TỐI</w:t><w:tab/><w:t>MẬT</w:t></w:p></w:r></w:p>"
    body = f'<w:document xmlns:w="{WORD}">{box}</w:document>'
    assert "dấu mật" in opened(make_docx(**{"word/document.xml": body}))["fault"]
    assert "dấu mật" in opened(make_docx("BỘ CÔNG AN     MẬT"))["fault"]
    head = f'<w:hdr xmlns:w="{WORD}"><w:p><w:t>M Ậ T</w:t></w:p></w:hdr>'
    assert "dấu mật" in opened(make_docx("a", **{"word/header1.xml": head}))["fault"]


@pytest.mark.pdf
@pytest.mark.parametrize(
    ("left", "is_secret"), [("Số: 12/BC<br>MẬT", True), ("Số: 12/BC<br>BẢO MẬT", False)]
)
def test_a_stamp_beside_a_date_is_found(left, is_secret):
    weasyprint = pytest.importorskip("weasyprint")
    right = "Quảng Bình, ngày 03 tháng 02<br>năm 2026"
    html = f"<table width=100%><tr><td>{left}</td><td align=right>{right}</td></tr></table>"
    assert ("fault" in opened(weasyprint.HTML(string=html).write_pdf())) is is_secret


def test_a_stamp_in_the_printed_head_of_a_sheet_is_found():
    book = openpyxl.Workbook()
    book.active["A1"] = "Số liệu"
    book.active.oddHeader.right.text = "TUYỆT MẬT"
    out = io.BytesIO()
    book.save(out)
    assert "dấu mật" in opened(out.getvalue())["fault"]


@pytest.mark.parametrize(
    ("stem", "is_secret"),
    [
        ("Báo cáo (mật)", True), ("[MẬT] Kế hoạch", True), ("MẬT_báo cáo", True),
        ("MẬT - kế hoạch", True), ("Tối mật báo cáo", True), ("bc-TUYỆT-MẬT", True),
        ("Báo cáo_MẬT", True), ("Công tác bảo mật", False), ("BÁO CÁO BẢO MẬT", False),
        ("BẢO VỆ BÍ MẬT", False), ("MẬT ĐỘ DÂN SỐ", False), ("Mặt trận", False),
        ("mat tran to quoc", False),
    ],
)  # fmt: skip
def test_a_name_that_says_classified_is_refused(stem, is_secret):
    assert stamps.in_name(stem) is is_secret
    if is_secret:
        assert "dấu mật" in refusal(PDF, f"{stem}.pdf")


# A process of its own ------------------------------------------------------------------------
def test_what_takes_too_long_ends_with_a_sentence(monkeypatch):
    def slow(*_args, **_kwargs):
        raise subprocess.TimeoutExpired("x", 1)

    monkeypatch.setattr(subprocess, "run", slow)
    assert "quá nặng" in refusal(PDF)


@pytest.mark.parametrize(("code", "sentence"), [(-9, "quá nặng"), (1, "không mở được")])
def test_a_process_that_dies_over_a_file_takes_nobody_along(monkeypatch, code, sentence):
    done = subprocess.CompletedProcess([], code, b"", b"Traceback")
    monkeypatch.setattr(subprocess, "run", lambda *_a, **_k: done)
    assert sentence in refusal(PDF)


def test_whatever_a_parser_raises_is_a_refusal(monkeypatch):
    for error, sentence in ((MemoryError(), "quá nặng"), (KeyError("x"), "không mở được")):

        def fail(*_args, error=error):
            raise error

        monkeypatch.setattr(reading, "_read", fail)
        assert sentence in reading.answer("pdf", PDF)["fault"]


def test_the_process_is_given_no_secrets(monkeypatch):
    seen = {}

    def look(*_args, **kwargs):
        seen.update(kwargs)
        return subprocess.CompletedProcess([], 0, b'{"kind": "pdf"}', b"")

    monkeypatch.setattr(subprocess, "run", look)
    examine(PDF, "a.pdf")
    assert set(seen["env"]) == {"LANG", "PYTHONDONTWRITEBYTECODE"}
    assert seen["timeout"] == apart.PATIENCE


def bomb_pdf() -> bytes:
    """A page whose content unpacks to a gigabyte of drawing orders."""

    def fill(pdf: pikepdf.Pdf) -> None:
        packed = zlib.compressobj(9)
        piece = b"0 0 m " * 174_762
        data = b"".join(packed.compress(piece) for _ in range(1000)) + packed.flush()
        stream = pikepdf.Stream(pdf, data, Filter=pikepdf.Name.FlateDecode)
        pdf.pages[0].Contents = pdf.make_indirect(stream)

    return make_pdf(change=fill, compress_streams=False)


@pytest.mark.slow
def test_a_bomb_costs_bounded_time():
    before = time.monotonic()
    try:
        examine(bomb_pdf(), "a.pdf")  # a page without readable text is like a scan
    except Unfit as fault:
        assert "quá nặng" in str(fault)  # noqa: PT017 - either answer is right
    assert time.monotonic() - before < 60


@pytest.mark.parametrize("seed", range(12))
def test_damaged_files_never_raise_anything_else(seed):
    for data in REAL.values():
        damaged = bytearray(data)
        for step in range(20):
            damaged[(seed * 7919 + step * 104_729) % len(damaged)] ^= 1 << (step % 8)
        try:
            answer = opened(bytes(damaged))
        except Unfit as fault:
            answer = {"fault": str(fault)}
        assert set(answer) in ({"kind"}, {"fault"})
