"""An accepted review becomes a report on paper: of the unit, or the cluster's own."""

from collections.abc import Iterable
from typing import Any

from clusters.calendar import local_date
from clusters.models import ClusterYear, Unit
from clusters.queries import lead_of, members_of
from core.models import AuditEvent
from core.text import format_date
from pledges.figures import LABELS, Judgement
from pledges.models import Exemplar, PaperKind, PledgeVersion, Review, ReviewKind, UnmetTarget
from pledges.queries.progress import signed_version
from reports.effects.issuing import Paper, issue, number_for, signer_of, superior_of
from reports.models import DocumentKind

Content = dict[str, Any]
#: Series of reports in the register of numbers.
SYMBOL = "BC"


def issue_review(event: AuditEvent) -> None:
    """Issue the report that was accepted."""
    reviews = Review.objects.select_related(
        "cluster_year__cluster__organiser", "cluster_year__cycle", "unit__parent", "submitted_by"
    )
    review = reviews.get(pk=event.object_id)
    kind = DocumentKind.CLUSTER_REVIEW if review.unit is None else DocumentKind.REVIEW
    subject = f"review/{review.pk}"
    data = _data(review, subject, event)
    issue(Paper(kind, subject, review.cluster_year, data, review.unit), event)


def _data(review: Review, subject: str, event: AuditEvent) -> Content:
    year = review.cluster_year
    version = signed_version(year)
    exemplars = Exemplar.objects.filter(cluster_year=year, withdrawn_at=None)
    if review.unit is not None:
        exemplars = exemplars.filter(unit=review.unit)
        reviews = [review]
    else:
        reviews = _reviews_below(review)
    return {
        "kind": review.kind,
        "head": _head(review, version, subject, event),
        "name_in_text": f"báo cáo {review.get_kind_display().lower()} {year.cycle}",
        "reported_to": year.cluster.name if review.unit else year.cluster.organiser.name,
        "issuer_name": review.unit.name if review.unit else year.cluster.name,
        "pledge": _pledge(version),
        "figures_until": review.figures_until.isoformat(),
        "figures_hash": review.figures_hash,
        "units": [_unit(one.unit) for one in reviews if one.unit],
        "sections": [_section(heading, review.sections) for heading in review.outline],
        "targets": _targets(reviews),
        "unmet": [_unmet(row) for row in _unmet_rows(reviews)],
        "exemplars": [
            _exemplar(row) for row in exemplars.select_related("unit").order_by("kind", "pk")
        ],
    }


def _reviews_below(review: Review) -> list[Review]:
    """Return the reviews of the units that the cluster's report is assembled from, in order."""
    found = Review.objects.filter(
        cluster_year=review.cluster_year, kind=review.kind, unit__isnull=False
    ).select_related("unit")
    by_code = {one.unit.code: one for one in found if one.unit}
    return [by_code[row["code"]] for row in review.figures["units"] if row["code"] in by_code]


def _head(
    review: Review, version: PledgeVersion | None, subject: str, event: AuditEvent
) -> Content:
    year, unit = review.cluster_year, review.unit
    kind = ReviewKind(review.kind).label
    whose = unit.name if unit else year.cluster.name
    until = format_date(review.figures_until)
    return {
        "title": f"Báo cáo {kind.lower()} {year.cycle} của {whose}",
        "subject": f"{kind} phong trào thi đua {year.cycle} (số liệu đến hết ngày {until})",
        "superior": superior_of(unit) if unit else year.cluster.organiser.name,
        "issuer": whose,
        "number": review.number or number_for(subject, year, SYMBOL),
        # Where a unit sits is not kept; the cluster's papers name the place of its pledge.
        "place": "" if unit or version is None else version.signed_content["content"]["place"],
        "dated": local_date(review.submitted_at or event.at).isoformat(),
        "recipients": _recipients(year, unit),
        "signer": _signer(review, event),
    }


def _recipients(year: ClusterYear, unit: Unit | None) -> list[str]:
    organiser = f"{year.cluster.organiser.name} (để báo cáo)"
    if unit is None:
        return [organiser, f"Các đơn vị thành viên {year.cluster.noun.lower()}"]
    return [f"{year.cluster.lead_title} {year.cluster.name}", organiser]


def _signer(review: Review, event: AuditEvent) -> Content:
    """Copy who submitted the report: the head of the unit, for the cluster's own that of the lead.

    A report that nobody submitted does not come here.
    """
    year, unit = review.cluster_year, review.unit
    place = ""
    if unit is None:
        lead = lead_of(members_of(year))
        unit, place = (lead.unit if lead else year.cluster.organiser), year.cluster.lead_title
    if review.submitted_by is None:
        message = f"Review {review.pk} was accepted without having been submitted."
        raise RuntimeError(message)
    at = review.submitted_at or event.at
    return signer_of(review.submitted_by, unit, at, act="Đã xác nhận", place=place)


def _pledge(version: PledgeVersion | None) -> Content:
    """Name the signed pledge; a review is opened only under one."""
    if version is None:
        return {"title": "Giao ước thi đua", "number": "", "dated": ""}
    frozen = version.signed_content
    return {
        "title": frozen["content"]["title"],
        "number": frozen["numbers"].get(PaperKind.PLEDGE, ""),
        "dated": frozen["dated"],
    }


def _unit(unit: Unit) -> Content:
    return {"code": unit.code, "name": unit.name, "short_name": unit.short_name}


def _section(heading: Content, written: Content) -> Content:
    return {
        "heading": heading["heading"],
        "depth": heading["code"].count("."),
        "is_written": heading["is_written"],
        "text": written.get(heading["key"], ""),
    }


def _targets(reviews: Iterable[Review]) -> list[Content]:
    """Return the targets with what each unit reached, from the figures frozen with the reviews."""
    found: dict[str, Content] = {}
    for review in reviews:
        if review.unit is None:
            continue
        for row in review.figures["targets"]:
            target = found.setdefault(row["key"], {**_target(row), "cells": {}})
            target["cells"][review.unit.code] = _cell(row)
    return list(found.values())


def _target(row: Content) -> Content:
    names = ("key", "area", "kind", "text", "unit_of_measure", "direction", "is_change")
    return {name: row[name] for name in names}


def _cell(row: Content) -> Content:
    return {
        "level": {"assigned": row["assigned"], "value": row["level"]},
        "limit": row["limit"] if row["is_change"] else None,
        "result": row["actual"],
        "text": row["words"],
        "share": row["share"],
        "judgement": row["judgement"],
        "label": LABELS[Judgement(row["judgement"])],
    }


def _unmet_rows(reviews: Iterable[Review]) -> Iterable[UnmetTarget]:
    rows = UnmetTarget.objects.filter(review__in=list(reviews))
    return rows.select_related("review__unit", "target").order_by("review", "target__order", "pk")


def _unmet(row: UnmetTarget) -> Content:
    return {
        "unit": row.review.unit.code if row.review.unit else "",
        "key": row.target.key,
        "cause": row.cause,
        "measure": row.measure,
        "responsible": row.responsible,
        "due_on": row.due_on.isoformat() if row.due_on else None,
    }


def _exemplar(row: Exemplar) -> Content:
    return {
        "kind_label": row.get_kind_display(),
        "name": row.name,
        "unit": row.unit.short_name,
        "description": row.description,
        "since": row.since,
        "spread_to": row.spread_to,
        "standing_label": row.get_standing_display(),
    }
