"""Addresses of the orders room."""

from django.urls import URLPattern

app_name = "orders"
urlpatterns: list[URLPattern] = []
