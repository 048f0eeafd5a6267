"""Addresses of the inbox, the notices and the health checks."""

from django.urls import path

from core import views

app_name = "core"
urlpatterns = [
    path("", views.root, name="root"),
    path("viec-cua-toi/", views.my_work, name="inbox"),
    path("thong-bao/", views.notices, name="notices"),
    path("thong-bao/<int:pk>/", views.read_notice, name="read_notice"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
