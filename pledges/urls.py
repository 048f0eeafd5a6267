"""Addresses of the pledge, all below its cluster year."""

from django.urls import include, path, re_path

from pledges.views import (
    draft,
    exemplars,
    judging,
    progress,
    review,
    review_history,
    reviews,
    room,
    steps,
    talk,
    versions,
    whatif,
)

app_name = "pledges"

_pages = [
    path("", room.pledge, name="pledge"),
    path("bat-dau/", room.start, name="start"),
    path("muc-cac-don-vi/", room.levels, name="levels"),
    path("trao-doi/<str:anchor>/", room.discussion, name="discussion"),
    path("gop-y/", talk.remarks, name="remarks"),
    path("gop-y/<str:kind>/<int:pk>/", talk.answer, name="answer"),
    path("de-nghi/<str:key>/", talk.propose, name="propose"),
    path("soan/thong-tin/", draft.head, name="head"),
    path("soan/van-ban/", draft.papers, name="papers"),
    path("soan/ben-ky/", draft.signatories, name="signatories"),
    path("soan/can-cu/", draft.bases, name="bases"),
    path("soan/de-cuong-mau/", draft.outline, name="outline"),
    path("soan/chuong-trinh-mau/", draft.starter, name="starter"),
    path("soan/dieu-khoan/them/<str:paper>/<str:section>/", draft.clause_new, name="clause_new"),
    path("soan/dieu-khoan/<str:key>/", draft.clause, name="clause"),
    path("soan/hoat-dong/them/", draft.activity_new, name="activity_new"),
    path("soan/hoat-dong/<str:key>/", draft.activity, name="activity"),
    path("soan/chi-tieu/them/", draft.target_new, name="target_new"),
    path("soan/chi-tieu/<str:key>/", draft.target, name="target"),
    path("soan/bo/<str:kind>/<str:key>/", draft.remove, name="remove"),
    path("soan/chuyen/<str:kind>/<str:key>/", draft.move, name="move"),
    path("gui-gop-y/", steps.circulate, name="circulate"),
    path("lap-ban-moi/", steps.revise, name="revise"),
    path("y-kien/", steps.consent, name="consent"),
    path("chot/", steps.freeze, name="freeze"),
    path("mo-ky/", steps.open_signing, name="open_signing"),
    path("da-ghi/<int:seq>/", steps.done, name="done"),
    path("cac-ban/", versions.versions, name="versions"),
    path("cac-ban/<int:number>/", versions.version, name="version"),
    path("cac-ban/<int:number>/ban-in/", versions.printed, name="printed"),
    path("doi-chieu/", versions.compare, name="compare"),
]
_progress = [
    path("", progress.progress, name="progress"),
    path("cac-don-vi/", judging.units, name="progress_units"),
    path("o/<str:key>/", progress.cell, name="progress_cell"),
    path("<int:pk>/", judging.report, name="progress_report"),
    path("<int:pk>/trinh/", progress.submit, name="progress_submit"),
    path("<int:pk>/da-nop/", progress.receipt, name="progress_receipt"),
    path("<int:pk>/tra-lai/", judging.give_back, name="progress_return"),
    path("<int:pk>/chap-nhan/", judging.accept, name="progress_accept"),
    path("<int:pk>/dinh-chinh/", progress.correct, name="progress_correct"),
    path("<int:pk>/lich-su/", judging.report_history, name="progress_history"),
]
_review = [
    path("", review.review, name="review"),
    path("nop/", review.submit, name="review_submit"),
    path("chap-nhan/", review.accept, name="review_accept"),
    path("tra-lai/", review.give_back, name="review_return"),
    path("da-ghi/<int:seq>/", review.done, name="review_done"),
    path("lich-su/", review_history.report_history, name="review_history"),
]
_exemplars = [
    path("", exemplars.register, name="exemplars"),
    path("them/", exemplars.add, name="exemplar_new"),
    path("<int:pk>/", exemplars.exemplar, name="exemplar"),
    path("<int:pk>/tinh-trang/", exemplars.standing, name="exemplar_standing"),
    path("<int:pk>/rut/", exemplars.withdraw, name="exemplar_withdraw"),
]
urlpatterns = [
    path("nam/<int:year_pk>/giao-uoc/", include(_pages)),
    re_path(
        r"^nam/(?P<year_pk>[0-9]+)/(?P<kind>so-ket|tong-ket)/$", reviews.reviews, name="reviews"
    ),
    path("nam/<int:year_pk>/bao-cao/<int:pk>/", include(_review)),
    path("nam/<int:year_pk>/dien-hinh/", include(_exemplars)),
    path("nam/<int:year_pk>/tien-do/", include(_progress)),
    path("nam/<int:year_pk>/thu-so-lieu/", whatif.whatif, name="whatif"),
]
