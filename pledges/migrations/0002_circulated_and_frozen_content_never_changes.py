"""What was circulated, frozen or signed is kept by the database itself (product.md §5.7, 5.8)."""

from typing import ClassVar

from django.db import migrations

from core.guards import Refuse

CIRCULATED = (
    "EXISTS (SELECT 1 FROM pledges_pledgeversion v "
    "WHERE v.id = {row}.version_id AND v.circulated_at IS NOT NULL)"
)
CIRCULATED_TARGET = (
    "EXISTS (SELECT 1 FROM pledges_target t JOIN pledges_pledgeversion v ON v.id = t.version_id "
    "WHERE t.id = {row}.target_id AND v.circulated_at IS NOT NULL)"
)
SENT = "bản đã gửi góp ý không sửa được, hãy lập bản mới"
MOVED = "dòng của một bản không chuyển sang bản khác"
ALL = ("INSERT", "UPDATE", "DELETE")


def rows_of_a_version(table: str) -> list[Refuse]:
    """Freeze the rows of a table once their version circulated."""
    return [
        Refuse(table, SENT, when=CIRCULATED, events=ALL),
        Refuse(table, MOVED, name="moved", columns=("version_id",), events=("UPDATE",)),
    ]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("pledges", "0001_initial")]
    operations: ClassVar = [
        *rows_of_a_version("pledges_paper"),
        *rows_of_a_version("pledges_clause"),
        *rows_of_a_version("pledges_activity"),
        *rows_of_a_version("pledges_target"),
        Refuse("pledges_targetvalue", SENT, when=CIRCULATED_TARGET, events=ALL),
        Refuse("pledges_targetvalue", MOVED, name="moved", columns=("target_id",), events=("UPDATE",)),
        Refuse(
            "pledges_pledgeversion",
            SENT,
            name="circulated",
            when="{row}.circulated_at IS NOT NULL",
            columns=(
                "pledge_id", "number", "title", "place", "slogan", "circulated_at", "content",
                "content_hash",
            ),
        ),
        Refuse(
            "pledges_pledgeversion",
            "bản đã chốt không sửa được",
            when="{row}.frozen_at IS NOT NULL",
            columns=("frozen_at", "frozen", "frozen_hash"),
            events=("UPDATE",),
        ),
        Refuse(
            "pledges_pledgeversion",
            "bản đã ký đủ hoặc đã hết giá trị thì giữ nguyên",
            name="ended",
            when="{row}.sealed_at IS NOT NULL OR {row}.voided_at IS NOT NULL",
            columns=("sealed_at", "voided_at"),
            events=("UPDATE",),
        ),
        Refuse("pledges_signatory", SENT, when=CIRCULATED, events=("INSERT", "DELETE")),
        Refuse(
            "pledges_signatory",
            SENT,
            name="place",
            when=CIRCULATED,
            columns=("version_id", "unit_id", "role", '"order"', "member_role", "position", "authority"),
            events=("UPDATE",),
        ),
        Refuse("pledges_signatory", MOVED, name="moved", columns=("version_id",), events=("UPDATE",)),
        Refuse(
            "pledges_signatory",
            "đã ký hoặc từ chối thì không đổi được",
            name="ended",
            when="{row}.status IN ('SIGNED', 'DECLINED')",
            columns=("status", "declined_at", "decline_reason"),
            events=("UPDATE",),
        ),
        Refuse("pledges_signature", "chữ ký không sửa, không xóa được"),
        Refuse("pledges_consent", "ý kiến đã ghi không xóa được", name="kept", events=("DELETE",)),
        Refuse(
            "pledges_consent",
            "ý kiến đã ghi không sửa được",
            columns=(
                "version_id", "unit_id", "word", "reason", "content_hash", "given_by_id", "given_at",
            ),
            events=("UPDATE",),
        ),
        Refuse(
            "pledges_consent",
            "ý kiến đã hết giá trị thì giữ nguyên",
            name="ended",
            when="{row}.voided_at IS NOT NULL",
            columns=("voided_at", "void_reason"),
            events=("UPDATE",),
        ),
        Refuse("pledges_papernumber", "số văn bản đã cấp không đổi được"),
    ]
