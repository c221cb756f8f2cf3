"""Kernel: what every room stands on, and nothing about customers.

Doors: `events` (Event, handles), `outbox` (publish), `jobs` (task, enqueue, enqueue_once), `idempotency` (once),
`clock` (now, today), `money` (format_fen …), `keyset` (paging), `bulk` (COPY in and out), `late_indexes` (built after a
big load), `storage` (data folder), `postgres` (the embedded PostgreSQL, Django-free), `compiled` (queries worked out once).
Events: none of its own. An event row and one job per handler are written in the publisher's transaction (outbox);
delivery is at least once, so handlers are safe to run twice.
"""
