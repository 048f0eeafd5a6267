"""Makes a real worker stop in the middle of its work, so that a test can kill it there.

Loaded into a worker by `--include=reports.tests.slow_worker`. At the beginning of every piece of
work a file is left in the folder HOLD_DIR; while the folder holds a file `hold`, the work goes no
further. A file `die` makes the worker kill itself there, every time, as a poisoned job would.
"""

import os
import signal
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from reports.jobs import making
from reports.models import Job, StoredFile

_FOLDER = Path(os.environ["HOLD_DIR"])
_make = making.make


def _held(job: Job, clock: Callable[[], datetime]) -> StoredFile:
    (_FOLDER / f"begun-{job.pk}-{job.attempts}").touch()
    if (_FOLDER / "die").exists():
        os.kill(os.getpid(), signal.SIGKILL)
    while (_FOLDER / "hold").exists():
        time.sleep(0.02)
    return _make(job, clock)


making.make = _held
