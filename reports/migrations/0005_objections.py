"""A code may stand on the list of objections. Only words change: no table is built anew."""

from typing import ClassVar

from django.db import migrations, models

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
    ("COUNT_RECORD", "Biên bản kiểm phiếu"),
    ("OBJECTIONS", "Bảng tổng hợp kiến nghị và kết quả giải quyết"),
]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("reports", "0004_count_record")]
    operations: ClassVar = [
        migrations.AlterField(
            model_name="verifycode",
            name="paper",
            field=models.CharField("văn bản", max_length=16, choices=PAPERS),
        )
    ]
