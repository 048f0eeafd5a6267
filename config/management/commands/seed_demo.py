"""Load the demonstration data by walking the real workflow on the dates of the events."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from clusters import operations
from clusters.calendar import local_date
from clusters.models import Cluster, ClusterYear, Role
from config.demo import living, replay, year
from config.demo.registry import BY, Post, Registry, load, posts_of_unit, read, staff
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


class Command(BaseCommand):
    """Replay seeds 000, 001 and 003 and open the living cluster; a second run adds nothing."""

    help = "Nạp dữ liệu minh họa (không ghi gì nếu đã có)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load what is missing, each event in one transaction."""
        if settings.IS_PRODUCTION:
            message = (
                "Không nạp: đây là bản chạy thật, mà mật khẩu của dữ liệu minh họa ai cũng biết. "
                "Chạy thử trên máy riêng bằng script/server."
            )
            raise CommandError(message)
        now = timezone.now()
        with transaction.atomic():
            registry = load(at(date(2017, 1, 2), "08:00"))
            self._staff(registry)
        clusters = {row["key"]: row for row in read("clusters.json")["cluster_years"]}
        events = [
            ("000-ha-noi-2017.json", "cahn/city/2017/1", self._hanoi),
            ("003-quang-binh-2020.json", "caqb/district/2020/K1", self._quang_binh),
            ("001-cum-1-2024.json", "bca/provincial/2024/1", self._five_cities),
        ]
        for name, key, walk in events:
            with transaction.atomic():
                self._replay(registry, name, clusters[key], walk)
        with transaction.atomic():
            self._living(registry, clusters, now)

    def _replay(self, registry: Registry, name: str, row: dict[str, Any], walk: Any) -> None:
        data = read(name)
        cluster = self._cluster(registry, row)
        if ClusterYear.objects.filter(cluster=cluster, cycle__year=data["cycle"]["year"]).exists():
            return
        order = {s["unit"]: s["order"] for s in data["pledge"]["signatories"]}
        members = sorted((m["unit"] for m in row["members"]), key=lambda code: order[code])
        event = Replay(registry, data, cluster, members)
        replay.open_year(event)
        replay.draft(event)
        walk(event)
        self.stdout.write(f"Đã nạp: {event.year}")

    @staticmethod
    def _hanoi(event: Replay) -> None:
        replay.circulate(event, at(event.day("DRAFTING") + timedelta(days=4), "09:00"))
        replay.agree_and_sign(event, at(event.day("SIGNING") - timedelta(days=2), "09:00"))

    _five_cities = _hanoi

    def _quang_binh(self, event: Replay) -> None:
        """Three papers adopted together; discussed, answered, agreed and signed on 4 March 2020."""
        replay.circulate(event, at(event.day("DRAFTING") + timedelta(days=6), "09:00"))
        replay.discuss(event)
        replay.answer(event, at(event.day("DRAFTING") + timedelta(days=18), "09:00"))
        replay.circulate(event, at(event.day("DRAFTING") + timedelta(days=20), "09:00"))
        replay.agree_and_sign(event, at(event.day("SIGNING"), "08:00"))
        self._year_of_2020(year.after_signing(event))

    @staticmethod
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
        year.decide_objections(event)
        year.lift_vetoes(event)
        year.publish(
            event, at(date(2020, 12, 30), "09:00"), objections_until=None,
            reason="Sau khi giải quyết kiến nghị KN01, KN02",
        )  # fmt: skip
        replay.forget_notices(at(date(2021, 1, 29), "17:00"))

    def _living(self, registry: Registry, clusters: dict[str, Any], now: Any) -> None:
        first = self._cluster(registry, clusters["bca/provincial/2024/1"])
        this_year = local_date(now).year
        if not ClusterYear.objects.filter(cluster=first, cycle__year=this_year).exists():
            last = ClusterYear.objects.get(cluster=first, cycle__year=2024)
            living.discussing(registry, first, last, now)
        row = clusters["bca/provincial/2025/4"]
        fourth = self._cluster(registry, row)
        if not ClusterYear.objects.filter(cluster=fourth, cycle__year=this_year).exists():
            living.preparing(registry, fourth, [m["unit"] for m in row["members"]], now)

    @staticmethod
    def _cluster(registry: Registry, row: dict[str, Any]) -> Cluster:
        organiser = registry.units[row["organiser"]]
        bloc = {"provincial": "Công an các địa phương", "city": "Công an thành phố"}.get(
            row["bloc"], ""
        )
        found = Cluster.objects.filter(
            organiser=organiser, kind=row["kind"], bloc=bloc, code=row["code"]
        ).first()
        if found:
            return found
        cluster = Cluster(
            organiser=organiser, kind=row["kind"], bloc=bloc, code=row["code"], name=row["name"]
        )
        operations.save_row(cluster, action="clusters.cluster_saved", by=BY, now=timezone.now())
        return cluster

    @staticmethod
    def _staff(registry: Registry) -> None:
        """Give every unit of the replayed years its accounts, the bodies above theirs."""
        positions = {
            s["unit"]: s["position"]
            for name in ("000-ha-noi-2017.json", "001-cum-1-2024.json", "003-quang-binh-2020.json")
            for s in read(name)["pledge"]["signatories"]
        }
        posts = [Post("quantri", Role.ADMINISTRATOR, None, "Quản trị hệ thống")]
        for index, (code, position) in enumerate(positions.items()):
            posts += posts_of_unit(registry, code, index, position)
        for index, code in enumerate(("BCA", "CA-QUANG-BINH")):
            slug = registry.slugs[code]
            posts.append(
                Post(
                    f"thuongtruc.{slug}",
                    Role.ORGANISER,
                    code,
                    f"Phạm Thị {'DE'[index]}",
                    "Thượng tá",
                )
            )
        posts.append(
            Post("thuongtruc.hanoi", Role.ORGANISER, "CA-HA-NOI", "Phạm Thị G", "Thượng tá")
        )
        posts.append(
            Post("lanhdao.x03", Role.HEAD, "BCA-X03", "Lê Văn X", "Trung tướng", "Cục trưởng")
        )
        posts.append(
            Post(
                "lanhdao.quangbinh",
                Role.HEAD,
                "CA-QUANG-BINH",
                "Lê Văn Q",
                "Đại tá",
                "Phó Giám đốc Công an tỉnh",
            )
        )
        soon = local_date(timezone.now()) + timedelta(days=20)
        posts.append(
            Post(
                "canbo2.haiphong",
                Role.OFFICER,
                "CA-HAI-PHONG",
                "Vũ Thị H",
                "Đại úy",
                "Cán bộ thi đua",
                soon,
            )
        )
        staff(registry, posts, date(2016, 1, 1), at(date(2017, 1, 2), "08:00"))
