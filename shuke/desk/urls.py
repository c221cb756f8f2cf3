"""Addresses of the desk: 今天, 客户, the customer page, search."""

from django.urls import path

from shuke.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.today, name="today"),
    path("today/<int:pk>/", views.suggestion, name="suggestion"),
    path("today/<int:pk>/<str:step>/", views.handle_suggestion, name="handle"),
    path("search/", views.search, name="search"),
    path("palette/", views.palette_answer, name="palette"),
    path("customers/", views.customer_list, name="customer_list"),
    path("customers/<int:pk>/", views.customer, name="customer"),
    path("customers/<int:pk>/timeline/", views.timeline, name="timeline"),
    path("customers/<int:pk>/timeline/filters/", views.timeline_filters, name="timeline_filters"),
    path("customers/<int:pk>/orders/", views.orders_tab, name="orders"),
]
