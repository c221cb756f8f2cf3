"""Addresses of the ui room."""

from django.conf import settings
from django.urls import path

from shuke.ui import views

app_name = "ui"
urlpatterns = [path("manifest.webmanifest", views.manifest, name="manifest")]
if settings.DEBUG or getattr(settings, "TESTING", False):
    urlpatterns.append(path("gallery/", views.gallery, name="gallery"))
