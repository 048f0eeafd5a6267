"""What follows an audit event: rows that ask for work, written in the same transaction.

`settings.EFFECTS` maps an action to functions by their dotted names. Rules know nothing of them:
a rule records what happened, the wiring decides what is printed and who is told. An effect writes
rows (a job, a notice); it never makes another transition.
"""

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from core.models import AuditEvent


def follow(event: "AuditEvent") -> None:
    """Run every effect wired to the event's action."""
    for name in settings.EFFECTS.get(event.action, []):
        import_string(name)(event)
