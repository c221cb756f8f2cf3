"""Addresses of the desk: 今天, 客户, the customer page, search."""

from django.urls import path

from shuke.desk import views
from shuke.desk.views import cells, companies, filtering, saved

app_name = "desk"
urlpatterns = [
    path("", views.today, name="today"),
    path("today/<int:pk>/", views.suggestion, name="suggestion"),
    path("today/<int:pk>/permit/", views.permit, name="permit"),
    path("today/<int:pk>/<str:step>/", views.handle_suggestion, name="handle"),
    path("search/", views.search, name="search"),
    path("palette/", views.palette_answer, name="palette"),
    path("customers/", views.customer_list, name="customer_list"),
    path("customers/filter/", filtering.filter_builder, name="filter"),
    path("customers/filter/fields/", filtering.filter_fields_menu, name="filter_fields"),
    path("customers/filter/one/", filtering.filter_one, name="filter_one"),
    path("customers/filter/set/", filtering.filter_set, name="filter_set"),
    path("customers/filter/count/", filtering.filter_count, name="filter_count"),
    path("customers/columns/", filtering.list_columns, name="list_columns"),
    path("customers/menu/", filtering.list_more, name="list_menu"),
    path("customers/groups/", filtering.list_groups, name="list_groups"),
    path("customers/<int:pk>/cell/<str:code>/", cells.cell, name="cell"),
    path("customers/views/", saved.manage_views, name="manage_views"),
    path("customers/views/save/", saved.save_view, name="save_view"),
    path("customers/views/<str:key>/<str:step>/", saved.change_view, name="change_view"),
    path("customers/<int:pk>/", views.customer, name="customer"),
    path("customers/<int:pk>/timeline/", views.timeline, name="timeline"),
    path("customers/<int:pk>/timeline/filters/", views.timeline_filters, name="timeline_filters"),
    path("customers/<int:pk>/orders/", views.orders_tab, name="orders"),
    path("customers/<int:pk>/sums/", companies.company_sums, name="company_sums"),
]
