"""What the public verification page answers about a code: facts printed on the paper, and no more.

A code nobody printed and a text that is no code get the same answer, so that nothing can be learnt
by trying. Who holds a paper may know everything the paper says, and whether it still stands.
"""

from reports.codes import parse_code
from reports.models import VerifyCode
from reports.verification import later, pledge
from reports.verification.finding import Finding, Signed, Standing, says_of_file

__all__ = ["Finding", "Signed", "Standing", "look_up", "says_of_file"]


def look_up(typed: str) -> Finding | None:
    """Answer for a code as typed; None for whatever is not a code of ours."""
    code = parse_code(typed)
    if code is None:
        return None
    found = VerifyCode.objects.filter(code=code).select_related("version").first()
    if found is None:
        return None
    prints = list(found.documents.select_related("file", "cluster_year").order_by("revision"))
    if not prints:
        return None
    if found.version is None:
        return later.finding(found, prints)
    return pledge.finding(found, found.version, prints)
