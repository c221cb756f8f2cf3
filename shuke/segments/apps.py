from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    name = "shuke.segments"
    label = "segments"

    def ready(self) -> None:
        for part in ("handlers", "registration"):
            if find_spec(f"{self.name}.{part}"):
                import_module(f"{self.name}.{part}")
