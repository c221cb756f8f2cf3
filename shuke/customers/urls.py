"""Addresses of the customers room, below /customers/."""

from django.urls import path

from shuke.customers import views

app_name = "customers"
urlpatterns = [
    path("add/", views.add, name="add"),
    path("duplicates/", views.duplicates, name="duplicates"),
    path("check/", views.conflicts, name="conflicts"),
    path("check/<int:pk>/decide/", views.decide, name="decide_conflict"),
    path("check/<int:pk>/reopen/", views.reopen, name="reopen_conflict"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/profile/", views.profile_panel, name="profile_panel"),
    path("<int:pk>/changes/", views.changes_panel, name="changes_panel"),
    path("<int:pk>/touches/", views.touch_panel, name="touch_panel"),
    path("<int:pk>/log/", views.log, name="log"),
    path("<int:pk>/follow-up/", views.follow_up, name="follow_up"),
    path("<int:pk>/reveal/<str:field>/", views.reveal, name="reveal"),
    path("follow-ups/<int:pk>/finish/", views.finish, name="finish_follow_up"),
    path("follow-ups/<int:pk>/cancel/", views.cancel, name="cancel_follow_up"),
    path("follow-ups/<int:pk>/reopen/", views.reopen_step, name="reopen_follow_up"),
    path("touches/<int:pk>/remove/", views.remove_touch, name="remove_touch"),
]
