"""The ui room."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Layout and components."""

    name = "shuke.ui"
    label = "ui"
    verbose_name = "界面"
