"""Cross-inspections in any state, reached only by walking the real workflow."""

from datetime import date

from clusters.tests.factories import World
from pledges.tests.year import YEAR, moment
from scoring.models import CriteriaTable, Draw, Inspection
from scoring.operations import inspection as operations
from scoring.operations.inspection import Lots
from scoring.queries.inspection import inspections_with_names, team_of
from scoring.workflow import inspection as workflow
from scoring.workflow.inspection import AnswerInput, FindingInput, HeadInput

SEED = "4-17-29"
DRAWN, WRITTEN, SUBMITTED, ANSWERED = moment(10, 5), moment(10, 12), moment(10, 14), moment(10, 20)
DUE = date(YEAR, 10, 15)


def draw(world: World, seed: str = SEED, size: int = 1) -> Draw:
    """Draw as the organiser."""
    return operations.draw(
        cluster_year_id=world.year.pk, lots=Lots(seed, size, DUE), by=world.organiser_acting,
        now=DRAWN,
    )  # fmt: skip


def inspection(world: World, index: int) -> Inspection:
    """Return the inspection of a unit in the drawing that stands."""
    return inspections_with_names().get(
        draw__cluster_year=world.year, draw__cancelled_at=None, unit=world.units[index]
    )


def team(world: World, index: int) -> list[int]:
    """Return the units that inspect a unit, as places in the world."""
    return [world.units.index(unit) for unit in team_of(inspection(world, index))]


def codes(world: World) -> list[str]:
    """Return the codes of the leaves of the table in use."""
    table = CriteriaTable.objects.get(cluster_year=world.year, status="IN_USE")
    leaves = table.criteria.filter(rule__isnull=False).order_by("order")
    return list(leaves.values_list("code", flat=True))


def write(world: World, index: int, *texts: str) -> Inspection:
    """Write texts beside the first criteria, day and summary, as the officer of the first unit."""
    row = inspection(world, index)
    found = zip(codes(world), texts or ("Thiếu sổ theo dõi", "Số liệu khớp hồ sơ"), strict=False)
    return workflow.write(
        inspection_id=row.pk, findings=[FindingInput(code, text) for code, text in found],
        head=HeadInput(date(YEAR, 10, 12), "Đơn vị chuẩn bị hồ sơ đầy đủ"),
        by=world.officers[team(world, index)[0]], now=WRITTEN,
    )  # fmt: skip


def submit(world: World, index: int) -> Inspection:
    """Submit as the head of the first unit of the team."""
    row = inspection(world, index)
    head = world.heads[team(world, index)[0]]
    return workflow.submit(inspection_id=row.pk, seen=row.revision, by=head, now=SUBMITTED)


def answer(world: World, index: int, reason: str = "Sổ có, để ở kho") -> Inspection:
    """Disagree with the first finding and agree with the others, as the head of the unit."""
    row = inspection(world, index)
    keys = list(row.findings.order_by("criterion__order").values_list("pk", flat=True))
    answers = {key: AnswerInput(agrees=place > 0, reason="" if place else reason)
               for place, key in enumerate(keys)}  # fmt: skip
    return workflow.answer(
        inspection_id=row.pk, seen=row.revision, answers=answers, text="Xin tiếp thu",
        by=world.heads[index], now=ANSWERED,
    )  # fmt: skip


#: The steps of an inspection, each leading to the state it is named for.
STEPS = (("WRITTEN", write), ("SUBMITTED", submit), ("ANSWERED", answer))


def walk(world: World, index: int, to: str) -> Inspection:
    """Walk the inspection of a unit to a step."""
    row = inspection(world, index)
    for name, step in STEPS:
        row = step(world, index)
        if name == to:
            break
    return row
