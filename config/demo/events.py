"""The events of the past, each walked on its dates through the real workflow."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from clusters import operations as clusters_operations
from config.demo import replay, year
from config.demo.replay import Replay, at

#: At mid-year 2020 rates of a year's plan were held to half of it; the festival of the whole
#: people (CT25) is in November.
MIDYEAR_2020 = year.Midyear(
    until=date(2020, 6, 14),
    due_on=date(2020, 6, 25),
    now=at(date(2020, 6, 21), "08:00"),
    planned=frozenset({"CT14", "CT23", "CT29", "CT31", "CT32"}),
    not_due=frozenset({"CT25"}),
)
#: At mid-year 2022 sums and the rates of a year's plan were held to half of it.
MIDYEAR_2022 = year.Midyear(
    until=date(2022, 6, 14),
    due_on=date(2022, 7, 15),
    now=at(date(2022, 7, 1), "08:00"),
    planned=frozenset({"CT12", "CT17", "CT20", "CT21"}),
)


def _signed(event: Replay) -> year.Following:
    """Agreed at once and signed at the ceremony."""
    replay.circulate(event, at(event.day("DRAFTING") + timedelta(days=4), "09:00"))
    replay.agree_and_sign(event, at(event.day("SIGNING") - timedelta(days=2), "09:00"))
    return year.after_signing(event)


def ha_noi_2017(event: Replay) -> None:
    """Thirteen units sign; the source tells nothing of reports, so none are asked for."""
    following = _signed(event)
    clusters_operations.set_periods(
        cluster_year_id=following.year.pk, periods=[], by=following.organiser,
        reason="Nguồn không nêu kỳ báo cáo tiến độ", now=at(event.day("RUNNING"), "09:00"),
    )  # fmt: skip


def five_cities_2024(event: Replay) -> None:
    """77 targets of five cities, reported by quarters; the sources end before the year's result."""
    following = _signed(event)
    year.report_progress(following)
    replay.forget_notices(at(date(2024, 12, 31), "17:00"), event.year)


def agencies_2016(event: Replay) -> None:
    """Nine agencies, companies and schools: one signs for its head, one signs four days later."""
    following = _signed(event)
    year.report_progress(following, until="2016-Q3")
    year.register_exemplars(following, at(date(2016, 11, 15), "09:00"))
    # The last quarter, the freezing and the self-scores were all due on 21 December.
    year.report_progress(following, after="2016-Q3", decided_after=timedelta(hours=1))
    last = date(2016, 12, 21)
    year.open_yearend(following, date(2016, 12, 14), last, at(last, "16:30"))
    year.score_themselves(
        following, year.figures_of("002-co-quan-doanh-nghiep-nha-truong-2016.self"), "16:45"
    )
    decided = year.figures_of("002-co-quan-doanh-nghiep-nha-truong-2016.final")
    year.appraise(following, decided, at(date(2016, 12, 22), "08:00"))
    provisional, final = at(date(2016, 12, 27), "09:00"), at(date(2016, 12, 30), "09:00")
    year.publish(following, provisional, objections_until=date(2016, 12, 29), reason="")
    year.publish(following, final, objections_until=None, reason="Hết thời hạn, không có kiến nghị")
    replay.forget_notices(at(date(2017, 1, 30), "17:00"), event.year)


def quang_binh_2020(event: Replay) -> None:
    """Three papers adopted together; discussed, answered, agreed and signed on 4 March 2020."""
    replay.circulate(event, at(event.day("DRAFTING") + timedelta(days=6), "09:00"))
    replay.discuss(event)
    replay.answer(event, at(event.day("DRAFTING") + timedelta(days=18), "09:00"))
    replay.circulate(event, at(event.day("DRAFTING") + timedelta(days=20), "09:00"))
    replay.agree_and_sign(event, at(event.day("SIGNING"), "08:00"))
    _year_of_2020(year.after_signing(event))


def _year_of_2020(event: year.Following) -> None:
    """The whole year: twelve months, mid-year, score, objections, the published result."""
    year.report_progress(event, until="2020-06")
    year.open_midyear(event, MIDYEAR_2020)
    year.hold_midyear(event)
    year.register_exemplars(event, at(date(2020, 7, 6), "09:00"))
    year.report_progress(event, after="2020-06")
    # The last month is accepted on the 17th, the eve of the day on which sheets are due.
    year.open_yearend(
        event, date(2020, 12, 14), date(2020, 12, 18), at(date(2020, 12, 18), "07:30")
    )
    year.score_themselves(event, year.figures_of("003-quang-binh-2020.self"))
    decided = year.figures_of("003-quang-binh-2020.provisional")
    year.appraise(event, decided, at(date(2020, 12, 20), "08:00"))
    year.raise_vetoes(event)
    year.publish(
        event, at(date(2020, 12, 24), "09:00"), objections_until=date(2020, 12, 28), reason=""
    )
    year.object_and_decide(event)
    year.lift_vetoes(event)
    year.publish(
        event, at(date(2020, 12, 30), "09:00"), objections_until=None,
        reason="Sau khi giải quyết kiến nghị số 1, số 2",
    )  # fmt: skip
    replay.forget_notices(at(date(2021, 1, 29), "17:00"), event.year)


def five_cities_2022(event: Replay) -> None:
    """Six months of progress and the mid-year conference of 29 July; the sources end there."""
    following = _signed(event)
    year.report_progress(following)
    year.open_midyear(following, MIDYEAR_2022)
    year.hold_midyear(following)
    year.register_exemplars(following, at(date(2022, 8, 1), "09:00"))
    replay.forget_notices(at(date(2022, 8, 31), "17:00"), event.year)


@dataclass(frozen=True, slots=True)
class Event:
    """A file of the data, the cluster it happened in, and how it is walked."""

    file: str
    cluster: str
    walk: Callable[[Replay], None]


#: In the order in which they happened.
EVENTS = (
    Event("002-co-quan-doanh-nghiep-nha-truong-2016.json", "hn138/units/2016/K2", agencies_2016),
    Event("000-ha-noi-2017.json", "cahn/city/2017/1", ha_noi_2017),
    Event("003-quang-binh-2020.json", "caqb/district/2020/K1", quang_binh_2020),
    Event("004-cum-1-2022.json", "bca/provincial/2022/1", five_cities_2022),
    Event("001-cum-1-2024.json", "bca/provincial/2024/1", five_cities_2024),
)
