"""URL assembly: each room brings its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("shuke.desk.urls")),
    path("", include("shuke.team.urls")),
    path("settings/demo/", include("shuke.config.demo.urls")),
    path("customers/", include("shuke.customers.urls")),
    path("orders/", include("shuke.orders.urls")),
    path("imports/", include("shuke.imports.urls")),
    path("", include("shuke.connectors.urls")),
    path("value/", include("shuke.value.urls")),
    path("assignment/", include("shuke.assignment.urls")),
    path("segments/", include("shuke.segments.urls")),
    path("ui/", include("shuke.ui.urls")),
]
handler400 = "shuke.ui.errors.bad_request"
handler403 = "shuke.ui.errors.forbidden"
handler404 = "shuke.ui.errors.not_found"
handler500 = "shuke.ui.errors.server_error"
