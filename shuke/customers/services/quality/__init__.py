"""Scores of profiles, kept fresh and rebuilt in bulk; what people say about single fields. See docs/quality.md."""

from shuke.customers.services.quality.checks import Word, note_field
from shuke.customers.services.quality.policy import QualityForm, save_quality_policy
from shuke.customers.services.quality.scoring import rebuild_quality, refresh_quality

__all__ = ["QualityForm", "Word", "note_field", "rebuild_quality", "refresh_quality", "save_quality_policy"]
