"""What is known of segments: which there are, who is in them, how they grow, how two compare."""

from shuke.segments.queries.comparing import Overlap, overlaps, profile_of
from shuke.segments.queries.growth import Growth, growth_of
from shuke.segments.queries.members import Summary, members_of, sizes_of, summary_of
from shuke.segments.queries.segments import visible_segments

__all__ = [
    "Growth",
    "Overlap",
    "Summary",
    "growth_of",
    "members_of",
    "overlaps",
    "profile_of",
    "sizes_of",
    "summary_of",
    "visible_segments",
]
