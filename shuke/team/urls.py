"""Addresses of the team room: signing in, and 设置."""

from django.urls import path

from shuke.team.views import access, notices, people, shop

app_name = "team"
urlpatterns = [
    path("sign-in/", access.sign_in, name="sign_in"),
    path("sign-out/", access.sign_out, name="sign_out"),
    path("password/", access.password, name="password"),
    path("language/", access.language, name="language"),
    path("theme/", access.theme, name="theme"),
    path("health/", access.health, name="health"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read_all, name="read_notices"),
    path("notices/<int:pk>/", notices.open_notice, name="notice"),
    path("settings/", shop.home, name="settings"),
    path("settings/shop/", shop.shop_page, name="shop"),
    path("settings/stores/", shop.stores, name="stores"),
    path("settings/stores/add/", shop.store_add, name="store_add"),
    path("settings/stores/<int:pk>/", shop.store_edit, name="store_edit"),
    path("settings/stores/<int:pk>/open/", shop.store_open, name="store_open"),
    path("settings/staff/", people.staff, name="staff"),
    path("settings/staff/add/", people.staff_add, name="staff_add"),
    path("settings/staff/<int:pk>/", people.staff_edit, name="staff_edit"),
    path("settings/staff/<int:pk>/access/", people.staff_access, name="staff_access"),
    path("settings/staff/<int:pk>/password/", people.staff_password, name="staff_password"),
    path("settings/audit/", people.audit, name="audit"),
]
