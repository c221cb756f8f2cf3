"""Imports: any table file in, row by row accounted for.

Finds out what a file is (format, encoding, sheet, columns), shows it, remembers the mapping per source, and drives a run:
a resumable job with progress, reject file and undo. What a row means is told by a target that a higher room registers.
Doors: `services` (receive_file, start_run, undo_run …), `queries` (runs …), `ports` (ImportTarget, register_target).
Events: ImportFinished, ImportUndone.
A run's batches are transactions of their own: kill it anywhere and it goes on where it stood, nothing doubled.
"""
