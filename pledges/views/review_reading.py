"""What the page of a report prints: for reading, for writing, and what is proposed to the lead."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.forms import BoundField

from clusters.policies import may_judge
from clusters.queries import members_of
from core.text import format_date
from pledges.forms.review import UNMET_NAMES, ReportForm
from pledges.models import UnmetTarget
from pledges.policies import review as policies
from pledges.queries.review_board import (
    accepted_reviews,
    exemplars_of,
    reviews_seen,
    unmet_of,
)
from pledges.views import review_parts as parts
from pledges.views.review_desk import ReviewDesk, report_context


@dataclass(frozen=True, slots=True)
class Passage:
    """A heading one writes under: the stored text, and while it is written its fields."""

    place: int
    heading: str
    text: str
    #: Whether the part has the same heading, which is then not said twice.
    is_whole_part: bool
    field: BoundField | None = None
    mark: BoundField | None = None
    #: What somebody else stored meanwhile; None without conflict.
    stored: str | None = None
    proposal: str = ""

    @property
    def is_written(self) -> bool:
        """Whether anything stands there."""
        return bool(self.text.strip())


@dataclass(slots=True)
class Part:
    """A main part of the outline with the passages in it."""

    place: int
    heading: str
    passages: list[Passage] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Answer:
    """An unmet target with the fields of its answers."""

    row: parts.UnmetRow
    fields: list[BoundField]
    mark: BoundField
    #: (label, what somebody else stored) where it differs.
    stored: list[tuple[str, str]]


def parts_of(desk: ReviewDesk, form: ReportForm | None = None) -> list[Part]:
    """Return the outline by main parts, with the fields of a form where one is given."""
    outline, texts = desk.review.outline, desk.review.sections
    disputed = form.disputed() if form else {}
    offers = proposals_for(desk) if form and desk.is_cluster else {}
    found: list[Part] = []
    for place, row in enumerate(outline):
        top = row["code"].split(".")[0]
        belongs = bool(found and row["code"] and top == outline[found[-1].place]["code"])
        if not belongs:
            found.append(Part(place, row["heading"]))
        if row["is_written"]:
            name, mark = f"s{place}", f"m{place}"
            if form and not belongs:
                form[name].label = "Nội dung"  # the panel says the heading already
            found[-1].passages.append(
                Passage(
                    place=place,
                    heading=row["heading"],
                    text=texts.get(row["key"], ""),
                    is_whole_part=not belongs,
                    field=form[name] if form else None,
                    mark=form[mark] if form else None,
                    stored=disputed.get(name),
                    proposal=offers.get(row["key"], ""),
                )
            )
    return found


def proposals_for(desk: ReviewDesk) -> dict[str, str]:
    """Return key of a heading → text put together from the accepted reports of the units."""
    if not desk.is_cluster:
        return {}
    return parts.proposals(desk.review.outline, material_for(desk))


def material_for(desk: ReviewDesk) -> parts.Material:
    """Gather what the cluster's report stands on, once for a page."""
    if desk.material is not None:
        return desk.material
    acting = desk.request.acting
    members = members_of(desk.year)
    order = {member.unit_id: place for place, member in enumerate(members)}
    accepted = sorted(
        accepted_reviews(desk.review, acting), key=lambda row: order.get(row.unit_id or 0, 0)
    )
    unmet: dict[int, list[UnmetTarget]] = {}
    for row in unmet_of(accepted):
        unmet.setdefault(row.review_id, []).append(row)
    desk.material = parts.Material(
        members=members,
        filing=parts.filing_of(members, reviews_seen(desk.year, desk.kind, acting)),
        accepted=accepted,
        unmet={r.pk: parts.unmet_rows(r, unmet.get(r.pk, [])) for r in accepted},
        exemplars=exemplars_of(desk.year, acting),
    )
    return desk.material


def _figures_of(desk: ReviewDesk) -> dict[str, Any]:
    """Return the frozen figures: of the unit, or of all units beside one another."""
    review, acting = desk.review, desk.request.acting
    if not desk.is_cluster:
        return {
            "groups": parts.groups_of(review.figures),
            "counts": parts.counted([review.figures]),
            "milestone": parts.milestone_words(review.figures["share"]),
            "exemplars": exemplars_of(desk.year, acting, unit_id=review.unit_id),
        }
    material = material_for(desk)
    waiting = [m for m in material.members if m.unit_id not in _units(material.accepted)]
    return {
        "filing": material.filing,
        "members": material.members,
        "cross": parts.cross_of(material.members, material.accepted),
        "counts": parts.counted([row.figures for row in material.accepted]),
        "milestone": parts.milestone_words(review.figures["share"]),
        "waiting_names": parts.names_of(waiting),
        "unmet_by_unit": [
            (row.unit, material.unmet[row.pk])
            for row in material.accepted
            if material.unmet[row.pk]
        ],
        "exemplars": material.exemplars,
    }


def _units(reviews: Iterable[Any]) -> set[int | None]:
    return {review.unit_id for review in reviews}


def reading_of(desk: ReviewDesk) -> dict[str, Any]:
    """Return what the reading view of a report prints."""
    unmet = parts.unmet_rows(desk.review, unmet_of([desk.review])) if not desk.is_cluster else []
    return report_context(
        desk,
        parts=parts_of(desk),
        unmet=unmet,
        may_decide=desk.may(policies.may_decide),
        may_judge=may_judge(desk.standing.bench),
        may_write=desk.may(policies.may_write),
        **_figures_of(desk),
    )


def writing_of(desk: ReviewDesk, form: ReportForm, unmet: list[UnmetTarget]) -> dict[str, Any]:
    """Return what the form of a report prints."""
    return report_context(
        desk,
        form=form,
        parts=parts_of(desk, form),
        answers=[] if desk.is_cluster else _answers(desk, form, unmet),
        may_hand_over=desk.may(policies.may_hand_over),
        may_write=desk.may(policies.may_write),
        **_figures_of(desk),
    )


def _answers(desk: ReviewDesk, form: ReportForm, unmet: list[UnmetTarget]) -> list[Answer]:
    disputed = form.disputed()
    found = []
    for row in parts.unmet_rows(desk.review, unmet):
        names = [f"{letter}{row.pk}" for letter in UNMET_NAMES.values()]
        stored = [
            (str(form[name].label), stored_words(disputed[name]))
            for name in names
            if name in disputed and disputed[name] != _typed(form, name)
        ]
        found.append(Answer(row, [form[name] for name in names], form[f"u{row.pk}"], stored))
    return found


def _typed(form: ReportForm, name: str) -> str:
    return str(form.cleaned_data.get(name) or "")


def stored_words(text: str) -> str:
    """Write a stored value as people do; a day is kept as 2026-07-01."""
    try:
        return format_date(date.fromisoformat(text))
    except ValueError:
        return text or "để trống"
