"""What others may ask the value room."""

from shuke.value.queries.pages import (
    RunLine,
    RunReport,
    last_problem,
    latest_report,
    policy,
    recent_runs,
    running_progress,
    stores_with_summaries,
    summaries_for,
)
from shuke.value.queries.values import (
    StageStep,
    Value,
    customers_at_level,
    customers_in_stage,
    rfm_cell_customers,
    slipping_customers,
    stage_history,
    value_of,
    value_rows,
    values_for,
    worth_select,
)

__all__ = [
    "RunLine",
    "RunReport",
    "StageStep",
    "Value",
    "customers_at_level",
    "customers_in_stage",
    "last_problem",
    "latest_report",
    "policy",
    "recent_runs",
    "rfm_cell_customers",
    "running_progress",
    "slipping_customers",
    "stage_history",
    "stores_with_summaries",
    "summaries_for",
    "value_of",
    "value_rows",
    "values_for",
    "worth_select",
]
