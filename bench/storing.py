"""Statements and time of storing a run: `python -m bench.storing` from the top of the project.

On a SQLite of its own, or with `script/with_services python -m bench.storing` on a PostgreSQL of
its own. Clusters of 5, 50 and 700 units with 80 leaves are scored by the verb that the page uses:
the number of statements must be the same for all of them.
"""

import os
import tempfile
from pathlib import Path

import django
from django.core.management import call_command


def main() -> None:
    """Make the database, measure and print a table."""
    with tempfile.TemporaryDirectory(prefix="giaouoc-bench-") as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        os.environ["VAR_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        django.setup()
        call_command("migrate", verbosity=0)
        from bench.cluster import measure  # noqa: PLC0415 - models only after setup

        measure((5, 50, 700))


if __name__ == "__main__":
    main()
