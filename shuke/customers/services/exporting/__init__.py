"""Lists of customers that leave the house as files: asked for, allowed above the shop's limit, written by a job, kept a week."""

from shuke.customers.services.exporting.asking import (
    ExportForm,
    NotDecidable,
    ask_export,
    decide_export,
    save_export_rule,
)
from shuke.customers.services.exporting.running import (
    KEPT_DAYS,
    NotDownloadable,
    file_of,
    note_download,
    remove_old_exports,
    run_export,
)
from shuke.customers.services.exporting.writing import writer_for

__all__ = [
    "KEPT_DAYS",
    "ExportForm",
    "NotDecidable",
    "NotDownloadable",
    "ask_export",
    "decide_export",
    "file_of",
    "note_download",
    "remove_old_exports",
    "run_export",
    "save_export_rule",
    "writer_for",
]
