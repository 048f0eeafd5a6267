"""Addresses of the criteria table of a year."""

from django.urls import path

from scoring.views import table

app_name = "scoring"
urlpatterns = [
    path("nam/<int:pk>/bang-tieu-chi/", table.table, name="table"),
    path("nam/<int:pk>/bang-tieu-chi/chon/", table.choose_table, name="choose_table"),
]
