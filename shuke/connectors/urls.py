"""Addresses of what connects Shuke with systems outside."""

from django.urls import path

from shuke.connectors.mail.views import accounts, inbox, letters

app_name = "connectors"
urlpatterns = [
    path("mail/", inbox.inbox, name="inbox"),
    path("mail/unknown/<int:pk>/candidates/", inbox.candidates, name="candidates"),
    path("mail/unknown/<int:pk>/<str:what>/", inbox.settle, name="settle"),
    path("settings/mail/", accounts.accounts, name="accounts"),
    path("settings/mail/add/", accounts.account_add, name="account_add"),
    path("settings/mail/<int:pk>/", accounts.account, name="account"),
    path("settings/mail/<int:pk>/turn/", accounts.account_turn, name="account_turn"),
    path("settings/mail/<int:pk>/turn/<str:turn>/", accounts.account_undo, name="account_undo"),
    path("settings/mail/<int:pk>/try/<str:what>/", accounts.account_try, name="account_try"),
    path("mail/write/<int:pk>/", letters.write, name="write"),
    path("mail/customers/<int:pk>/", letters.customer_mail, name="customer_mail"),
    path("mail/letters/<int:pk>/", letters.letter, name="letter"),
    path("mail/letters/<int:pk>/<str:what>/", letters.decide, name="decide"),
    path("mail/files/<int:pk>/", letters.file, name="file"),
]
