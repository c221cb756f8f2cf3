"""What every template may use: `frame` (shop, theme), `bell`, `navigation` and the `section` of it that the page is in.

All of it is worked out only when asked for.
"""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from shuke.ui.frame import THEMES, bell_for, frame_for
from shuke.ui.navigation import links_for, section_of, shape_of


def layout(request: HttpRequest) -> dict[str, Any]:
    """Context processor."""
    chosen = request.COOKIES.get("shuke_theme", "")
    frame = SimpleLazyObject(lambda: frame_for(request))
    return {
        "frame": frame,
        "bell": SimpleLazyObject(lambda: bell_for(request)),
        "navigation": SimpleLazyObject(lambda: links_for(request)),
        "navigation_shape": SimpleLazyObject(lambda: shape_of(request)),
        "section": SimpleLazyObject(lambda: section_of(request)),
        "cookie_theme": chosen if chosen in THEMES else "",
        "is_fragment": request.headers.get("HX-Request") == "true" and "HX-Boosted" not in request.headers,
    }
