"""What the rule of openness asks of a year, and the same rule for whole lists of rows."""

from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q

from clusters.acting import Acting
from clusters.models import ClusterYear, MemberRole, Membership, Openness, Role
from scoring.models import Objection, ObjectionQuerySet, Publication, PublicationStatus
from scoring.policies.openness import Publicity, Reading, is_open


def reading_of(year: ClusterYear) -> Reading:
    """Return how far the points of a year are open; one statement."""
    statuses = set(Publication.objects.filter(cluster_year=year).values_list("status", flat=True))
    return Reading(year.openness, _publicity(statuses))


def _publicity(statuses: set[str]) -> Publicity:
    if not statuses:
        return Publicity.NONE
    return Publicity.PROVISIONAL if statuses == {"PROVISIONAL"} else Publicity.FINAL


def years_with_open_points(acting: Acting) -> Q:
    """Return which cluster years let this person read the points of every unit.

    The rule itself is asked for each case, so that a list of papers never opens what a page hides.
    """
    published = Publication.objects.filter(cluster_year=OuterRef("pk"))
    was_final = published.exclude(status=PublicationStatus.PROVISIONAL)
    publicity = {
        Publicity.NONE: ~Q(Exists(published)),
        Publicity.PROVISIONAL: Q(Exists(published)) & ~Q(Exists(was_final)),
        Publicity.FINAL: Q(Exists(was_final)),
    }
    cases = [
        Q(openness=openness) & how
        for openness in Openness
        for far, how in publicity.items()
        if is_open(Reading(openness, far))
    ]
    return reduce(or_, cases, _reads_all(acting))


def objections_known_to(acting: Acting) -> ObjectionQuerySet:
    """Return the objections of which this person may know that there are any.

    Those one reads, and what was sent where the points of every unit are open to this person.
    """
    readable = Objection.objects.visible_to(acting).values("pk")
    years = ClusterYear.objects.visible_to(acting).filter(years_with_open_points(acting))
    told = Q(number__gt=0, cluster_year__in=years.values("pk"))
    return Objection.objects.filter(Q(pk__in=readable) | told)


def _reads_all(acting: Acting) -> Q:
    """Return the years in which `policies.run.may_read_all_points` says so."""
    if acting.is_organiser:
        return Q(cluster__organiser=acting.unit_id)
    leads = Membership.objects.filter(
        cluster_year=OuterRef("pk"), unit=acting.unit_id, role=MemberRole.LEAD
    )
    works = acting.role in (Role.OFFICER, Role.HEAD)
    return Q(Exists(leads)) if works else Q(pk__in=[])
