"""Pages of the value room."""

from shuke.value.views.lifecycle import lifecycle, strategies
from shuke.value.views.model_report import model
from shuke.value.views.pages import overview
from shuke.value.views.panel import panel
from shuke.value.views.policy import policy, policy_preview
from shuke.value.views.products import product, product_list
from shuke.value.views.recommendations import recommended, seen, suitable, unsuitable
from shuke.value.views.refreshing import progress, refresh
from shuke.value.views.retention import retention
from shuke.value.views.rfm import rfm, rfm_edges
from shuke.value.views.runs import runs
from shuke.value.views.slipping import slipping

__all__ = [
    "lifecycle",
    "model",
    "overview",
    "panel",
    "policy",
    "policy_preview",
    "product",
    "product_list",
    "progress",
    "recommended",
    "refresh",
    "retention",
    "rfm",
    "rfm_edges",
    "runs",
    "seen",
    "slipping",
    "strategies",
    "suitable",
    "unsuitable",
]
