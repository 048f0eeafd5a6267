"""From an empty folder to the running application: what `script/server` starts."""

import errno
import hashlib
import importlib.metadata
import io
import os
import re
import socket
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.demo.registry import PASSWORD
from pledges.models import PaperKind
from reports import jobs, storage
from reports.models import Document, Job

#: Accounts shown on the terminal: one of each view of the work. The README lists them all.
SHOWN_LOG_INS: Final = ("canbo.haiphong", "lanhdao.haiphong", "thuongtruc.bca")
UNSETTLED: Final = (Job.Status.QUEUED, Job.Status.RUNNING)


class Command(BaseCommand):
    """Bring the database up to date, load the demonstration, make its documents, then serve."""

    help = "Chuẩn bị cơ sở dữ liệu và dữ liệu minh họa, tạo văn bản, rồi mở ứng dụng trên máy này."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Let automatic checks stop before serving, and an office start without demonstration."""
        parser.add_argument("--no-serve", action="store_true", help="chuẩn bị xong thì dừng")
        parser.add_argument("--no-demo", action="store_true", help="không nạp dữ liệu minh họa")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do each step that is still missing; a second start finds nothing to do."""
        if not options["no_serve"]:
            self._refuse_busy_port()
        self._prepare_database()
        if not settings.DEBUG:
            self._collect_static()
        if not options["no_demo"] and not settings.IS_PRODUCTION:
            self._load_demonstration()
        self._make_pledge()
        self._show_pledge()
        self._show_log_ins()
        if not options["no_serve"]:
            self._serve()

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _refuse_busy_port(self) -> None:
        with socket.socket() as probe:
            # As gunicorn binds: a port that only waits for old connections to die is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", settings.PORT))
            except OSError as fault:
                taken = fault.errno == errno.EADDRINUSE
                why = "chương trình khác đang dùng" if taken else str(fault.strerror)
                message = (
                    f"Không mở được cổng {settings.PORT}: {why}. Nếu đó chính là ứng dụng này, mở "
                    f"{settings.PUBLIC_URL}/ ; nếu không, chọn cổng khác: "
                    f"PORT={settings.PORT + 10} script/server"
                )
                raise CommandError(message) from fault

    def _prepare_database(self) -> None:
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        call_command("migrate", interactive=False, verbosity=0)
        at = settings.DATABASES["default"]
        self._say(f"Cơ sở dữ liệu: {at['NAME']} đã sẵn sàng.")

    def _collect_static(self) -> None:
        """Collect the files of the pages when one has changed since the last time."""
        mark = settings.STATIC_ROOT / ".fingerprint"
        now = _static_fingerprint()
        if mark.is_file() and mark.read_text(encoding="ascii") == now:
            return
        call_command("collectstatic", interactive=False, verbosity=0)
        mark.write_text(now, encoding="ascii")

    def _load_demonstration(self) -> None:
        """Load it into a database without people; a load that was cut off is taken up again."""
        begun = settings.VAR_DIR / "demonstration-begun"
        if get_user_model().objects.exists() and not begun.exists():
            return
        self._say("Nạp dữ liệu minh họa…")
        begun.touch()
        call_command("seed_demo")
        begun.unlink()

    def _make_pledge(self) -> None:
        """Make the file of the newest signed pledge here; the worker makes all others later.

        The demonstration alone has some ninety papers of past years, which take minutes: neither
        the first page nor what is shown below waits for them.
        """
        pledge = _newest_pledge()
        waiting = Job.objects.filter(document=pledge, status__in=UNSETTLED)
        job = waiting.first() if pledge else None
        if job is None or not settings.CELERY_BROKER_URL.startswith("memory:"):
            return
        if fault := _missing_for_pdf():
            self._say(f"Chưa tạo được PDF: {fault}")
            return
        self._say("Tạo văn bản PDF…")
        for _ in range(jobs.MAX_ATTEMPTS):
            jobs.run(job.pk, timezone.now)
            if not waiting.exists():
                break
        job.refresh_from_db()
        if job.status == Job.Status.FAILED:
            raise CommandError(f"Không tạo được “{job.title}”: {job.error}")

    def _show_pledge(self) -> None:
        """Print where the signed pledge of the demonstration is and what proves it."""
        document = _newest_pledge()
        if document is None or document.file is None:
            return
        copy = _readable_copy(document.file.sha256)
        self._say(f"{document.title}, số {document.number}")
        self._say(f"  PDF:      {copy} ({document.file.pages} trang)")
        self._say(f"  SHA-256:  {document.file.sha256}")
        self._say(f"  Xác minh: {document.content['verify_url']}")

    def _show_log_ins(self) -> None:
        people = get_user_model().objects.filter(username__in=SHOWN_LOG_INS, is_active=True)
        names = sorted(people.values_list("username", flat=True))
        if names:
            self._say(f"Đăng nhập thử: {', '.join(names)} (mật khẩu chung: {PASSWORD})")

    def _serve(self) -> None:
        """Become gunicorn, which serves the pages and carries the worker."""
        if settings.CELERY_BROKER_URL.startswith("memory:"):
            os.environ.setdefault("EMBEDDED_WORKER", "true")
        self._say(f"Ứng dụng chạy tại {settings.PUBLIC_URL}/ (dừng: Ctrl-C)")
        os.chdir(settings.BASE_DIR)
        arguments = ["-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi"]
        os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - our own interpreter


def _newest_pledge() -> Document | None:
    """Return the pledge that was signed last and stands."""
    signed = Document.objects.filter(
        stage=Document.Stage.SIGNED, code__paper=PaperKind.PLEDGE, withdrawn_at=None
    )
    return signed.select_related("file").order_by("-issued_at", "-pk").first()


def _static_fingerprint() -> str:
    """Sum up the files of the pages (names, sizes, times) and the version of their storage."""
    digest = hashlib.sha256(importlib.metadata.version("whitenoise").encode())
    for finder in get_finders():
        for name, source in finder.list([]):
            found = Path(source.path(name)).stat()
            digest.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _missing_for_pdf() -> str:
    """Say which library of the system WeasyPrint misses; empty when it has all."""
    try:
        with redirect_stdout(io.StringIO()):  # its own advice, in English, many lines
            __import__("weasyprint")
    except OSError as fault:
        named = re.search(r"'([^']+)'", str(fault))
        return f"máy thiếu thư viện {named[1] if named else fault}."
    return ""


def _readable_copy(sha256: str) -> Path:
    """Put the file, whose name in the store is its hash, beside it under a name one can open."""
    copy: Path = settings.VAR_DIR / "giao-uoc-da-ky.pdf"
    beside = copy.with_suffix(".tmp")
    beside.write_bytes(storage.read(sha256))
    beside.replace(copy)
    return copy
