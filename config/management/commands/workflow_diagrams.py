"""Write the state diagrams of every workflow to docs/workflows.md, from the tables that rule."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import TextChoices

from clusters import workflow as year
from clusters.models import YearStatus
from pledges.models import PledgeStatus, ProgressStatus, ReviewStatus, SignatoryStatus
from pledges.workflow import pledge, progress, review
from scoring.models import (
    BallotStatus,
    InspectionStatus,
    ObjectionStatus,
    PublicationStatus,
    SheetStatus,
)
from scoring.workflow import ballot, inspection, objection, run, sheet

DOCUMENT = Path("docs") / "workflows.md"
#: The owner of a state in which nothing is waited for: the end.
NOBODY = "Không ai"
HEAD = """# Workflows

Written by `manage.py workflow_diagrams` from the tables of transitions in the code; do not edit.
`manage.py workflow_diagrams --check` fails when this file says something else than the code.
"""


@dataclass(frozen=True, slots=True)
class Workflow:
    """One table of transitions and what a reader wants to know beside it."""

    title: str
    source: str
    states: type[TextChoices]
    transitions: Mapping[Any, frozenset[Any]]
    owners: Mapping[Any, str]


WORKFLOWS = (
    Workflow(
        "Cluster year (năm thi đua của cụm, khối)", "clusters/workflow.py", YearStatus,
        year.TRANSITIONS, year.OWNERS,
    ),
    Workflow(
        "Pledge (giao ước thi đua)", "pledges/workflow/pledge.py", PledgeStatus,
        pledge.TRANSITIONS, pledge.OWNERS,
    ),
    Workflow(
        "Signatory (bên ký)", "pledges/workflow/pledge.py", SignatoryStatus,
        pledge.SIGNATORY_TRANSITIONS, pledge.SIGNATORY_OWNERS,
    ),
    Workflow(
        "Progress report (phiếu tiến độ)", "pledges/workflow/progress.py", ProgressStatus,
        progress.TRANSITIONS, progress.OWNERS,
    ),
    Workflow(
        "Review (báo cáo sơ kết, tổng kết)", "pledges/workflow/review.py", ReviewStatus,
        review.TRANSITIONS, review.OWNERS,
    ),
    Workflow(
        "Score sheet (phiếu chấm điểm)", "scoring/workflow/sheet.py", SheetStatus,
        sheet.TRANSITIONS, sheet.OWNERS,
    ),
    Workflow(
        "Cross-inspection (kiểm tra chéo)", "scoring/workflow/inspection.py", InspectionStatus,
        inspection.TRANSITIONS, inspection.OWNERS,
    ),
    Workflow(
        "Publication (công bố kết quả)", "scoring/workflow/run.py", PublicationStatus,
        run.TRANSITIONS, run.OWNERS,
    ),
    Workflow(
        "Ballot (bỏ phiếu)", "scoring/workflow/ballot.py", BallotStatus,
        ballot.TRANSITIONS, ballot.OWNERS,
    ),
    Workflow(
        "Objection (kiến nghị)", "scoring/workflow/objection.py", ObjectionStatus,
        objection.TRANSITIONS, objection.OWNERS,
    ),
)  # fmt: skip


class Command(BaseCommand):
    """`manage.py workflow_diagrams [--check]`."""

    help = "Ghi sơ đồ trạng thái vào docs/workflows.md; --check chỉ so, khác thì báo lỗi."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --check."""
        parser.add_argument("--check", action="store_true", help="chỉ so với tệp đang có")

    def handle(self, *_args: object, **options: Any) -> None:
        """Write the document, or hold it against the code."""
        path, wanted = Path(settings.BASE_DIR) / DOCUMENT, document()
        if not options["check"]:
            path.write_text(wanted, encoding="utf-8")
            self.stdout.write(f"Đã ghi {DOCUMENT}.")
            return
        if not path.exists() or path.read_text(encoding="utf-8") != wanted:
            raise CommandError(
                f"{DOCUMENT} không khớp mã nguồn: chạy manage.py workflow_diagrams rồi lưu lại.",
                returncode=1,
            )
        self.stdout.write(f"{DOCUMENT} khớp mã nguồn.")


def document() -> str:
    """Return the whole document."""
    return "\n".join([HEAD, *("\n".join(_section(flow)) for flow in WORKFLOWS)])


def _section(flow: Workflow) -> Iterator[str]:
    """Write one workflow: diagram, then who is waited for in each state."""
    used = reachable(flow)
    yield f"## {flow.title}\n\nFrom `{flow.source}`.\n\n```mermaid\nstateDiagram-v2"
    yield from (f'    state "{s.label}" as {s.value}' for s in flow.states if s in used)
    yield f"    [*] --> {next(iter(flow.states)).value}"
    for state in flow.states:
        yield from (
            f"    {state.value} --> {to.value}" for to in flow.states if to in _to(flow, state)
        )
        if state in used and not _to(flow, state) and flow.owners.get(state, NOBODY) == NOBODY:
            yield f"    {state.value} --> [*]"
    yield "```\n"
    if flow.owners:
        yield "| State | Label | Waiting for |\n|---|---|---|"
        yield from (f"| {s.value} | {s.label} | {flow.owners[s]} |" for s in flow.states)
        yield ""
    if later := [s for s in flow.states if s not in used]:
        yield f"Declared, not reached yet: {', '.join(s.value for s in later)}.\n"


def reachable(flow: Workflow) -> set[TextChoices]:
    """Return the states that the transitions lead to from the first one."""
    first = next(iter(flow.states))
    found, open_ends = {first}, [first]
    while open_ends:
        fresh = _to(flow, open_ends.pop()) - found
        found |= fresh
        open_ends += fresh
    return found


def _to(flow: Workflow, state: TextChoices) -> frozenset[TextChoices]:
    return flow.transitions[state]
