"""The answer to "may this be done?": yes, or the Vietnamese sentence why not.

One `Verdict` serves the button, the sentence beside it and the refusal of the request, so that the
three can never differ.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """Truthy when allowed; otherwise carries why not and who can open it."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        """Let `if may_sign(...)` read as it sounds."""
        return self.allowed


ALLOWED = Verdict(allowed=True)


class Refused(Exception):
    """A rule said no; `str()` is the sentence for the person who asked."""


class Conflict(Refused):
    """What was read has changed since; the page shows the difference and keeps what was typed.

    `current` is what stands now (field name → text), so that the page can put both beside each
    other.
    """

    def __init__(self, reason: str, current: dict[str, str] | None = None) -> None:
        """Keep the sentence and what stands now."""
        super().__init__(reason)
        self.current = current or {}


class Invalid(Refused):
    """What was asked is not possible as typed; `field` names the form field it belongs to."""

    def __init__(self, reason: str, field: str | None = None) -> None:
        """Keep the sentence and the field beside which it is shown."""
        super().__init__(reason)
        self.field = field


def deny(reason: str) -> Verdict:
    """Return a refusal; the reason is a whole sentence in Vietnamese."""
    return Verdict(allowed=False, reason=reason)


def require(verdict: Verdict) -> None:
    """Raise `Refused` with the verdict's own sentence unless it allows."""
    if not verdict:
        raise Refused(verdict.reason)


def first_denial(*verdicts: Verdict) -> Verdict:
    """Return the first refusal, or ALLOWED when there is none."""
    return next((verdict for verdict in verdicts if not verdict), ALLOWED)
