"""What is done with imports: receive a file, set what its columns mean, run, undo."""

from shuke.imports.services.command import ImportReport, import_file
from shuke.imports.services.previewing import Preview, preview_run
from shuke.imports.services.receiving import (
    GUESS,
    NotUsable,
    discard_run,
    look_again,
    receive_file,
    set_mapping,
    set_target,
)
from shuke.imports.services.running import run_import, start_run
from shuke.imports.services.undoing import undo_import, undo_run

__all__ = [
    "GUESS",
    "ImportReport",
    "NotUsable",
    "Preview",
    "discard_run",
    "import_file",
    "look_again",
    "preview_run",
    "receive_file",
    "run_import",
    "set_mapping",
    "set_target",
    "start_run",
    "undo_import",
    "undo_run",
]
