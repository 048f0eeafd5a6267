"""Evidence, runs and what was decided on a sheet are kept by the database itself (product.md §5.7)."""

from typing import ClassVar

from django.db import migrations

from core.guards import Refuse


def sheet_is(*states: str) -> str:
    """Return the condition that the sheet of a line is in one of the states."""
    listed = ", ".join(f"'{state}'" for state in states)
    return (
        "EXISTS (SELECT 1 FROM scoring_scoresheet s "
        f"WHERE s.id = {{row}}.sheet_id AND s.status IN ({listed}))"
    )


OPEN = ("SELF_SCORING", "RETURNED")
LATER = ("SUBMITTED", "APPRAISING", "EXPLAINING", "SECOND_APPRAISAL", "APPROVED", "FINAL")
SETTLED = ("EXPLAINING", "SECOND_APPRAISAL", "APPROVED", "FINAL")
LINE_OF_FILE = (
    "EXISTS (SELECT 1 FROM scoring_scoreline l JOIN scoring_scoresheet s ON s.id = l.sheet_id "
    "WHERE l.id = {row}.scoreline_id AND s.status IN ('APPROVED', 'FINAL'))"
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("scoring", "0003_evidence_sheets_runs")]
    operations: ClassVar = [
        Refuse("scoring_evidence", "minh chứng đã nộp không xóa được", name="kept", events=("DELETE",)),
        Refuse(
            "scoring_evidence",
            "minh chứng đã nộp không sửa được",
            columns=(
                "cluster_year_id", "unit_id", "sha256", "size", "mime", "name", "paper_number",
                "paper_date", "uploaded_at", "uploaded_by_id",
            ),
            events=("UPDATE",),
        ),
        Refuse("scoring_scoresheet", "phiếu chấm điểm không xóa được", name="kept", events=("DELETE",)),
        Refuse(
            "scoring_scoresheet",
            "điểm chính thức không đổi được",
            when="{row}.status = 'FINAL'",
            events=("UPDATE",),
        ),
        Refuse("scoring_scoreline", "dòng chấm điểm không xóa được", name="kept", events=("DELETE",)),
        Refuse(
            "scoring_scoreline",
            "căn cứ của dòng chấm điểm không sửa được",
            name="basis",
            columns=("sheet_id", "criterion_id", "basis"),
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_scoreline",
            "phiếu đã nộp, điểm tự chấm không sửa được",
            name="claimed",
            when=sheet_is(*LATER),
            columns=("claimed", "claim_note"),
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_scoreline",
            "dòng không bị trả lại, điểm tự chấm không sửa được",
            name="returned",
            when=f"{sheet_is('RETURNED')} AND {{row}}.returned_at IS NULL",
            columns=("claimed", "claim_note"),
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_scoreline",
            "thẩm định lần một đã xong, không sửa được",
            name="first",
            when=sheet_is(*SETTLED),
            columns=("first", "first_reason"),
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_scoreline",
            "phiếu đã duyệt, không sửa được",
            name="second",
            when=sheet_is("APPROVED", "FINAL"),
            columns=("second", "second_reason", "explanation"),
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_scoreline",
            "điểm chính thức không đổi được",
            name="final",
            when=sheet_is("FINAL"),
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_scoreline_evidence",
            "phiếu đã duyệt, minh chứng không đổi được",
            when=LINE_OF_FILE,
            events=("INSERT", "UPDATE", "DELETE"),
        ),
        Refuse("scoring_veto", "trường hợp không xét không xóa được", name="kept", events=("DELETE",)),
        Refuse(
            "scoring_veto",
            "lý do không xét đã ghi không sửa được",
            columns=("cluster_year_id", "unit_id", "reason", "raised_at", "raised_by_id"),
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_veto",
            "việc bỏ trường hợp không xét đã ghi không sửa được",
            name="lifted",
            when="{row}.lifted_at IS NOT NULL",
            events=("UPDATE",),
        ),
        Refuse("scoring_scoringrun", "phiên chấm không sửa, không xóa được"),
        Refuse("scoring_runresult", "kết quả phiên chấm không sửa, không xóa được"),
        Refuse("scoring_runline", "kết quả phiên chấm không sửa, không xóa được"),
        Refuse("scoring_publication", "việc công bố không xóa được", name="kept", events=("DELETE",)),
        Refuse(
            "scoring_publication",
            "việc công bố đã ghi không sửa được",
            columns=(
                "cluster_year_id", "run_id", "published_at", "published_by_id", "note",
                "objections_until",
            ),
            events=("UPDATE",),
        ),
        Refuse(
            "scoring_publication",
            "kết quả đã công bố chỉ thu hồi được, theo quyết định",
            name="ended",
            when="{row}.status <> 'FINAL'",
            columns=("status", "revoked_at", "revoked_by_id", "revoke_reason"),
            events=("UPDATE",),
        ),
    ]
