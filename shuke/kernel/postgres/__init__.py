"""The embedded PostgreSQL: a real server that Shuke starts, shares and stops by itself. Django-free.

`EmbeddedPostgres(data_folder)` keeps its cluster in `<data_folder>/postgres` and listens on a private Unix socket only.
Every process that needs it calls `start()`; the first one starts the server, the last one that leaves stops it.
Whatever goes wrong is raised as `PostgresTrouble` with a message that a shopkeeper can act on.
"""

from shuke.kernel.postgres.cluster import Connection, EmbeddedPostgres
from shuke.kernel.postgres.home import PostgresTrouble

__all__ = ["Connection", "EmbeddedPostgres", "PostgresTrouble"]
