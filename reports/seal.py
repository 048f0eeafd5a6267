"""The seal of the installation: a PAdES B-B signature with its own organisation certificate.

It proves that a finished paper left this installation and was not changed since; it is nobody's
personal signature and is never called one. The key is made at first use and can be replaced by one
that an authority certified: `SEAL_KEY_FILE` and `SEAL_CERT_FILE` in the environment (both PEM).
What was sealed with the key before stays ours. B-B carries the time of this server's clock only:
there is no time-stamping authority in a closed network.
"""

import datetime as dt
import fcntl
import io
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError

FIELD: Final = "DauHeThong"
_YEARS: Final = 20
#: A certificate name holds 64 bytes (X.520), fewer Vietnamese letters.
_NAME_BYTES: Final = 64
_LONG_FORM: Final = 0x80


@dataclass(frozen=True, slots=True)
class SealReport:
    """What a look at a file says, each answer of its own."""

    present: bool = False
    intact: bool = False
    valid: bool = False
    ours: bool = False
    whole_file: bool = False
    modified_after: bool = False
    sealed_at: dt.datetime | None = None
    signer: str = ""
    serial: str = ""

    @property
    def holds(self) -> bool:
        """Whether the file is exactly what the installation sealed."""
        return (
            self.intact and self.valid and self.ours and self.whole_file and not self.modified_after
        )

    @property
    def sentence(self) -> str:
        """Say the result as the verification page does."""
        if not self.present:
            return "Tệp không có con dấu điện tử của hệ thống."
        if not self.intact or not self.valid:
            return "Con dấu điện tử không khớp: tệp đã bị sửa sau khi niêm phong."
        if not self.ours:
            return "Con dấu điện tử không phải của hệ thống này."
        if self.modified_after or not self.whole_file:
            return "Tệp có phần được thêm sau khi niêm phong."
        return "Con dấu điện tử của hệ thống còn nguyên; tệp không bị sửa sau khi niêm phong."


def seal(pdf: bytes, *, now: dt.datetime) -> bytes:
    """Seal a finished PDF: invisible, certifying that nothing may be added."""
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        reason="Niêm phong văn bản do hệ thống phát hành",
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(_flat(pdf)))
    fields.append_signature_field(writer, fields.SigFieldSpec(FIELD))
    sealed = signers.PdfSigner(metadata, signer=_signer(now)).sign_pdf(writer)
    return bytes(sealed.getvalue())


def check_seal(pdf: bytes) -> SealReport:
    """Look at the seal of a file; a file that is no PDF, or has none, is answered, not refused."""
    try:
        found = [
            s for s in PdfFileReader(io.BytesIO(pdf)).embedded_signatures if s.field_name == FIELD
        ]
    except (PdfError, ValueError, KeyError, TypeError, IndexError, RecursionError):
        return SealReport()
    if not found:
        return SealReport()
    if not _only_signature_in_gap(pdf, found[0].byte_range):
        return SealReport(present=True)
    try:
        status = _validate(found[0])
    except (PdfError, SignatureValidationError, PathError, ValueError, TypeError, KeyError):
        return SealReport(present=True)
    return SealReport(
        present=True,
        intact=status.intact,
        valid=status.valid,
        ours=status.trusted,
        whole_file=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
        modified_after=not status.docmdp_ok,
        sealed_at=status.signer_reported_dt,
        signer=status.signing_cert.subject.human_friendly,
        serial=f"{status.signing_cert.serial_number:X}",
    )


def _validate(signature: Any) -> Any:  # noqa: ANN401 - pyHanko ships no types
    roots = [load_cert_from_pemder(str(path)) for path in _our_certificates()]  # type: ignore[no-untyped-call]
    context = ValidationContext(
        trust_roots=roots, allow_fetching=False, revocation_mode="soft-fail"
    )
    return validate_pdf_signature(signature, signer_validation_context=context)


def _only_signature_in_gap(pdf: bytes, byte_range: Any) -> bool:  # noqa: ANN401
    """Whether the place no signature covers, its own, holds the signature and zeros and no more.

    The room kept for a signature is larger than it; what is written there is invisible to the
    arithmetic, but it is not what we sealed.
    """
    start, end = int(byte_range[0]) + int(byte_range[1]), int(byte_range[2])
    room = pdf[start + 1 : end - 1]
    try:
        content = bytes.fromhex(room.decode("ascii"))
    except ValueError:
        return False
    written = b"<" + content.hex().upper().encode() + b">"
    return written == pdf[start:end] and not content[_der_length(content) :].strip(b"\0")


def _der_length(content: bytes) -> int:
    """Return how many bytes the one DER value at the beginning takes, head included."""
    first = content[1] if len(content) > 1 else 0
    if first < _LONG_FORM:
        return 2 + first
    size = first - _LONG_FORM
    return 2 + size + int.from_bytes(content[2 : 2 + size], "big")


def _flat(pdf: bytes) -> bytes:
    """Write the file without object streams: later validation is several times cheaper."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        document.save(
            out, object_stream_mode=pikepdf.ObjectStreamMode.disable, deterministic_id=True
        )
    return out.getvalue()


def _signer(now: dt.datetime) -> Any:  # noqa: ANN401 - pyHanko ships no types
    key, certificate_ = _paths()
    if not certificate_.exists():
        _make(key, certificate_, now)
    return _loaded(str(key), str(certificate_), key.stat().st_mtime_ns)


@cache
def _loaded(key: str, certificate_: str, _changed: int) -> Any:  # noqa: ANN401
    """Load the key once per process, and again when its file was replaced."""
    signer = signers.SimpleSigner.load(key, certificate_, key_passphrase=None)  # type: ignore[no-untyped-call]
    if signer is None:
        message = f"Cannot read the key of the seal: {key}"
        raise RuntimeError(message)
    return signer


def _paths() -> tuple[Path, Path]:
    """Return where key and certificate are: the ones provided, else our own."""
    key, certificate_ = os.environ.get("SEAL_KEY_FILE"), os.environ.get("SEAL_CERT_FILE")
    if key and certificate_:
        return Path(key), Path(certificate_)
    folder = Path(settings.VAR_DIR) / "keys"
    return folder / "seal.key.pem", folder / "seal.cert.pem"


def _our_certificates() -> list[Path]:
    """Return every certificate with which this installation ever sealed; old ones are kept here."""
    kept = set((Path(settings.VAR_DIR) / "keys").glob("*.cert.pem"))
    return sorted(path for path in {_paths()[1], *kept} if path.exists())


def _make(key_path: Path, certificate_path: Path, now: dt.datetime) -> None:
    """Make key and certificate once, also when several processes ask at the same time."""
    folder = key_path.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / ".lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if certificate_path.exists():
            return
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        _write_private(key_path, pem)
        issued = _certificate_for(key, now).public_bytes(serialization.Encoding.PEM)
        _write_private(certificate_path, issued)


def _certificate_for(key: ec.EllipticCurvePrivateKey, now: dt.datetime) -> x509.Certificate:
    """Let the installation vouch for itself; whoever trusts it compares the serial number."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _clipped(settings.AGENCY_NAME)),
            x509.NameAttribute(NameOID.COMMON_NAME, "Dấu hệ thống Giao ước thi đua"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=365 * _YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _clipped(name: str) -> str:
    """Shorten a name to what a certificate can hold, whole letters only."""
    return name.encode()[:_NAME_BYTES].decode(errors="ignore")


def _write_private(path: Path, data: bytes) -> None:
    """Write a file only its owner can read, whole or not at all."""
    beside = path.with_suffix(".part")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
