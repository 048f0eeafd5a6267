"""Who the demonstration's accounts are: two for every unit, one for every body above them."""

from datetime import date, timedelta

from clusters.models import Role
from config.demo.events import EVENTS
from config.demo.registry import Post, Registry, posts_of_unit, read

#: The living years that are told by files of their own.
UNDERWAY = ("living-midyear.json", "living-appraisal.json")
#: Bodies that organise clusters: code, name of the officer there, rank.
ORGANISERS = (
    ("BCA", "Phạm Thị D", "Thượng tá"),
    ("CA-QUANG-BINH", "Phạm Thị E", "Thượng tá"),
    ("HN-BCD138", "Phạm Thị H", ""),
    ("MT-TINH", "Phạm Thị K", ""),
)


def posts(registry: Registry, today: date) -> list[Post]:
    """Return every account with what it is appointed to."""
    found = [Post("quantri", Role.ADMINISTRATOR, None, "Quản trị hệ thống")]
    for index, (code, position) in enumerate(_positions().items()):
        found += posts_of_unit(registry, code, index, position)
    for code, name, rank in ORGANISERS:
        slug = registry.slugs[code]
        found.append(Post(f"thuongtruc.{slug}", Role.ORGANISER, code, name, rank))
    return [*found, *_others(today)]


def _positions() -> dict[str, str]:
    """Return the position of the head of every unit that signs somewhere."""
    return {
        row["unit"]: row.get("replaced_by", "").partition(" (KT. ")[0] or row["position"]
        for name in (*(event.file for event in EVENTS), *UNDERWAY)
        for row in read(name)["pledge"]["signatories"]
    }


def _others(today: date) -> list[Post]:
    """Witnesses, the organiser beside a member unit, and an officer whose appointment ends."""
    deputy = "Phó Giám đốc Công an tỉnh"
    standing = "Đại diện Cơ quan thường trực Ban Chỉ đạo 138 thành phố"
    soon = today + timedelta(days=20)
    return [
        Post("thuongtruc.hanoi", Role.ORGANISER, "CA-HA-NOI", "Phạm Thị G", "Thượng tá"),
        Post("lanhdao.x03", Role.HEAD, "BCA-X03", "Lê Văn X", "Trung tướng", "Cục trưởng"),
        Post("lanhdao.quangbinh", Role.HEAD, "CA-QUANG-BINH", "Lê Văn Q", "Đại tá", deputy),
        Post("lanhdao.hn.bcd138", Role.HEAD, "HN-BCD138", "Lê Văn B", "", standing),
        Post("canbo2.haiphong", Role.OFFICER, "CA-HAI-PHONG", "Vũ Thị H", "Đại úy",
             "Cán bộ thi đua", soon),
    ]  # fmt: skip
