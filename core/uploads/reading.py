"""The process in which files of strangers are opened: `python -m core.uploads.reading pdf`.

It reads the bytes from its input and answers with one line of JSON: the type, or the sentence why
the file is not taken. It limits itself before it reads: what would take too long or too much memory
ends here and nowhere else.
"""

import json
import resource
import sys
from typing import Final

from core.uploads import stamps
from core.uploads.faults import STAMPED, TOO_HEAVY, UNREADABLE, Unfit
from core.uploads.kinds import PACKAGE, PDF

#: Seconds of work and bytes of memory; a usual file takes half a second and 100 MB.
SECONDS: Final = 15
_MEMORY: Final = 1024 * 1024 * 1024


def answer(key: str, data: bytes) -> dict[str, str]:
    """Open a file of this kind; return `{"kind": …}` or `{"fault": sentence}`."""
    try:
        return {"kind": _read(key, data)}
    except Unfit as fault:
        return {"fault": str(fault)}
    except (MemoryError, RecursionError):
        return {"fault": TOO_HEAVY}
    except Exception:  # noqa: BLE001 - whatever a parser of strangers' bytes may raise
        return {"fault": UNREADABLE}


def _read(key: str, data: bytes) -> str:
    """Each kind loads only its own library."""
    if key == PDF.key:
        from core.uploads import pdf  # noqa: PLC0415

        lines = pdf.lines_of(data)
    elif key == PACKAGE:
        from core.uploads import office  # noqa: PLC0415

        key, lines = office.office_kind(data), office.lines_of(data)
    else:
        from core.uploads import images  # noqa: PLC0415

        images.check(data, key)
        return key
    if stamps.any_stamp(lines):
        raise Unfit(STAMPED)
    return key


def main() -> None:
    """Limit this process, read, answer."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    sys.stdout.write(json.dumps(answer(sys.argv[1], sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
