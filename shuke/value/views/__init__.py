"""Pages of the value room."""

from shuke.value.views.pages import lifecycle, model, overview, refresh, slipping
from shuke.value.views.panel import panel
from shuke.value.views.policy import policy, policy_preview
from shuke.value.views.recommendations import recommended, seen, suitable, unsuitable
from shuke.value.views.runs import runs

__all__ = [
    "lifecycle",
    "model",
    "overview",
    "panel",
    "policy",
    "policy_preview",
    "recommended",
    "refresh",
    "runs",
    "seen",
    "slipping",
    "suitable",
    "unsuitable",
]
