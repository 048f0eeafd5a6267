"""Codes and documents of reports, score sheets and results, beside those of a pledge.

What exists keeps its code and its guards: `Lift` puts the triggers of SQLite back behind the tables
that are built anew. The new column of a document is guarded like the others.
"""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

from core.guards import Lift, Refuse

PAPERS = [
    ("PLEDGE", "Giao ước thi đua"),
    ("PROGRAMME", "Chương trình hoạt động"),
    ("REGULATION", "Quy định tiêu chí chấm điểm"),
    ("OUTLINE", "Đề cương báo cáo"),
    ("REVIEW", "Báo cáo của đơn vị"),
    ("CLUSTER_REVIEW", "Báo cáo của cụm, khối"),
    ("SHEET_CLAIMED", "Phiếu tự chấm điểm"),
    ("SHEET_APPROVED", "Phiếu chấm điểm đã duyệt"),
    ("SUMMARY", "Bảng tổng hợp điểm, xếp hạng"),
    ("SCORE_TABLE", "Bảng điểm chi tiết"),
]
STAGES = [
    ("TO_SIGN", "Bản sẽ ký"),
    ("SIGNED", "Bản đã ký"),
    ("ISSUED", "Bản phát hành"),
    ("PROVISIONAL", "Bản tạm tính"),
]
JOBS = [
    ("RENDER", "Dựng văn bản PDF"),
    ("BOOK", "Đóng sổ giao ước (ZIP)"),
    ("SET", "Đóng bộ văn bản (ZIP)"),
]


def unit(words: str) -> models.ForeignKey:
    """Return a link to a unit that may be missing."""
    return models.ForeignKey(
        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
        to="clusters.unit", verbose_name=words,
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("clusters", "0001_initial"),
        ("pledges", "0004_what_was_submitted_never_changes"),
        ("reports", "0002_issued_documents_never_change"),
        ("scoring", "0004_what_was_decided_never_changes"),
    ]
    operations: ClassVar = [
        Lift(
            [
                migrations.AddField(
                    "verifycode",
                    "subject",
                    models.CharField("đối tượng", max_length=40, blank=True, default=""),
                ),
                migrations.AlterField(
                    "verifycode",
                    "version",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT,
                        related_name="codes", to="pledges.pledgeversion", verbose_name="bản",
                    ),
                ),
                migrations.AlterField(
                    "verifycode",
                    "paper",
                    models.CharField("văn bản", max_length=16, choices=PAPERS),
                ),
                migrations.AddConstraint(
                    "verifycode",
                    models.UniqueConstraint(
                        fields=["subject"],
                        condition=~models.Q(subject=""),
                        name="one_code_per_subject",
                    ),
                ),
                migrations.AddConstraint(
                    "verifycode",
                    models.CheckConstraint(
                        condition=models.Q(version__isnull=False, subject="")
                        | (models.Q(version__isnull=True) & ~models.Q(subject="")),
                        name="code_of_a_version_or_a_subject",
                    ),
                ),
                migrations.AddField("document", "unit", unit("của đơn vị")),
                migrations.AlterField(
                    "document", "stage", models.CharField("bản", max_length=12, choices=STAGES)
                ),
            ]
        ),
        Refuse(
            "reports_document",
            "văn bản đã phát hành không đổi đơn vị",
            name="unit",
            columns=("unit_id",),
            events=("UPDATE",),
        ),
        migrations.AlterField(
            "job", "kind", models.CharField("việc", max_length=8, choices=JOBS)
        ),
        migrations.AddField("job", "for_unit", unit("cho đơn vị")),
        migrations.AddField(
            "job",
            "contents",
            models.ManyToManyField(blank=True, related_name="sets", to="reports.document"),
        ),
    ]
