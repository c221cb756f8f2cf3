"""Addresses of the value room."""

from django.urls import path

from shuke.value import views

app_name = "value"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("lifecycle/", views.lifecycle, name="lifecycle"),
    path("slipping/", views.slipping, name="slipping"),
    path("model/", views.model, name="model"),
    path("model/runs/", views.runs, name="runs"),
    path("refresh/", views.refresh, name="refresh"),
    path("refresh/progress/", views.progress, name="progress"),
    path("policy/", views.policy, name="policy"),
    path("policy/preview/", views.policy_preview, name="policy_preview"),
    path("lifecycle/strategies/", views.strategies, name="strategies"),
    path("retention/", views.retention, name="retention"),
    path("rfm/", views.rfm, name="rfm"),
    path("rfm/edges/", views.rfm_edges, name="rfm_edges"),
    path("products/", views.product_list, name="products"),
    path("products/<int:product_id>/", views.product, name="product"),
    path("recommended/", views.recommended, name="recommended"),
    path("recommended/answers/<int:answer_id>/back/", views.suitable, name="suitable"),
    path("customers/<int:customer_id>/seen/", views.seen, name="seen"),
    path("customers/<int:customer_id>/unsuitable/<int:product_id>/", views.unsuitable, name="unsuitable"),
    path("customers/<int:customer_id>/panel/", views.panel, name="panel"),
]
