"""A process of its own for bytes of strangers: how it is started, limited and answers.

What would take too long or too much memory ends there and nowhere else. Such a process knows no
settings, no secrets and no database; it reads the bytes from its input and answers with one line of
JSON, an object whose key `fault` says why a file is not taken.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from core.uploads.faults import TOO_HEAVY, UNREADABLE, Unfit

_ROOT: Final = Path(__file__).parents[2]
#: Seconds of work and bytes of memory; a usual file takes half a second and 100 MB, a criteria
#: table of 3,000 rows one second.
SECONDS: Final = 15
_MEMORY: Final = 1024 * 1024 * 1024
#: Seconds on the clock; a busy machine is given more than the process itself counts.
PATIENCE: Final = 40


def asked(module: str, data: bytes, *words: str) -> dict[str, Any]:
    """Run a module of ours over bytes and return its answer; `Unfit` says why it took none."""
    try:
        done = subprocess.run(  # noqa: S603 - our own module; the bytes go to its input
            [sys.executable, "-m", module, *words],
            input=data,
            capture_output=True,
            timeout=PATIENCE,
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
    return answer


def answer_of(read: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """Return what reading gives, or `{"fault": sentence}` whatever it raises."""
    try:
        return dict(read())
    except Unfit as fault:
        return {"fault": str(fault)}
    except (MemoryError, RecursionError):
        return {"fault": TOO_HEAVY}
    except Exception:  # noqa: BLE001 - whatever a parser of strangers' bytes may raise
        return {"fault": UNREADABLE}


def serve(answer: Callable[[bytes], Mapping[str, Any]]) -> None:
    """Be that process: limit it, read the bytes, answer."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    sys.stdout.write(json.dumps(answer(sys.stdin.buffer.read())))
