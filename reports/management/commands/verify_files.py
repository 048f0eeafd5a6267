"""Prove the store of files: every file is there and its bytes are those that were stored."""

from django.core.management.base import BaseCommand, CommandError

from reports.storage import first_fault, known_files


class Command(BaseCommand):
    """`manage.py verify_files`: exit 0 when every stored file is intact, 1 with the first fault."""

    help = "Kiểm tra kho tệp: mọi tệp còn đủ và đúng mã băm SHA-256 lúc lưu."

    def handle(self, *_args: object, **_options: object) -> None:
        """Hash every stored file again."""
        if fault := first_fault():
            raise CommandError(fault, returncode=1)
        self.stdout.write(f"Kho tệp nguyên vẹn: {sum(1 for _ in known_files())} tệp.")
