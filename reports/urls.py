"""Addresses of the year, the signing, the print centre, the documents and the verification."""

from django.urls import path

from reports.views import board, files, printing, signing, verification, year

app_name = "reports"
urlpatterns = [
    path("nam/<int:pk>/", year.year, name="year"),
    path("nam/<int:pk>/toan-canh/", board.board, name="board"),
    path("nam/<int:pk>/giao-uoc/ky/", signing.sign, name="sign"),
    path("nam/<int:pk>/giao-uoc/tu-choi-ky/", signing.decline, name="decline"),
    path("nam/<int:pk>/giao-uoc/chu-ky/", signing.signing, name="signing"),
    path("nam/<int:pk>/giao-uoc/chu-ky.json", signing.signing_state, name="signing_state"),
    path("nam/<int:pk>/giao-uoc/chu-ky/<int:place>/", signing.receipt, name="receipt"),
    path("nam/<int:pk>/in/", printing.print_centre, name="print_centre"),
    path("nam/<int:pk>/in/so-giao-uoc/", printing.ask_book, name="ask_book"),
    path("nam/<int:pk>/in/bo/<slug:group>/", printing.ask_set, name="ask_set"),
    path("viec-in/<int:pk>/", printing.job, name="job"),
    path("viec-in/<int:pk>.json", printing.job_state, name="job_state"),
    path("viec-in/<int:pk>/lam-lai/", printing.retry, name="retry_job"),
    path("viec-in/<int:pk>/huy/", printing.cancel, name="cancel_job"),
    path("viec-in/<int:pk>/tep/", files.job_file, name="file"),
    path("van-ban/<int:pk>/", files.document, name="document"),
    path("xac-minh/", verification.verify, name="verify"),
    path("xac-minh/<path:code>/", verification.verify_code, name="verify_code"),
]
