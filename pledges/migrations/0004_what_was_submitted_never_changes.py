"""What was submitted, returned or accepted is kept by the database itself (product.md §5.7)."""

from typing import ClassVar

from django.db import migrations

from core.guards import Refuse

ENTERED = "số liệu đã nộp không sửa được, hãy lập số liệu mới thay cho số cũ"
ENTRY_OF_FILE = (
    "EXISTS (SELECT 1 FROM pledges_progressentry e "
    "WHERE e.id = {row}.progressentry_id AND e.submitted_at IS NOT NULL)"
)
REVIEW_SENT = (
    "EXISTS (SELECT 1 FROM pledges_review r "
    "WHERE r.id = {row}.review_id AND r.status IN ('SUBMITTED', 'ACCEPTED'))"
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("pledges", "0003_progress_and_reviews")]
    operations: ClassVar = [
        Refuse(
            "pledges_progressreport",
            "phiếu đã chấp nhận không sửa, không xóa được",
            when="{row}.status = 'ACCEPTED'",
        ),
        Refuse(
            "pledges_progressreport",
            "phiếu đã nộp không xóa được",
            name="kept",
            when="{row}.submitted_at IS NOT NULL",
            events=("DELETE",),
        ),
        Refuse("pledges_progressentry", ENTERED, when="{row}.submitted_at IS NOT NULL"),
        Refuse(
            "pledges_progressentry_evidence",
            "minh chứng của số liệu đã nộp không đổi được",
            when=ENTRY_OF_FILE,
            events=("INSERT", "UPDATE", "DELETE"),
        ),
        Refuse("pledges_returnedentry", "lý do trả lại đã ghi không sửa, không xóa được"),
        Refuse("pledges_review", "báo cáo không xóa được", name="kept", events=("DELETE",)),
        Refuse(
            "pledges_review",
            "số liệu đã chốt không sửa được",
            name="figures",
            columns=(
                "cluster_year_id", "kind", "unit_id", "opened_at", "figures_until", "figures",
                "figures_hash", "due_on", "outline",
            ),
            events=("UPDATE",),
        ),
        Refuse(
            "pledges_review",
            "báo cáo đã nộp không sửa được nội dung",
            name="sent",
            when="{row}.status = 'SUBMITTED'",
            columns=("sections",),
            events=("UPDATE",),
        ),
        Refuse(
            "pledges_review",
            "báo cáo đã chấp nhận không sửa được",
            when="{row}.status = 'ACCEPTED'",
            events=("UPDATE",),
        ),
        Refuse(
            "pledges_unmettarget",
            "báo cáo đã nộp không sửa được nội dung",
            when=REVIEW_SENT,
            events=("INSERT", "UPDATE", "DELETE"),
        ),
        Refuse("pledges_exemplar", "điển hình đã đăng ký không xóa được", name="kept", events=("DELETE",)),
    ]
