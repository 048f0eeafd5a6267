"""Drawing the lots of the cross-inspection, and cancelling a drawing; both stay in the book."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from clusters.acting import Acting
from clusters.calendar import local_date
from clusters.models import ClusterYear
from core import audit
from core.audit import Change
from core.bulk import insert_all
from core.policy import Conflict, Invalid, require
from scoring import lot
from scoring.models import Draw, Inspection, TeamPlace
from scoring.policies import inspection as policies
from scoring.policies.inspection import DrawStanding
from scoring.queries.inspection import draw_standing_of


@dataclass(frozen=True, slots=True)
class Lots:
    """What a drawing follows from beside the list of units, and until when minutes are due."""

    #: As published at the meeting, word for word.
    seed: str
    team_size: int
    due_on: date


@transaction.atomic
def draw(*, cluster_year_id: int, lots: Lots, by: Acting, now: datetime) -> Draw:
    """Draw once, record the result at once.

    There is no preview on purpose: who could look before deciding could try seeds until one suits.
    """
    standing = _locked(cluster_year_id, by, now)
    require(policies.may_draw(standing))
    teams = _teams(standing, lots, local_date(now))
    drawn = Draw.objects.create(
        cluster_year=standing.year,
        number=Draw.objects.filter(cluster_year=standing.year).count() + 1,
        seed=lots.seed,
        units=sorted(teams),
        team_size=lots.team_size,
        method=lot.METHOD,
        due_on=lots.due_on,
        drawn_at=now,
        drawn_by_id=by.user_id,
    )
    units = {unit.code: unit for unit in standing.units}
    insert_all(Inspection(draw=drawn, unit=units[code]) for code in teams)
    rows = dict(Inspection.objects.filter(draw=drawn).values_list("unit__code", "pk"))
    insert_all(
        TeamPlace(inspection_id=rows[code], unit=units[member], order=order)
        for code, team in teams.items()
        for order, member in enumerate(team, start=1)
    )
    after = {
        "number": drawn.number, "seed": drawn.seed, "team_size": drawn.team_size,
        "due_on": drawn.due_on.isoformat(), "method": drawn.method,
        "teams": {code: ", ".join(team) for code, team in sorted(teams.items())},
    }  # fmt: skip
    audit.record(
        "scoring.lots_drawn", drawn, by=by, now=now, cluster_year_id=standing.year.pk,
        change=Change(after=after),
    )  # fmt: skip
    return drawn


def _teams(standing: DrawStanding, lots: Lots, today: date) -> lot.Teams:
    if not lots.seed.strip():
        raise Invalid("Ghi mã bốc thăm đã công bố tại hội nghị.", field="seed")
    if lots.due_on < today:
        raise Invalid("Hạn gửi biên bản phải từ hôm nay trở đi.", field="due_on")
    try:
        return lot.draw(lots.seed, [unit.code for unit in standing.units], lots.team_size)
    except ValueError as fault:
        raise Invalid(str(fault), field="team_size") from fault


@transaction.atomic
def cancel(*, draw_id: int, reason: str, by: Acting, now: datetime) -> Draw:
    """Cancel a drawing with its reason; the drawing and what was written stay to be read."""
    year_id = Draw.objects.values_list("cluster_year", flat=True).get(pk=draw_id)
    standing = _locked(year_id, by, now)
    require(policies.may_cancel(standing))
    drawn = standing.draw
    if drawn is None or drawn.pk != draw_id:
        raise Conflict("Kết quả bốc thăm này không còn hiệu lực. Tải lại trang để xem kết quả mới.")
    if not reason:
        raise Invalid("Nêu lý do hủy kết quả bốc thăm.", field="reason")
    drawn.cancelled_at, drawn.cancelled_by_id, drawn.cancel_reason = now, by.user_id, reason
    drawn.save(update_fields=["cancelled_at", "cancelled_by", "cancel_reason"])
    audit.record(
        "scoring.draw_cancelled", drawn, by=by, now=now, cluster_year_id=year_id,
        change=Change({"number": drawn.number, "seed": drawn.seed}, {}, reason),
    )  # fmt: skip
    return drawn


def _locked(cluster_year_id: int, by: Acting, now: datetime) -> DrawStanding:
    ClusterYear.objects.select_for_update(no_key=True).get(pk=cluster_year_id)
    year = ClusterYear.objects.with_names().get(pk=cluster_year_id)
    return draw_standing_of(year, by, local_date(now))
