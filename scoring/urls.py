"""Addresses of the criteria table of a year."""

from django.urls import path

from scoring import views

app_name = "scoring"
urlpatterns = [
    path("nam/<int:pk>/bang-tieu-chi/", views.table, name="table"),
    path("nam/<int:pk>/bang-tieu-chi/chon/", views.choose_table, name="choose_table"),
]
