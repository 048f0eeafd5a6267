"""Objections, votes, nominations and inspections are kept by the database itself (product.md §5.7)."""

from typing import ClassVar

from django.db import migrations

from core.guards import Refuse


def parent_is(table: str, column: str, *states: str) -> str:
    """Return the condition that the row a column points to is in one of the states."""
    listed = ", ".join(f"'{state}'" for state in states)
    return (
        f"EXISTS (SELECT 1 FROM {table} p WHERE p.id = {{row}}.{column} AND p.status IN ({listed}))"
    )


ENDED = ("COUNTED", "CANCELLED")
BALLOT_ENDED = parent_is("scoring_ballot", "ballot_id", *ENDED)
BALLOT_BEGUN = parent_is("scoring_ballot", "ballot_id", "OPEN", *ENDED)
SENT = parent_is("scoring_objection", "objection_id", "SENT", "ACCEPTED", "REJECTED", "WITHDRAWN")
HANDED = parent_is("scoring_inspection", "inspection_id", "SUBMITTED", "ANSWERED")
ANSWERED = parent_is("scoring_inspection", "inspection_id", "ANSWERED")
#: Its own unit in the team, or two units that would inspect each other.
SELF_OR_MUTUAL = (
    "EXISTS (SELECT 1 FROM scoring_inspection i WHERE i.id = {row}.inspection_id "
    "AND i.unit_id = {row}.unit_id) OR EXISTS (SELECT 1 FROM scoring_inspection mine "
    "JOIN scoring_inspection other ON other.draw_id = mine.draw_id "
    "AND other.unit_id = {row}.unit_id "
    "JOIN scoring_teamplace p ON p.inspection_id = other.id AND p.unit_id = mine.unit_id "
    "WHERE mine.id = {row}.inspection_id)"
)
OPEN_VOTE_OF_A_SECRET_BALLOT = (
    "EXISTS (SELECT 1 FROM scoring_voter v JOIN scoring_ballot b ON b.id = v.ballot_id "
    "WHERE v.id = {row}.voter_id AND (b.is_secret OR b.on_paper OR b.status <> 'OPEN'))"
)
#: Standing or withdrawn: what a unit was nominated for stays what it was.
NOMINATED = "EXISTS (SELECT 1 FROM scoring_nomination n WHERE n.quota_id = {row}.id)"
BALLOT_RULES = (
    "cluster_year_id", "number", "subject", "title", "quota_id", "run_id", "rank", "is_secret",
    "on_paper", "seats", "quorum_parts", "quorum_whole", "threshold_parts", "threshold_whole",
    "threshold_is_strict", "threshold_of", "excludes_unconsidered", "excluded", "created_at",
    "created_by_id", "opened_at",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies: ClassVar = [("scoring", "0005_objections_votes_inspections")]
    operations: ClassVar = [
        Refuse(
            "scoring_criteriatable",
            "bảng tiêu chí đang dùng không sửa được",
            name="coded",
            when="{row}.status <> 'DRAFT'",
            columns=("is_coded", "reason"),
            events=("UPDATE",),
        ),
        # Objections --------------------------------------------------------------------------
        Refuse(
            "scoring_objection",
            "kiến nghị đã gửi không xóa được",
            name="kept",
            when="{row}.status <> 'DRAFT'",
            events=("DELETE",),
        ),
        Refuse(
            "scoring_objection",
            "kiến nghị không chuyển sang đơn vị, tiêu chí khác",
            name="moved",
            columns=("cluster_year_id", "publication_id", "unit_id", "line_id", "created_at",
                     "created_by_id"),
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_objection",
            "kiến nghị đã gửi không sửa được",
            name="sent",
            when="{row}.status <> 'DRAFT'",
            columns=("number", "text", "asked", "sent_at", "sent_by_id"),
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_objection",
            "kiến nghị đã quyết định hoặc đã rút không đổi được",
            name="ended",
            when="{row}.status NOT IN ('DRAFT', 'SENT')",
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_objection",
            "kiến nghị đã gửi không trở lại bản nháp",
            name="back",
            when="{row}.status <> 'DRAFT' AND NEW.status = 'DRAFT'",
            columns=("status",),
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_objection_evidence",
            "kiến nghị đã gửi, minh chứng không đổi được",
            when=SENT,
            events=("INSERT", "UPDATE", "DELETE"),
        ),
        # Ballots -----------------------------------------------------------------------------
        Refuse(
            "scoring_ballot",
            "cuộc bỏ phiếu đã mở không xóa được",
            name="kept",
            when="{row}.status <> 'PREPARING'",
            events=("DELETE",),
        ),
        Refuse(
            "scoring_ballot",
            "cuộc bỏ phiếu đã mở, thể lệ không đổi được",
            name="rules",
            when="{row}.status <> 'PREPARING'",
            columns=BALLOT_RULES,
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_ballot",
            "kết quả kiểm phiếu không đổi được",
            name="ended",
            when="{row}.status IN ('COUNTED', 'CANCELLED')",
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_ballot",
            "cuộc bỏ phiếu đã mở không trở lại chuẩn bị",
            name="back",
            when="{row}.status <> 'PREPARING' AND NEW.status = 'PREPARING'",
            columns=("status",),
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_awardquota",
            "chỉ tiêu đã có đề nghị, danh hiệu và phạm vi không đổi được",
            name="named",
            when=NOMINATED,
            columns=("title", "cycle_id", "cluster_id"),
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_candidate",
            "danh sách bỏ phiếu đã chốt không đổi được",
            name="listed",
            when=BALLOT_BEGUN,
            columns=("ballot_id", "unit_id", '"order"', "unit_name", "rank", "points"),
            events=("INSERT", "UPDATE", "DELETE"),
        ),
        Refuse(
            "scoring_candidate",
            "kết quả kiểm phiếu không đổi được",
            name="counted",
            when=BALLOT_ENDED,
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_candidate",
            "số phiếu chỉ tăng",
            name="votes",
            when="NEW.votes < {row}.votes",
            columns=("votes",),
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_voter",
            "danh sách đơn vị bỏ phiếu đã chốt không đổi được",
            name="listed",
            when=BALLOT_BEGUN,
            columns=("ballot_id", "unit_id", "unit_name"),
            events=("INSERT", "UPDATE", "DELETE"),
        ),
        Refuse(
            "scoring_voter",
            "đơn vị đã bỏ phiếu không bỏ phiếu lại được",
            name="voted",
            when="{row}.has_voted OR (" + BALLOT_ENDED + ")",
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_openvote",
            "phiếu kín không ghi ai bầu cho ai",
            name="secret",
            when=OPEN_VOTE_OF_A_SECRET_BALLOT,
            events=("INSERT",),
        ),
        Refuse("scoring_openvote", "phiếu đã bỏ không đổi được"),
        Refuse("scoring_nomination", "đề nghị đã ghi không xóa được", name="kept", events=("DELETE",)),
        Refuse(
            "scoring_nomination",
            "đề nghị đã ghi không sửa được",
            columns=("cluster_year_id", "quota_id", "unit_id", "unit_name", "ballot_id", "note",
                     "nominated_at", "nominated_by_id"),
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_nomination",
            "đề nghị đã rút không đổi được",
            name="withdrawn",
            when="{row}.withdrawn_at IS NOT NULL",
            events=("UPDATE",),
        ),
        # Inspections -------------------------------------------------------------------------
        Refuse("scoring_draw", "lần bốc thăm không xóa được", name="kept", events=("DELETE",)),
        Refuse(
            "scoring_draw",
            "kết quả bốc thăm không sửa được",
            columns=("cluster_year_id", "number", "seed", "units", "team_size", "method", "drawn_at",
                     "drawn_by_id"),
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_draw",
            "lần bốc thăm đã hủy không đổi được",
            name="cancelled",
            when="{row}.cancelled_at IS NOT NULL",
            events=("UPDATE",),
        ),
        Refuse("scoring_teamplace", "kết quả bốc thăm không sửa được"),
        Refuse(
            "scoring_teamplace",
            "không đơn vị nào kiểm tra chính mình, hai đơn vị không kiểm tra lẫn nhau",
            name="fair",
            when=SELF_OR_MUTUAL,
            events=("INSERT",),
        ),
        Refuse("scoring_inspection", "biên bản kiểm tra không xóa được", name="kept",
               events=("DELETE",)),
        Refuse(
            "scoring_inspection",
            "kết quả bốc thăm không sửa được",
            name="drawn",
            columns=("draw_id", "unit_id"),
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_inspection",
            "biên bản kiểm tra đã gửi không sửa được",
            name="submitted",
            when="{row}.status <> 'OPEN'",
            columns=("inspected_on", "summary", "submitted_at", "submitted_by_id"),
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_inspection",
            "biên bản kiểm tra đã trả lời không đổi được",
            name="answered",
            when="{row}.status = 'ANSWERED'",
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_finding",
            "biên bản kiểm tra đã gửi không sửa được",
            name="submitted",
            when=HANDED,
            columns=("inspection_id", "criterion_id", "text"),
            events=("INSERT", "UPDATE", "DELETE"),
        ),
        Refuse(
            "scoring_finding",
            "biên bản kiểm tra đã trả lời không đổi được",
            name="answered",
            when=ANSWERED,
            events=("UPDATE",),
        ),
    ]
