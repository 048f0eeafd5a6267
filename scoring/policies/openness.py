"""Who reads the points of which unit, criterion by criterion: one rule for every page and paper.

Totals, per cent and ranks of what is published are read by everybody in the cluster. The points of
the single criteria, with the sentences that explain them, are open as far as the cluster says
(`ClusterYear.openness`); why a unit is not considered is told as `may_know_vetoes` says, always.
"""

from dataclasses import dataclass
from enum import Enum

from clusters.models import Openness
from clusters.policies import Place
from scoring.policies.run import may_read_all_points


class Publicity(Enum):
    """How far the result of a year was published; a revoked result was final, and was read."""

    NONE = "not at all"
    PROVISIONAL = "as provisional"
    FINAL = "as final"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rule asks of a year beside the reader."""

    openness: str
    publicity: Publicity


#: As long as nothing is known of the year: nobody reads the points of others.
CLOSED = Reading(Openness.OWN, Publicity.NONE)


def is_open(reading: Reading) -> bool:
    """Whether every member reads the points of every unit in the published runs."""
    if reading.publicity is Publicity.NONE:
        return False
    if reading.openness == Openness.ALL:
        return True
    return reading.openness == Openness.FINAL and reading.publicity is Publicity.FINAL


def may_read_points(place: Place, unit_id: int, reading: Reading) -> bool:
    """Whether this person reads the points of a unit, criterion by criterion.

    Which runs one finds at all is `ScoringRun.objects.visible_to`: members those published.
    """
    return may_know_vetoes(place, unit_id) or is_open(reading)


def may_read_points_of_all(place: Place, reading: Reading) -> bool:
    """Whether this person reads the points of every unit, criterion by criterion."""
    return may_read_all_points(place) or is_open(reading)


def may_know_vetoes(place: Place, unit_id: int) -> bool:
    """Whether this person learns why a unit is not considered: the unit, the lead, the organiser.

    The same persons read why a figure was changed by decision.
    """
    return may_read_all_points(place) or _own(place) == unit_id


def _own(place: Place) -> int | None:
    return place.acting.unit_id if place.membership else None


def rule_in_words(reading: Reading) -> str:
    """Say the rule in one line, as it stands today."""
    if is_open(reading):
        return "Mọi đơn vị xem được điểm từng tiêu chí của nhau."
    if reading.openness == Openness.FINAL:
        return (
            "Điểm từng tiêu chí: mỗi đơn vị xem của mình, "
            "xem của đơn vị khác sau khi công bố kết quả chính thức."
        )
    if reading.openness == Openness.ALL:
        return "Điểm từng tiêu chí: mọi đơn vị xem được của nhau từ khi công bố tạm tính."
    return "Điểm từng tiêu chí: mỗi đơn vị chỉ xem của mình."
