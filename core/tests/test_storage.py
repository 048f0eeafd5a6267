"""The bytes of the store: put twice, found missing, found changed, found under a wrong size."""

import hashlib

import pytest

from core import storage


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


def change_on_disk(sha256: str, data: bytes) -> None:
    path = storage.path_of(sha256)
    path.chmod(0o640)
    path.write_bytes(data)


def test_bytes_are_named_by_their_hash_and_read_back():
    sha256 = storage.put(b"noi dung")
    assert sha256 == hashlib.sha256(b"noi dung").hexdigest()
    assert storage.read(sha256) == b"noi dung"
    assert storage.open_file(sha256).read() == b"noi dung"
    assert storage.fault_of(sha256, 8) is None


def test_the_same_bytes_are_written_once():
    before = storage.path_of(storage.put(b"mot")).stat()
    assert storage.path_of(storage.put(b"mot")).stat().st_ino == before.st_ino


def test_every_kind_of_fault_is_told():
    sha256 = storage.put(b"noi dung")
    assert "có 8 byte, sổ ghi 9 byte" in (storage.fault_of(sha256, 9) or "")
    change_on_disk(sha256, b"noi dunh")
    assert "đã bị sửa" in (storage.fault_of(sha256, 8) or "")
    storage.path_of(sha256).unlink()
    assert "Không đọc được" in (storage.fault_of(sha256, 8) or "")


def test_a_damaged_copy_is_mended_by_storing_the_bytes_again():
    sha256 = storage.put(b"noi dung")
    change_on_disk(sha256, b"khac")
    with pytest.raises(storage.Damaged):
        storage.read(sha256)
    assert storage.put(b"noi dung") == sha256
    assert storage.read(sha256) == b"noi dung"
