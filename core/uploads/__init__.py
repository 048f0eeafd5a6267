"""Files that people send: what they are is decided by their content, never by their name.

`examine` answers with the file under a clean name and its type, or raises `Unfit` with a sentence
that says what the file is and what to send instead. What has to be parsed is parsed in a process of
its own (`core.uploads.reading`) with limits on time and memory: bytes of strangers cannot bring
down or hold up the one that serves the pages. Pure: no database, no settings.
"""

from core.uploads.examination import Accepted, examine
from core.uploads.faults import Unfit

__all__ = ("Accepted", "Unfit", "examine")
