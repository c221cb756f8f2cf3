"""Pages of the value room."""

from shuke.value.views.model_report import model
from shuke.value.views.pages import lifecycle, overview
from shuke.value.views.panel import panel
from shuke.value.views.policy import policy, policy_preview
from shuke.value.views.products import product, product_list
from shuke.value.views.recommendations import recommended, seen, suitable, unsuitable
from shuke.value.views.refreshing import progress, refresh
from shuke.value.views.runs import runs
from shuke.value.views.slipping import slipping

__all__ = [
    "lifecycle",
    "model",
    "overview",
    "panel",
    "policy",
    "policy_preview",
    "progress",
    "product",
    "product_list",
    "recommended",
    "refresh",
    "runs",
    "seen",
    "slipping",
    "suitable",
    "unsuitable",
]
