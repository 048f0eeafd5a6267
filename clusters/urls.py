"""Addresses of the registry, of clusters and their years, and of the search."""

from django.urls import path

from clusters.views import history, mine, people, units, years

app_name = "clusters"
urlpatterns = [
    path("chuc-trach/", mine.appointments, name="appointments_mine"),
    path("tim/", mine.search_everything, name="search"),
    path("don-vi/", units.units, name="units"),
    path("don-vi/them/", units.add_unit, name="add_unit"),
    path("don-vi/<int:pk>/", units.unit, name="unit"),
    path("don-vi/<int:pk>/ke-tuc/", units.add_succession, name="add_succession"),
    path("nguoi-dung/", people.people, name="people"),
    path("nguoi-dung/them/", people.add_person, name="add_person"),
    path("nguoi-dung/<int:pk>/", people.person, name="person"),
    path("nguoi-dung/<int:pk>/sua/", people.edit_person, name="edit_person"),
    path("nguoi-dung/<int:pk>/mat-khau/", people.reset_password, name="reset_password"),
    path("nguoi-dung/<int:pk>/tai-khoan/", people.switch_person, name="switch_person"),
    path("nguoi-dung/<int:pk>/phan-cong/", people.add_appointment, name="add_appointment"),
    path("phan-cong/<int:pk>/thoi/", people.end_appointment, name="end_appointment"),
    path("cum-khoi/", years.clusters, name="clusters"),
    path("cum-khoi/them/", years.add_cluster, name="add_cluster"),
    path("cum-khoi/<int:pk>/mo-nam/", years.open_year, name="open_year"),
    path("nam/<int:pk>/thanh-vien/", years.members, name="members"),
    path("nam/<int:pk>/lich/", years.calendar, name="calendar"),
    path("nam/<int:pk>/ky-bao-cao/", years.periods, name="periods"),
    path("nam/<int:pk>/cong-khai/", years.openness, name="openness"),
    path("nam/<int:pk>/gia-han/", years.extensions, name="extensions"),
    path("nam/<int:pk>/nhat-ky/", history.year_history, name="history"),
]
