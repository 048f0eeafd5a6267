"""Every address of the application; each view declares who may open it."""

from django.urls import include, path

handler404 = "core.views.not_found"
handler403 = "core.views.forbidden"
handler500 = "core.views.server_error"
handler400 = "core.views.bad_request"

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("core.urls")),
    path("", include("clusters.urls")),
    path("", include("scoring.urls")),
    path("", include("pledges.urls")),
    path("", include("reports.urls")),
]
