"""`manage.py rebuild_rows`: bring the read model of lists up to date by hand."""

from typing import Any

from django.core.management.base import BaseCommand

from shuke.desk.services.rows import rebuild_rows


class Command(BaseCommand):
    """Rebuild the rows of customer lists."""

    help = "重建客户列表 / Rebuild the rows of customer lists"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(str(rebuild_rows()))
