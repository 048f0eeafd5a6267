"""Prove the audit trail: every event is there, unchanged, in its place."""

from django.core.management.base import BaseCommand, CommandError

from core.audit import first_fault
from core.models import AuditEvent


class Command(BaseCommand):
    """`manage.py verify_audit`: exit 0 when every link holds, 1 with the first fault."""

    help = "Kiểm tra chuỗi nhật ký: mọi sự kiện còn nguyên, đúng thứ tự, không thiếu."

    def handle(self, *_args: object, **_options: object) -> None:
        """Walk the chain from its first event to its head."""
        if fault := first_fault():
            raise CommandError(fault, returncode=1)
        self.stdout.write(f"Nhật ký nguyên vẹn: {AuditEvent.objects.count()} sự kiện.")
