"""From a file of unknown kind to batches of text columns. Django-free.

`look_at(path)` finds out what a file is and makes it readable (UTF-8 text beside it where need be);
`read_batches(look, position)` streams it with flat memory, from any position it gave before.
A file that cannot be used raises Unusable with a code.
"""

from shuke.imports.reading.kinds import Unusable
from shuke.imports.reading.look import Column, Look, look_at
from shuke.imports.reading.stream import Batch, Position, read_batches

__all__ = ["Batch", "Column", "Look", "Position", "Unusable", "look_at", "read_batches"]
