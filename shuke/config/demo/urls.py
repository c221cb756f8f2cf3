"""The one address of the demo: taking it out."""

from django.urls import path

from shuke.config.demo import views

app_name = "demo"
urlpatterns = [path("clear/", views.clear, name="clear")]
