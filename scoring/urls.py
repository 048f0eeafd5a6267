"""Addresses of scoring: the criteria table of a year, its evidence, runs and scoreboard."""

from django.urls import path

from scoring.views import (
    appraisal,
    evidence,
    inspection,
    objection,
    publish,
    runs,
    scoreboard,
    sheet,
    table,
    table_excel,
)

app_name = "scoring"
urlpatterns = [
    path("nam/<int:pk>/bang-tieu-chi/", table.table, name="table"),
    path("nam/<int:pk>/bang-tieu-chi/chon/", table.choose_table, name="choose_table"),
    path("nam/<int:pk>/bang-tieu-chi/excel/", table_excel.download, name="table_excel"),
    path("nam/<int:pk>/bang-tieu-chi/mau-excel/", table_excel.blank, name="table_blank"),
    path("nam/<int:pk>/bang-tieu-chi/nhap/", table_excel.bring, name="table_import"),
    path("nam/<int:pk>/bang-tieu-chi/nhap/ghi/", table_excel.keep, name="table_store"),
    path("nam/<int:year_pk>/minh-chung/", evidence.store, name="evidence"),
    path("nam/<int:year_pk>/minh-chung/<int:pk>/tep/", evidence.file, name="evidence_file"),
    path("nam/<int:year_pk>/minh-chung/<int:pk>/rut/", evidence.withdraw, name="evidence_withdraw"),
    path("nam/<int:year_pk>/cham-diem/", sheet.sheets, name="sheets"),
    path("nam/<int:year_pk>/cham-diem/<int:pk>/", sheet.sheet, name="sheet"),
    path("nam/<int:year_pk>/cham-diem/<int:pk>/dong/<int:line_pk>/", sheet.line, name="line"),
    path("nam/<int:year_pk>/cham-diem/<int:pk>/trinh/", sheet.hand_over, name="sheet_hand_over"),
    path("nam/<int:year_pk>/cham-diem/<int:pk>/nop/", sheet.submit, name="sheet_submit"),
    path("nam/<int:year_pk>/cham-diem/<int:pk>/giai-trinh/", sheet.explain, name="sheet_explain"),
    path("nam/<int:year_pk>/cham-diem/<int:pk>/gui-giai-trinh/", sheet.finish, name="sheet_finish"),
    path("nam/<int:year_pk>/cham-diem/<int:pk>/da-ghi/<int:seq>/", sheet.done, name="sheet_done"),
    path(
        "nam/<int:year_pk>/cham-diem/<int:pk>/lich-su/", sheet.sheet_history, name="sheet_history"
    ),
    path("nam/<int:year_pk>/cham-diem/chenh-lech/", appraisal.leaning, name="leaning"),
    path("nam/<int:year_pk>/cham-diem/<int:pk>/tham-dinh/", appraisal.appraisal, name="appraisal"),
    path(
        "nam/<int:year_pk>/cham-diem/<int:pk>/tham-dinh/bat-dau/",
        appraisal.take_up,
        name="appraisal_take_up",
    ),
    path(
        "nam/<int:year_pk>/cham-diem/<int:pk>/tham-dinh/nhom/<int:group_pk>/",
        appraisal.group,
        name="appraisal_group",
    ),
    path(
        "nam/<int:year_pk>/cham-diem/<int:pk>/tham-dinh/tra-lai/",
        appraisal.give_back,
        name="appraisal_return",
    ),
    path(
        "nam/<int:year_pk>/cham-diem/<int:pk>/tham-dinh/ket-thuc/",
        appraisal.finish,
        name="appraisal_finish",
    ),
    path(
        "nam/<int:year_pk>/cham-diem/<int:pk>/tham-dinh/mo-lai/",
        appraisal.reopen,
        name="appraisal_reopen",
    ),
    path(
        "nam/<int:year_pk>/cham-diem/<int:pk>/tham-dinh/da-ghi/",
        appraisal.done,
        name="appraisal_done",
    ),
    path("nam/<int:year_pk>/kiem-tra-cheo/", inspection.inspections, name="inspections"),
    path("nam/<int:year_pk>/kiem-tra-cheo/boc-tham/", inspection.draw_lots, name="draw_lots"),
    path("nam/<int:year_pk>/kiem-tra-cheo/huy/", inspection.draw_cancel, name="draw_cancel"),
    path("nam/<int:year_pk>/kiem-tra-cheo/<int:pk>/", inspection.inspection, name="inspection"),
    path(
        "nam/<int:year_pk>/kiem-tra-cheo/<int:pk>/gui/",
        inspection.submit,
        name="inspection_submit",
    ),
    path(
        "nam/<int:year_pk>/kiem-tra-cheo/<int:pk>/tra-loi/",
        inspection.answer,
        name="inspection_answer",
    ),
    path(
        "nam/<int:year_pk>/kiem-tra-cheo/<int:pk>/da-ghi/",
        inspection.done,
        name="inspection_done",
    ),
    path("nam/<int:year_pk>/khong-xet/", appraisal.vetoes, name="vetoes"),
    path("nam/<int:year_pk>/khong-xet/<int:pk>/bo/", appraisal.lift_veto, name="veto_lift"),
    path("nam/<int:year_pk>/bang-diem/", scoreboard.scoreboard, name="scoreboard"),
    path("nam/<int:year_pk>/bang-diem/excel/", scoreboard.excel, name="scoreboard_excel"),
    path("nam/<int:year_pk>/phien-cham/", runs.runs, name="runs"),
    path("nam/<int:year_pk>/phien-cham/chay/", runs.make, name="make_run"),
    path("nam/<int:year_pk>/phien-cham/so-sanh/", runs.compared, name="runs_compare"),
    path("nam/<int:year_pk>/phien-cham/<int:number>/", runs.run, name="run"),
    path(
        "nam/<int:year_pk>/phien-cham/<int:number>/don-vi/<int:unit_pk>/",
        runs.unit,
        name="run_unit",
    ),
    path("nam/<int:year_pk>/phien-cham/<int:number>/tep/<str:name>/", runs.file, name="run_file"),
    path("nam/<int:year_pk>/kien-nghi/", objection.objections, name="objections"),
    path("nam/<int:year_pk>/kien-nghi/soan/", objection.choose, name="objection_choose"),
    path("nam/<int:year_pk>/kien-nghi/soan/chung/", objection.write, name="objection_whole"),
    path("nam/<int:year_pk>/kien-nghi/soan/<int:line_pk>/", objection.write, name="objection_line"),
    path("nam/<int:year_pk>/kien-nghi/<int:pk>/", objection.objection, name="objection"),
    path("nam/<int:year_pk>/kien-nghi/<int:pk>/sua/", objection.edit, name="objection_edit"),
    path(
        "nam/<int:year_pk>/kien-nghi/<int:pk>/trinh/",
        objection.hand_over,
        name="objection_hand_over",
    ),
    path("nam/<int:year_pk>/kien-nghi/<int:pk>/gui/", objection.send, name="objection_send"),
    path(
        "nam/<int:year_pk>/kien-nghi/<int:pk>/rut/", objection.withdraw, name="objection_withdraw"
    ),
    path(
        "nam/<int:year_pk>/kien-nghi/<int:pk>/quyet-dinh/",
        objection.decide,
        name="objection_decide",
    ),
    path(
        "nam/<int:year_pk>/kien-nghi/<int:pk>/da-ghi/<int:seq>/",
        objection.done,
        name="objection_done",
    ),
    path("nam/<int:year_pk>/cong-bo/", publish.provisional, name="publish"),
    path("nam/<int:year_pk>/cong-bo/chinh-thuc/", publish.final, name="publish_final"),
    path("nam/<int:year_pk>/cong-bo/thu-hoi/", publish.revoke, name="revoke"),
    path("nam/<int:year_pk>/cong-bo/da-ghi/<int:seq>/", publish.done, name="publish_done"),
    path("nam/<int:year_pk>/luu-tru/", publish.archive, name="archive"),
]
