from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig
from django.db.models.signals import pre_migrate


class KernelConfig(AppConfig):
    name = "shuke.kernel"
    label = "kernel"

    def ready(self) -> None:
        for part in ("handlers", "registration"):
            if find_spec(f"{self.name}.{part}"):
                import_module(f"{self.name}.{part}")
        pre_migrate.connect(_complete_indexes, sender=self)


def _complete_indexes(**_signal: object) -> None:
    """Migrations find every index that the migrations before them made."""
    from django.db import connection

    from shuke.kernel.late_indexes import build_late

    if "kernel_lateindex" in connection.introspection.table_names():
        build_late()
