"""An installation on SQLite with the worker inside its one process, for tests that kill it.

python -m reports.tests.embedded prepare    a new database with a frozen pledge
python -m reports.tests.embedded work       work until killed; HOLD_DIR as in `slow_worker`
"""

import os
import sys
import time
from typing import Any

import django

from config.celery import app as celery_app


def prepare() -> None:
    """Make the database and freeze a pledge, whose papers then wait to be made."""
    from django.core.management import call_command  # noqa: PLC0415 - the settings come first

    call_command("migrate", verbosity=0)
    from pledges.models import PledgeStatus  # noqa: PLC0415
    from pledges.tests import factories  # noqa: PLC0415

    factories.make_pledge_at(PledgeStatus.FROZEN)


def work() -> None:
    """Be the one process."""
    import reports.tests.slow_worker  # noqa: F401, PLC0415 - holds every piece of work
    from config.worker import start_embedded  # noqa: PLC0415

    start_embedded()
    while True:
        time.sleep(1)


def main(command: str) -> Any:
    """Carry out one of the two."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    celery_app.set_default()
    return {"prepare": prepare, "work": work}[command]()


if __name__ == "__main__":
    main(sys.argv[1])
