"""Addresses of scoring: the criteria table of a year, its evidence."""

from django.urls import path

from scoring.views import evidence, table

app_name = "scoring"
urlpatterns = [
    path("nam/<int:pk>/bang-tieu-chi/", table.table, name="table"),
    path("nam/<int:pk>/bang-tieu-chi/chon/", table.choose_table, name="choose_table"),
    path("nam/<int:year_pk>/minh-chung/", evidence.store, name="evidence"),
    path("nam/<int:year_pk>/minh-chung/<int:pk>/tep/", evidence.file, name="evidence_file"),
    path("nam/<int:year_pk>/minh-chung/<int:pk>/rut/", evidence.withdraw, name="evidence_withdraw"),
]
