"""Addresses of segments, below /segments/."""

from django.urls import path

from shuke.segments.views import comparing, discovering, editing, pages

app_name = "segments"
urlpatterns = [
    path("", pages.segments, name="segments"),
    path("edit/", editing.edit, name="edit"),
    path("discover/", discovering.discover_segments, name="discover"),
    path("compare/", comparing.compare, name="compare"),
    path("<int:pk>/", pages.segment, name="segment"),
    path("<int:pk>/<str:step>/", editing.take_step, name="step"),
]
