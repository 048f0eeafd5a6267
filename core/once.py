"""One effect for one form: a double click, a reload or the back button finds the first result."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from core.models import UsedToken


def result_of(*, user_id: int, token: UUID) -> str | None:
    """Return where a form led that was carried out before, None for a new one."""
    done = UsedToken.objects.filter(user_id=user_id, token=token).first()
    return done.result_url if done else None


def carry_out(*, user_id: int, token: UUID, now: datetime, act: Callable[[], str]) -> str:
    """Run `act` once for this person and form and return the address it leads to.

    The token is stored in the transaction of the act: two requests at once wait for each other,
    and an act that is refused leaves the token unused so that the mended form can be sent again.
    """
    done = UsedToken.objects.filter(user_id=user_id, token=token).first()
    if done:
        return done.result_url
    try:
        with transaction.atomic():
            used = UsedToken.objects.create(
                user_id=user_id, token=token, result_url="", created_at=now
            )
            used.result_url = act()
            used.save(update_fields=["result_url"])
            return used.result_url
    except IntegrityError:
        first = UsedToken.objects.filter(user_id=user_id, token=token).first()
        if first is None:
            raise
        return first.result_url
