"""An issued document, its code and its file are written once (product.md §5.7, 5.9)."""

from typing import ClassVar

from django.db import migrations

from core.guards import Refuse


class Migration(migrations.Migration):
    dependencies: ClassVar = [("reports", "0001_initial")]
    operations: ClassVar = [
        Refuse("reports_verifycode", "mã xác minh đã in không đổi được"),
        Refuse("reports_storedfile", "tệp lưu theo mã băm không đổi được", events=("UPDATE",)),
        Refuse("reports_document", "văn bản đã phát hành không xóa được", name="kept", events=("DELETE",)),
        Refuse(
            "reports_document",
            "văn bản đã phát hành không sửa được",
            columns=(
                "cluster_year_id", "code_id", "revision", "stage", "title", "number", "content",
                "content_hash", "issued_at",
            ),
            events=("UPDATE",),
        ),
        Refuse(
            "reports_document",
            "tệp của văn bản đã dựng không thay được",
            name="rendered",
            when="{row}.file_id IS NOT NULL",
            columns=("file_id", "rendered_at"),
            events=("UPDATE",),
        ),
        Refuse(
            "reports_document",
            "văn bản đã hết giá trị thì giữ nguyên",
            name="withdrawn",
            when="{row}.withdrawn_at IS NOT NULL",
            columns=("withdrawn_at",),
            events=("UPDATE",),
        ),
    ]
