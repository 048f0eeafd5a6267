"""Prove the scoring runs: each is made again from its recorded inputs and gives what it gave."""

from django.core.management.base import BaseCommand, CommandError

from scoring.engine import ENGINE_VERSION
from scoring.queries.recorded import (
    first_difference,
    is_of_this_engine,
    lost_runs,
    recorded_runs,
)


class Command(BaseCommand):
    """`manage.py verify_runs`: exit 0 when every run gives the same, 1 with the first difference.

    A run that the audit trail tells of and that is gone is a difference too. A run of another
    version of the engine is held against its hash and the trail, and named: the program of that
    version makes it again.
    """

    help = "Tính lại mọi phiên chấm từ số liệu đã ghi và so với kết quả đã ghi, với nhật ký."

    def handle(self, *_args: object, **_options: object) -> None:
        """Make every recorded run again."""
        same = 0
        for run in recorded_runs():
            if difference := first_difference(run):
                raise CommandError(f"{run}: {difference}.", returncode=1)
            if is_of_this_engine(run):
                same += 1
                continue
            self.stdout.write(
                f"{run}: do máy tính điểm phiên bản {run.engine} lập, bản đang dùng là "
                f"{ENGINE_VERSION}: chỉ đối chiếu mã băm và nhật ký, không tính lại được."
            )
        if lost := lost_runs():
            raise CommandError(f"{lost[0]}: có trong nhật ký nhưng không còn.", returncode=1)
        self.stdout.write(f"Phiên chấm nguyên vẹn: {same} phiên tính lại đúng như đã ghi.")
