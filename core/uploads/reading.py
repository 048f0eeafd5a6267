"""The process in which files of strangers are opened: `python -m core.uploads.reading pdf`.

It reads the bytes from its input and answers with one line of JSON: the type, or the sentence why
the file is not taken. It limits itself before it reads: what would take too long or too much memory
ends here and nowhere else.
"""

import sys

from core.uploads import apart, stamps
from core.uploads.faults import STAMPED, Unfit
from core.uploads.kinds import PACKAGE, PDF


def answer(key: str, data: bytes) -> dict[str, str]:
    """Open a file of this kind; return `{"kind": …}` or `{"fault": sentence}`."""
    return apart.answer_of(lambda: {"kind": _read(key, data)})


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
    """Answer about the bytes at the input; the kind stands on the command line."""
    apart.serve(lambda data: answer(sys.argv[1], data))


if __name__ == "__main__":
    main()
