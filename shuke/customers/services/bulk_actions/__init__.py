"""Doing one thing to many customers: a job over ids or a stored filter, part by part, to be resumed and taken back.

Rooms add kinds with `customers.ports.register_bulk_kind`; the ready ones are in `kinds`.
"""

from shuke.customers.services.bulk_actions.running import (
    MOST_PICKED,
    NothingSelected,
    Selection,
    resume_bulk,
    run_bulk,
    start_bulk,
)

__all__ = ["MOST_PICKED", "NothingSelected", "Selection", "resume_bulk", "run_bulk", "start_bulk"]
