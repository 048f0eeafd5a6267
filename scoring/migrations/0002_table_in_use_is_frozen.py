"""A criteria table in use never changes; a change is a new version."""

from typing import ClassVar

from django.db import migrations

from core.guards import Refuse

IN_USE = (
    "EXISTS (SELECT 1 FROM scoring_criteriatable t "
    "WHERE t.id = {row}.table_id AND t.status <> 'DRAFT')"
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("scoring", "0001_initial")]
    operations: ClassVar = [
        Refuse(
            "scoring_criterion",
            "bảng tiêu chí đang dùng không sửa được",
            when=IN_USE,
            events=("INSERT", "UPDATE", "DELETE"),
        ),
        Refuse("scoring_criterion", "tiêu chí không chuyển bảng", name="moved", columns=("table_id",),
               events=("UPDATE",)),
        Refuse(
            "scoring_criteriatable",
            "bảng tiêu chí đang dùng không sửa được",
            when="{row}.status <> 'DRAFT'",
            columns=("cluster_year_id", "version", "name", "scale_total", "settings"),
        ),
        Refuse(
            "scoring_criteriatable",
            "bảng tiêu chí đang dùng không trở lại bản nháp",
            name="used",
            when="{row}.status <> 'DRAFT' AND NEW.status = 'DRAFT'",
            columns=("status",),
            events=("UPDATE",),
        ),
    ]
