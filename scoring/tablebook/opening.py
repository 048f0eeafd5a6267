"""Opening a workbook of strangers in a process of its own: `python -m scoring.tablebook.opening`.

The process limits itself before it reads, knows no settings and no database, and answers with one
line of JSON: the cells, or the sentence why the file is not taken.
"""

import json
import resource
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from core.uploads import Unfit
from core.uploads.faults import TOO_HEAVY, UNREADABLE
from scoring.tablebook.cells import Cell, Sheet, grid_of

_ROOT: Final = Path(__file__).parents[2]
_MODULE: Final = "scoring.tablebook.opening"
#: Seconds of work and bytes of memory; 3,000 rows take one second and 100 MB.
SECONDS: Final = 15
_MEMORY: Final = 1024 * 1024 * 1024
#: Seconds on the clock; a busy machine is given more than the process itself counts.
_PATIENCE: Final = 40


def opened(data: bytes) -> list[Sheet]:
    """Have a workbook opened apart; `Unfit` says why it is not taken."""
    try:
        done = subprocess.run(  # noqa: S603 - our own module; the bytes go to its input
            [sys.executable, "-m", _MODULE],
            input=data,
            capture_output=True,
            timeout=_PATIENCE,
            cwd=_ROOT,
            env={"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired as fault:
        raise Unfit(TOO_HEAVY) from fault
    if done.returncode:  # it died over this file
        raise Unfit(TOO_HEAVY if done.returncode < 0 else UNREADABLE)
    answer: dict[str, Any] = json.loads(done.stdout)
    if "fault" in answer:
        raise Unfit(answer["fault"])
    return [_sheet(sheet) for sheet in answer["sheets"]]


def _sheet(raw: dict[str, Any]) -> Sheet:
    rows = {
        int(row): {int(place): Cell(**cell) for place, cell in cells.items()}
        for row, cells in raw["rows"].items()
    }
    merged = [(left, top, right, bottom) for left, top, right, bottom in raw["merged"]]
    return Sheet(raw["name"], raw["is_hidden"], rows, merged, set(raw["hidden_rows"]))


def answer(data: bytes) -> dict[str, Any]:
    """Read a workbook; return `{"sheets": …}` or `{"fault": sentence}`."""
    try:
        sheets = [asdict(sheet) for sheet in grid_of(data)]
    except Unfit as fault:
        return {"fault": str(fault)}
    except (MemoryError, RecursionError):
        return {"fault": TOO_HEAVY}
    except Exception:  # noqa: BLE001 - whatever a parser of strangers' bytes may raise
        return {"fault": UNREADABLE}
    return {"sheets": [{**s, "hidden_rows": sorted(s["hidden_rows"])} for s in sheets]}


def main() -> None:
    """Limit this process, read, answer."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    sys.stdout.write(json.dumps(answer(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
