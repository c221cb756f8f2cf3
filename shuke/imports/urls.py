"""Addresses of the imports room."""

from django.urls import path

from shuke.imports import views

app_name = "imports"
urlpatterns = [
    path("", views.run_list, name="list"),
    path("new/", views.new, name="new"),
    path("<int:pk>/", views.run_page, name="run"),
    path("<int:pk>/mapping/", views.mapping, name="mapping"),
    path("templates/<slug:code>.<slug:form>", views.template, name="template"),
    path("<int:pk>/kind/", views.kind, name="kind"),
    path("<int:pk>/look/", views.look, name="look"),
    path("<int:pk>/start/", views.start, name="start"),
    path("<int:pk>/progress/", views.progress, name="progress"),
    path("<int:pk>/rejects.csv", views.rejects, name="rejects"),
    path("<int:pk>/undo/", views.undo, name="undo"),
    path("<int:pk>/discard/", views.discard, name="discard"),
]
