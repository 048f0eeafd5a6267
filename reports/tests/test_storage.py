"""The store: written once, whole or not at all, and every change of a byte is found."""

import os
import stat
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from clusters.tests.factories import make_world
from core import storage as core_storage
from reports import storage
from reports.models import StoredFile
from scoring.models import Evidence

NOW = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def put(data: bytes = b"noi dung", pages: int | None = None) -> StoredFile:
    return storage.put(data, mime="application/pdf", now=NOW, pages=pages)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


def test_a_file_is_found_under_its_hash_and_reads_back():
    stored = put(pages=3)
    assert storage.read(stored.sha256) == b"noi dung"
    assert storage.path_of(stored.sha256).parent.name == stored.sha256[:2]
    assert (stored.size, stored.pages) == (8, 3)


def test_nobody_may_write_a_stored_file():
    mode = storage.path_of(put().sha256).stat().st_mode
    assert stat.S_IMODE(mode) == 0o440


def test_the_same_bytes_are_stored_once_and_not_written_again():
    first = put()
    path = storage.path_of(first.sha256)
    before = path.stat()
    assert put() == first
    assert path.stat().st_ino == before.st_ino
    assert StoredFile.objects.count() == 1


def test_no_half_file_stays_when_writing_fails(monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        put()
    folder = storage.path_of("a" * 64).parent.parent
    assert [p for p in folder.rglob("*") if p.is_file()] == []
    assert StoredFile.objects.count() == 0


def test_a_file_without_its_row_is_taken_over():
    with transaction.atomic():
        put()
        transaction.set_rollback(True)
    assert StoredFile.objects.count() == 0
    assert storage.read(put().sha256) == b"noi dung"


def change_on_disk(stored: StoredFile, data: bytes) -> None:
    path = storage.path_of(stored.sha256)
    path.chmod(0o640)
    path.write_bytes(data)


def test_a_changed_byte_is_not_read_out():
    stored = put()
    change_on_disk(stored, b"noi dunh")
    with pytest.raises(storage.Damaged, match="đã bị sửa"):
        storage.read(stored.sha256)
    with pytest.raises(storage.Damaged):
        storage.open_file(stored.sha256)


def test_storing_the_bytes_again_mends_a_damaged_copy():
    stored = put()
    change_on_disk(stored, b"khac")
    put()
    assert storage.read(stored.sha256) == b"noi dung"


def test_first_fault_names_the_first_file_that_is_not_intact():
    files = [put(bytes([i])) for i in range(4)]
    assert storage.first_fault() is None
    storage.path_of(files[3].sha256).unlink()
    change_on_disk(files[1], b"khac")
    assert files[1].sha256 in (storage.first_fault() or "")


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/passwd", "A" * 64, "a" * 63, f"{'a' * 64}/x"]
)
def test_only_a_hash_is_a_place_in_the_store(name):
    with pytest.raises(ValueError, match="Not a SHA-256"):
        storage.path_of(name)


def test_the_row_of_a_file_cannot_be_changed():
    stored = put()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE reports_storedfile SET size = 1 WHERE id = %s", [stored.pk])


def test_verify_files_ends_well_only_when_every_file_is_intact():
    stored = put()
    out = StringIO()
    call_command("verify_files", stdout=out)
    assert "nguyên vẹn: 1 tệp" in out.getvalue()
    change_on_disk(stored, b"khac")
    with pytest.raises(CommandError, match=stored.sha256) as refused:
        call_command("verify_files")
    assert refused.value.returncode == 1


def evidence_of(data: bytes, unit: int = 0) -> Evidence:
    world = make_world(2, prefix=f"e{unit}")
    return Evidence.objects.create(
        cluster_year=world.year, unit=world.units[0], sha256=core_storage.put(data),
        size=len(data), mime="application/pdf", name="minh chứng.pdf", uploaded_at=NOW,
        uploaded_by_id=world.officers[0].user_id,
    )  # fmt: skip


def test_verify_files_hashes_the_evidence_too_and_the_same_bytes_once():
    put(b"chung")
    evidence_of(b"chung", 1)
    evidence = evidence_of(b"rieng", 2)
    Evidence.objects.filter(pk=evidence.pk).update(withdrawn_at=NOW)
    out = StringIO()
    call_command("verify_files", stdout=out)
    assert "nguyên vẹn: 2 tệp" in out.getvalue()
    storage.path_of(evidence.sha256).unlink()
    with pytest.raises(CommandError, match=evidence.sha256):
        call_command("verify_files")
