"""The seal of the installation: it holds for exactly the bytes that were sealed."""

import random
import stat
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from pyhanko.pdf_utils.generic import NumberObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from reports import seal
from reports.render import render_document
from reports.seal import check_seal
from reports.tests import content as c
from reports.tests.pdf import text_of

pytestmark = pytest.mark.pdf


def now() -> datetime:
    return datetime.now(tz=UTC)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("var")


@pytest.fixture(autouse=True)
def _own_keys(settings, folder, monkeypatch):
    settings.VAR_DIR = folder
    monkeypatch.delenv("SEAL_KEY_FILE", raising=False)
    monkeypatch.delenv("SEAL_CERT_FILE", raising=False)


@pytest.fixture(scope="module")
def unsealed() -> bytes:
    return render_document(c.document_content("OUTLINE", signed=True)).pdf


@pytest.fixture
def sealed(unsealed, request):
    cache = request.node.parent
    if not hasattr(cache, "_sealed"):
        cache._sealed = seal.seal(unsealed, now=now())
    return cache._sealed


def test_a_sealed_paper_holds(sealed):
    report = check_seal(sealed)
    assert report.holds
    assert (report.intact, report.valid, report.ours, report.whole_file) == (True,) * 4
    assert report.sealed_at is not None
    assert abs(report.sealed_at - now()) < timedelta(minutes=5)
    assert "còn nguyên" in report.sentence


def test_the_seal_is_invisible_and_the_paper_reads_the_same(sealed, unsealed, tmp_path):
    assert text_of(sealed, tmp_path) == text_of(unsealed, tmp_path)
    with pikepdf.open(BytesIO(sealed)) as document:
        assert document.open_metadata().pdfa_status == "3U"
        assert [str(f.T) for f in document.Root.AcroForm.Fields] == [seal.FIELD]
        assert list(document.attachments) == ["du-lieu-giao-uoc.json"]


@pytest.mark.slow
def test_a_flipped_bit_anywhere_is_found(sealed):
    chance = random.Random(20240404)  # noqa: S311 - the same positions in every run
    for position in chance.sample(range(len(sealed)), 100):
        changed = bytearray(sealed)
        changed[position] ^= 1 << chance.randrange(8)
        assert not check_seal(bytes(changed)).holds, f"bit flipped at {position}"


def test_nothing_hides_in_the_room_kept_for_the_signature(sealed):
    room = sealed.index(b"0" * 400)
    for place, sign in ((room + 300, b"1"), (room + 301, b" "), (room + 302, b"\n")):
        changed = sealed[:place] + sign + sealed[place + 1 :]
        assert not check_seal(changed).holds


def test_a_paper_without_seal_is_said_to_have_none(unsealed):
    report = check_seal(unsealed)
    assert not report.present
    assert not report.holds
    assert "không có con dấu" in report.sentence


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"x" * 5000, b"PK\x03\x04"])
def test_what_is_no_pdf_has_no_seal_and_breaks_nothing(data):
    assert not check_seal(data).present


def test_what_was_added_after_the_seal_is_found(sealed):
    writer = IncrementalPdfFileWriter(BytesIO(sealed))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Rotate"] = NumberObject(180)
    writer.update_container(page)
    out = BytesIO()
    writer.write(out)
    report = check_seal(out.getvalue())
    assert report.intact
    assert not report.whole_file
    assert report.modified_after
    assert not report.holds
    assert "được thêm sau" in report.sentence


def test_a_saved_copy_is_not_the_sealed_paper(sealed):
    out = BytesIO()
    with pikepdf.open(BytesIO(sealed)) as document:
        document.save(out)
    assert not check_seal(out.getvalue()).holds


def test_the_seal_of_another_installation_is_not_ours(unsealed, settings, tmp_path, folder):
    settings.VAR_DIR = tmp_path
    foreign = seal.seal(unsealed, now=now())
    assert check_seal(foreign).holds
    settings.VAR_DIR = folder
    report = check_seal(foreign)
    assert report.intact
    assert not report.ours
    assert not report.holds
    assert "không phải của hệ thống này" in report.sentence


def test_the_key_is_made_once_and_only_its_owner_reads_it(sealed, unsealed, folder):
    key = folder / "keys" / "seal.key.pem"
    before = key.read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700
    seal.seal(unsealed, now=now())
    assert key.read_bytes() == before


def test_a_replaced_key_seals_and_the_old_seal_stays_ours(
    sealed, unsealed, folder, settings, tmp_path, monkeypatch
):
    settings.VAR_DIR = tmp_path
    seal.seal(unsealed, now=now())
    settings.VAR_DIR = folder
    monkeypatch.setenv("SEAL_KEY_FILE", str(tmp_path / "keys" / "seal.key.pem"))
    monkeypatch.setenv("SEAL_CERT_FILE", str(tmp_path / "keys" / "seal.cert.pem"))
    fresh = check_seal(seal.seal(unsealed, now=now()))
    assert fresh.holds
    assert fresh.serial != check_seal(sealed).serial
    assert check_seal(sealed).holds


def test_a_long_name_of_the_agency_fits_the_certificate(settings, tmp_path, unsealed):
    settings.VAR_DIR = tmp_path
    settings.AGENCY_NAME = (
        "Hội đồng Thi đua, Khen thưởng và Truyền thống lực lượng Công an nhân dân"
    )
    assert check_seal(seal.seal(unsealed, now=now())).holds
    certificate = x509.load_pem_x509_certificate(Path(tmp_path / "keys/seal.cert.pem").read_bytes())
    assert "Hội đồng Thi đua" in certificate.subject.rfc4514_string()
