"""Prove the scoring runs: each is made again from its recorded inputs and gives what it gave."""

from django.core.management.base import BaseCommand, CommandError

from scoring.engine import ENGINE_VERSION
from scoring.queries.recorded import first_difference, recorded_runs


class Command(BaseCommand):
    """`manage.py verify_runs`: exit 0 when every run gives the same, 1 with the first difference.

    A run of another version of the engine is named, and nothing is said about its points: the
    program of that version makes it again.
    """

    help = "Tính lại mọi phiên chấm từ số liệu đã ghi và so với kết quả đã ghi."

    def handle(self, *_args: object, **_options: object) -> None:
        """Make every recorded run again."""
        same = 0
        for run in recorded_runs():
            if run.engine != ENGINE_VERSION:
                self.stdout.write(
                    f"{run}: do máy tính điểm phiên bản {run.engine} lập; "
                    f"bản đang dùng là {ENGINE_VERSION} nên không so được."
                )
            elif difference := first_difference(run):
                raise CommandError(f"{run}: {difference}.", returncode=1)
            else:
                same += 1
        self.stdout.write(f"Phiên chấm nguyên vẹn: {same} phiên tính lại đúng như đã ghi.")
