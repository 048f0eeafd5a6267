"""The year as a state machine: whatever anybody does in whatever order, product.md §5 holds.

Hypothesis drives the verbs of the second half of the year with any person, any object and figures
sound or absurd. A verb either refuses with a sentence or leaves one event of its own; after every
step the invariants are looked at in the database, not in the code that is tested.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from clusters.acting import Acting
from clusters.models import YearStatus
from clusters.tests.factories import World
from clusters.workflow import TRANSITIONS as YEAR
from core import audit
from core.models import AuditEvent
from core.policy import Refused
from pledges.models import (
    ProgressEntry,
    ProgressReport,
    Review,
    ReviewKind,
)
from pledges.queries.progress import cells_of, entry_mark
from pledges.tests import progress as walk
from pledges.tests import year
from pledges.workflow import progress as progress_flow
from pledges.workflow import review as review_flow
from pledges.workflow.progress import TRANSITIONS as PROGRESS
from pledges.workflow.progress import CellInput, Finding
from pledges.workflow.review import TRANSITIONS as REVIEW
from pledges.workflow.review import Opening
from scoring.models import (
    Publication,
    RunKind,
    RunResult,
    ScoreLine,
    ScoreSheet,
    ScoringRun,
)
from scoring.queries.run import recompute
from scoring.workflow import run as run_flow
from scoring.workflow import sheet as sheet_flow
from scoring.workflow.run import TRANSITIONS as PUBLICATION
from scoring.workflow.sheet import TRANSITIONS as SHEET
from scoring.workflow.sheet import LineInput, LineReturn

#: A few hundred steps with the other tests; `script/long_run` sets more.
EXAMPLES = int(os.environ.get("YEAR_MACHINE_EXAMPLES", "6"))
IS_LONG = "YEAR_MACHINE_EXAMPLES" in os.environ
STEPS = int(os.environ.get("YEAR_MACHINE_STEPS", "60"))
UNITS = 3
SIGNED = datetime(2026, 3, 4, 9, tzinfo=year.UTC)

#: Actions that came about in some example: a machine that never gets far proves little.
reached: set[tuple[str]] = set()
PROGRESS_VERBS = {
    "save": "officer", "submit": "head", "give_back": "judge", "accept": "judge",
    "correct": "officer",
}  # fmt: skip
REVIEW_VERBS = {"write": "officer", "submit": "head", "give_back": "judge", "accept": "judge"}
#: The verbs of a sheet and whose business each is.
SHEET_VERBS = {
    "claim": "officer", "submit": "head", "take_up": "judge", "appraise": "judge",
    "give_back": "judge", "finish_first": "judge", "explain": "officer",
    "finish_explaining": "head", "appraise_again": "organiser", "approve": "organiser",
    "reopen": "organiser", "settle": "organiser",
}  # fmt: skip
unit = st.integers(0, UNITS - 1)
value = st.sampled_from(["0", "12.5", "80", "99999999999999", "-3", "80.00001"])
figure = st.sampled_from(
    [
        {"points": "0"},
        {"points": "2.5"},
        {"points": "9999"},
        {"met": True},
        {"met": False},
        {"assigned": False},
        {},
        {"actual": "3"},
        {"count": "2"},
        {"target": "1", "points": "1"},
        {"level": "không có"},
        {"points": "mười"},
    ]
)
reason = st.sampled_from(["", "Thiếu minh chứng"])


class Year(RuleBasedStateMachine):
    """One cluster of three units from the signed pledge on."""

    #: Made once; every example runs in a transaction that is taken back.
    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now = SIGNED + timedelta(days=1)
        self.entries: dict[int, tuple[Any, ...]] = {}
        self.figures: dict[int, str] = {}
        self.final: dict[int, Any] = {}
        self.states = self._states()
        self.events = AuditEvent.objects.count()

    def teardown(self) -> None:
        """Look at the whole chain once, then take everything back."""
        try:
            assert audit.first_fault() is None
            for run in ScoringRun.objects.order_by("-number")[:2]:
                self._reproduces(run)
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    # Helpers -----------------------------------------------------------------------------------
    def person(self, data: st.DataObject) -> Acting:
        """Draw anybody: officers, heads, organiser, administrator, the organiser's head."""
        w = self.world
        everybody = [
            *w.officers, *w.heads, w.organiser_acting, w.organiser_head, w.administrator,
        ]  # fmt: skip
        return data.draw(st.sampled_from(everybody), label="person")

    def person_for(self, data: st.DataObject, role: str, index: int) -> Acting:
        """Draw the person whose business it is, and as often anybody."""
        if data.draw(st.booleans(), label="anybody"):
            return self.person(data)
        w = self.world
        return {
            "officer": w.officers[index],
            "head": w.heads[index],
            "judge": walk.judge_of(w, index),
            "organiser": w.organiser_acting,
        }[role]

    def attempt(self, act: Callable[[], Any], by: Acting, judged: int | None = None) -> None:
        """Run a verb: it refuses with a sentence, or leaves its event; never anything else.

        `judged` is the unit whose work is decided on: nobody decides on the own unit.
        """
        before = AuditEvent.objects.count()
        try:
            with transaction.atomic():
                act()
        except Refused as refused:
            said = str(refused)
        else:
            said = ""
            reached.update(AuditEvent.objects.filter(seq__gt=before).values_list("action"))
        if said or AuditEvent.objects.count() == before:
            assert AuditEvent.objects.count() == before, "a refusal left an event"
            assert said or judged is None, "a decision without an event"
            return
        if judged is not None:
            assert by.unit_id != self.world.units[judged].pk, "somebody judged the own unit"

    def sheets(self) -> list[ScoreSheet]:
        return list(ScoreSheet.objects.filter(cluster_year=self.world.year).order_by("unit"))

    def index_of(self, row: Any) -> int:
        return [u.pk for u in self.world.units].index(row.unit_id)

    # Time and the ordinary course ----------------------------------------------------------------
    @rule(days=st.integers(1, 3))
    def time_passes(self, days: int) -> None:
        """Let days pass, to the end of the calendar at most."""
        self.now = min(self.now + timedelta(days=days), year.FINAL + timedelta(days=2))

    @rule(index=unit, order=st.integers(1, 4), to=st.integers(1, 3))
    def a_unit_reports(self, index: int, order: int, to: int) -> None:
        """The officer enters, the head submits, the judge accepts; as far as it goes."""
        period = walk.period(self.world, order)
        pk = self.world.units[index].pk
        row = walk.targets(self.world)[0]
        cell = cells_of(self.world.year, [pk])[pk].get((row.key, period.pk))
        cells = [CellInput(row.pk, Decimal(80), seen=entry_mark(cell.current if cell else None))]
        officer, head = self.world.officers[index], self.world.heads[index]
        self.attempt(
            lambda: progress_flow.save(period_id=period.pk, cells=cells, by=officer, now=self.now),
            officer,
        )
        report = ProgressReport.objects.filter(unit=pk, period=period, part=1).first()
        if report is None or to == 1:
            return
        hand: dict[str, Any] = {"report_id": report.pk, "now": self.now}
        self.attempt(lambda: progress_flow.submit(seen=report.revision, by=head, **hand), head)
        if to == 3:
            report.refresh_from_db()
            judge = walk.judge_of(self.world, index)
            self.attempt(
                lambda: progress_flow.accept(seen=report.revision, by=judge, **hand),
                judge,
            )

    @rule(kind=st.sampled_from(ReviewKind))
    def the_lead_freezes(self, kind: ReviewKind) -> None:
        """The lead freezes the figures on the day the stage opens, or later when it still may."""
        by = self.world.lead_officer
        self.now = max(self.now, year.MIDYEAR if kind is ReviewKind.MIDYEAR else year.YEAREND)
        until = date(2026, 6, 14) if kind is ReviewKind.MIDYEAR else date(2026, 12, 14)
        opening = Opening(kind, until, due_on=max(until, self.now.date()))
        self.attempt(
            lambda: review_flow.open_reviews(
                cluster_year_id=self.world.year.pk, opening=opening, by=by, now=self.now
            ),
            by,
        )

    @precondition(lambda self: self.sheets())
    @rule(index=unit, steps=st.integers(1, len(year.STEPS)))
    def some_steps_of_a_sheet(self, index: int, steps: int) -> None:
        """Take the ordinary next steps of a unit's sheet."""
        self.a_sheet_goes_on(index, steps)

    def a_sheet_goes_on(self, index: int, steps: int) -> None:
        names = [name for name, _ in year.STEPS]
        done = {"SELF_SCORING": 0, "SUBMITTED": 2, "APPRAISING": 3, "RETURNED": 1, "EXPLAINING": 5,
                "SECOND_APPRAISAL": 6, "APPROVED": 8, "FINAL": 8}  # fmt: skip
        at = done[year.sheet(self.world, index).status]
        for _, step in list(zip(names, (s for _, s in year.STEPS), strict=True))[at : at + steps]:
            self.attempt(lambda step=step: step(self.world, index, self.now), self._nobody())  # type: ignore[misc]

    @precondition(lambda self: self.sheets())
    @rule()
    def every_sheet_is_approved(self) -> None:
        """Take every sheet to its approval; what somebody returned is submitted again."""
        for index in range(UNITS):
            self.a_sheet_goes_on(index, len(year.STEPS))

    @precondition(lambda self: self.sheets())
    @rule(kind=st.sampled_from([RunKind.FINAL, RunKind.FINAL, RunKind.CLAIMED, RunKind.FIRST]))
    def the_cluster_is_scored(self, kind: RunKind) -> None:
        """Make a run of any kind and publish it as far as it goes."""
        by = self.world.organiser_acting
        pk = self.world.year.pk
        self.attempt(
            lambda: run_flow.make_run(
                cluster_year_id=pk, kind=kind, reason="", by=by, now=self.now
            ),
            by,
        )
        run = ScoringRun.objects.filter(cluster_year=pk).order_by("-number").first()
        if run is None:
            return
        notes = run_flow.Notes(self.now.date())
        hand: dict[str, Any] = {"cluster_year_id": pk, "run_id": run.pk, "by": by}
        self.attempt(lambda: run_flow.publish_provisional(notes=notes, now=self.now, **hand), by)
        self.now += timedelta(days=1)
        self.attempt(lambda: run_flow.publish_final(typed="CÔNG BỐ 2026", now=self.now, **hand), by)

    # Anybody does anything -----------------------------------------------------------------------
    @rule(data=st.data(), index=unit, typed=value, why=reason)
    def somebody_touches_progress(
        self, data: st.DataObject, index: int, typed: str, why: str
    ) -> None:
        """Anybody enters, submits, returns, accepts or corrects any report."""
        reports = list(ProgressReport.objects.order_by("pk"))
        target = data.draw(st.sampled_from(walk.targets(self.world)))
        if not reports:
            return
        report = data.draw(st.sampled_from(reports))
        name = data.draw(st.sampled_from(sorted(PROGRESS_VERBS)), label="verb")
        by = self.person_for(data, PROGRESS_VERBS[name], self.index_of(report))
        if by.unit_id is None:
            return
        hand: dict[str, Any] = {"report_id": report.pk, "by": by, "now": self.now}
        number = Decimal(typed)
        verbs: dict[str, Callable[[], Any]] = {
            "save": lambda: progress_flow.save(
                period_id=report.period_id, cells=[CellInput(target.pk, number, reason=why)],
                by=by, now=self.now, part=report.part,
            ),
            "submit": lambda: progress_flow.submit(seen=report.revision, **hand),
            "give_back": lambda: progress_flow.give_back(
                seen=report.revision, reason=why, findings=[Finding(target.pk, why)], **hand
            ),
            "accept": lambda: progress_flow.accept(seen=report.revision, **hand),
            "correct": lambda: progress_flow.start_correction(**hand),
        }  # fmt: skip
        if name == "save" and (number < 0 or abs(number) >= 10**14):
            return  # refused by the form before it comes here
        judged = self.index_of(report) if name in ("give_back", "accept") else None
        self.attempt(verbs[name], by, judged)

    @rule(data=st.data(), why=reason)
    def somebody_touches_a_review(self, data: st.DataObject, why: str) -> None:
        """Anybody writes, submits, returns or accepts any review."""
        rows = list(Review.objects.order_by("pk"))
        if not rows:
            return
        row = data.draw(st.sampled_from(rows))
        name = data.draw(st.sampled_from(sorted(REVIEW_VERBS)), label="verb")
        role = REVIEW_VERBS[name]
        if row.unit_id is None and role == "judge":
            role = "organiser"
        by = self.person_for(data, role, self.index_of(row) if row.unit_id else 0)
        hand: dict[str, Any] = {"review_id": row.pk, "by": by, "now": self.now}
        verbs: dict[str, Callable[[], Any]] = {
            "write": lambda: year.write_review(self.world, row, by, self.now),
            "submit": lambda: review_flow.submit(seen=row.revision, **hand),
            "give_back": lambda: review_flow.give_back(seen=row.revision, reason=why, **hand),
            "accept": lambda: review_flow.accept(seen=row.revision, **hand),
        }
        judged = self.index_of(row) if row.unit_id and name in ("give_back", "accept") else None
        self.attempt(verbs[name], by, judged)

    @precondition(lambda self: self.sheets())
    @rule(data=st.data(), index=unit, asked=figure, why=reason)
    def somebody_touches_a_sheet(
        self, data: st.DataObject, index: int, asked: dict[str, Any], why: str
    ) -> None:
        """Anybody claims, appraises, returns, approves, reopens or settles any line."""
        row = year.sheet(self.world, index)
        name = data.draw(st.sampled_from(sorted(SHEET_VERBS)), label="verb")
        by = self.person_for(data, SHEET_VERBS[name], index)
        line = data.draw(st.sampled_from(year.lines(row)))
        hand: dict[str, Any] = {"sheet_id": row.pk, "by": by, "now": self.now}
        lines = [LineInput(line.pk, asked, why)]
        seen = row.revision
        verbs: dict[str, Callable[[], Any]] = {
            "claim": lambda: sheet_flow.claim(lines=lines, **hand),
            "submit": lambda: sheet_flow.submit(seen=seen, **hand),
            "take_up": lambda: sheet_flow.take_up(**hand),
            "appraise": lambda: sheet_flow.appraise(lines=lines, **hand),
            "give_back": lambda: sheet_flow.give_back(
                seen=seen, reason=why, lines=[LineReturn(line.pk, why)], **hand
            ),
            "finish_first": lambda: sheet_flow.finish_first(seen=seen, **hand),
            "explain": lambda: sheet_flow.explain(line_id=line.pk, text=why, seen="", **hand),
            "finish_explaining": lambda: sheet_flow.finish_explaining(reason=why, **hand),
            "appraise_again": lambda: sheet_flow.appraise_again(lines=lines, **hand),
            "approve": lambda: sheet_flow.approve(seen=seen, **hand),
            "reopen": lambda: sheet_flow.reopen(reason=why, **hand),
            "settle": lambda: sheet_flow.settle(line=lines[0], **hand),
        }
        self.attempt(verbs[name], by, None if SHEET_VERBS[name] in ("officer", "head") else index)

    @rule(data=st.data(), index=unit, why=reason)
    def somebody_vetoes(self, data: st.DataObject, index: int, why: str) -> None:
        """Anybody raises or lifts a veto."""
        by = self.person(data)
        standing = self.world.year.vetoes.standing().first()
        if standing is not None and data.draw(st.booleans()):
            act: Callable[[], Any] = lambda: sheet_flow.lift_veto(  # noqa: E731
                veto_id=standing.pk, reason=why, by=by, now=self.now
            )
        else:
            act = lambda: sheet_flow.raise_veto(  # noqa: E731
                cluster_year_id=self.world.year.pk, unit_id=self.world.units[index].pk,
                reason=why, by=by, now=self.now,
            )  # fmt: skip
        self.attempt(act, by)

    # What must always hold ---------------------------------------------------------------------
    @invariant()
    def every_change_of_state_is_in_the_tables(self) -> None:
        now = self._states()
        tables: dict[str, Any] = {
            "year": YEAR, "report": PROGRESS, "review": REVIEW, "sheet": SHEET,
            "publication": PUBLICATION,
        }  # fmt: skip
        for (kind, pk), state in now.items():
            old = self.states.get((kind, pk))
            if old is not None and old != state:
                assert _reaches(tables[kind], old, state), f"{kind}: {old} → {state}"
        assert set(self.states) <= set(now), "a row of a workflow vanished"
        self.states = now

    @invariant()
    def what_was_submitted_stays(self) -> None:
        rows = ProgressEntry.objects.filter(submitted_at__isnull=False)
        now = {e.pk: (e.target_id, e.value, e.text, e.submitted_at) for e in rows}
        assert self.entries.items() <= now.items()
        self.entries = now

    @invariant()
    def what_was_frozen_stays(self) -> None:
        now = dict(Review.objects.values_list("pk", "figures_hash"))
        assert self.figures.items() <= now.items()
        self.figures = now
        if YearStatus(self._year_state()) is YearStatus.PUBLISHED:
            final = dict(ScoreLine.objects.values_list("pk", "final"))
            assert not self.final or self.final == final
            self.final = final

    @invariant()
    def nobody_types_a_target(self) -> None:
        lines = ScoreLine.objects.filter(claimed__isnull=False)
        for line in lines.only("claimed", "first", "second"):
            for said in (line.claimed, line.first, line.second):
                assert not {"target", "baseline"} & set(said or {}), said

    @invariant()
    def final_figures_exist_only_where_somebody_approved(self) -> None:
        early = ScoreLine.objects.exclude(sheet__status__in=["APPROVED", "FINAL"])
        assert not early.filter(final__isnull=False).exists()

    @invariant()
    def ranks_are_competition_ranks(self) -> None:
        run = ScoringRun.objects.order_by("-pk").first()
        if run is None:
            return
        rows = list(RunResult.objects.filter(run=run).order_by("order"))
        ranks = [r.rank for r in rows if r.rank is not None]
        assert ranks == sorted(ranks)
        for rank in ranks:
            assert rank == 1 + sum(other < rank for other in ranks)
        assert all(r.rank is None for r in rows if r.vetoes)

    @invariant()
    def one_final_result_at_most(self) -> None:
        assert Publication.objects.filter(status="FINAL").count() <= 1

    # ---------------------------------------------------------------------------------------------
    def _nobody(self) -> Acting:
        return self.world.administrator

    def _year_state(self) -> str:
        self.world.year.refresh_from_db()
        return self.world.year.status

    def _states(self) -> dict[tuple[str, int], str]:
        found: dict[tuple[str, int], str] = {("year", 0): self._year_state()}
        for kind, model in (
            ("report", ProgressReport), ("review", Review), ("sheet", ScoreSheet),
            ("publication", Publication),
        ):  # fmt: skip
            for pk, state in model.objects.values_list("pk", "status"):
                found[kind, pk] = state
        return found

    @staticmethod
    def _reproduces(run: ScoringRun) -> None:
        again = recompute(run)
        stored = {r.unit.code: (r.total, r.rank) for r in run.results.select_related("unit")}
        assert {u.code: (u.total, u.rank) for u in again.units} == stored


def _reaches(table: dict[Any, frozenset[Any]], old: str, new: str) -> bool:
    """Whether a table leads from one state to another in some steps: a rule may take several."""
    seen, ahead = {old}, [old]
    while ahead:
        for state in table[ahead.pop()]:
            if str(state) not in seen:
                seen.add(str(state))
                ahead.append(str(state))
    return new in seen


@pytest.mark.slow
def test_whatever_happens_in_a_year_its_invariants_hold(db, settings_without_effects):
    Year.world = walk.running_world()
    run_state_machine_as_test(
        Year,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            # The same walk every time with the other tests, another one in every long run.
            derandomize=not IS_LONG,
            suppress_health_check=list(HealthCheck),
        ),
    )

    print(f"Đã đi tới: {', '.join(sorted(action for (action,) in reached))}")  # noqa: T201
    assert ("pledges.progress_submitted",) in reached, "the machine never got anywhere"


@pytest.fixture
def settings_without_effects(settings):
    """Papers and notices are tried elsewhere; here they would only cost time."""
    settings.EFFECTS = {}
