"""Load the demonstration data by walking the real workflow on the dates of the events."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from clusters import operations
from clusters.calendar import local_date
from clusters.models import Cluster, ClusterYear
from config.demo import living, replay, underway
from config.demo.events import EVENTS, Event
from config.demo.posts import posts
from config.demo.registry import BY, Registry, load, read, staff
from config.demo.replay import Replay, at

#: When the units and accounts of the demonstration were set up: before its first event.
SET_UP = at(date(2016, 1, 4), "08:00")
BLOCS = {
    "provincial": "Công an các địa phương",
    "city": "Công an thành phố",
    "communes": "Mặt trận cấp xã",
}


class Command(BaseCommand):
    """Replay the events of the past and open the living years; a second run adds nothing."""

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
            registry = load(SET_UP)
            staff(registry, posts(registry, local_date(now)), date(2016, 1, 1), SET_UP)
        clusters = {row["key"]: row for row in read("clusters.json")["cluster_years"]}
        for event in EVENTS:
            with transaction.atomic():
                self._replay(registry, event, clusters[event.cluster])
        with transaction.atomic():
            self._living(registry, clusters, now)

    def _replay(self, registry: Registry, event: Event, row: dict[str, Any]) -> None:
        data = read(event.file)
        cluster = self._cluster(registry, row)
        if _is_open(cluster, data["cycle"]["year"]):
            return
        order = {s["unit"]: s["order"] for s in data["pledge"]["signatories"]}
        members = sorted((m["unit"] for m in row["members"]), key=lambda code: order[code])
        walked = Replay(registry, data, cluster, members)
        replay.open_year(walked)
        replay.draft(walked)
        event.walk(walked)
        self.stdout.write(f"Đã nạp: {walked.year}")

    def _living(self, registry: Registry, clusters: dict[str, Any], now: datetime) -> None:
        """Open what is going on now: in discussion, being prepared, at mid-year, in appraisal."""
        first = self._cluster(registry, clusters["bca/provincial/2024/1"])
        this_year = local_date(now).year
        if not _is_open(first, this_year):
            last = ClusterYear.objects.get(cluster=first, cycle__year=2024)
            living.discussing(registry, first, last, now)
        row = clusters["bca/provincial/2025/4"]
        fourth = self._cluster(registry, row)
        if not _is_open(fourth, this_year):
            living.preparing(registry, fourth, [m["unit"] for m in row["members"]], now)
        for name, walk in underway.YEARS.items():
            data = underway.dated(read(name), local_date(now))
            cluster = self._cluster(registry, clusters[data["cluster_year"]])
            if not _is_open(cluster, data["cycle"]["year"]):
                members = [row["unit"] for row in data["pledge"]["signatories"]]
                walked = Replay(registry, data, cluster, members)
                walk(walked)
                self.stdout.write(f"Đã nạp: {walked.year}")

    @staticmethod
    def _cluster(registry: Registry, row: dict[str, Any]) -> Cluster:
        organiser = registry.units[row["organiser"]]
        bloc = BLOCS.get(row["bloc"], "")
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


def _is_open(cluster: Cluster, year: int) -> bool:
    return ClusterYear.objects.filter(cluster=cluster, cycle__year=year).exists()
