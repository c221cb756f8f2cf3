"""The web manifest, and the gallery for those who build."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static

from shuke.ui.frame import frame_for


def manifest(request: HttpRequest) -> JsonResponse:
    """So that a phone can put 熟客 on its home screen."""
    name = frame_for(request).shop_name or "熟客"
    return JsonResponse(
        {
            "name": name,
            "short_name": "熟客",
            "start_url": "/",
            "display": "standalone",
            "background_color": "#f6f1e7",
            "theme_color": "#f6f1e7",
            "icons": [{"src": static("ui/icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
        },
        content_type="application/manifest+json",
    )


def gallery(request: HttpRequest) -> HttpResponse:
    """Every component once, for looking at. Only in development and tests."""
    from shuke.ui.gallery import examples

    return render(request, "ui/gallery.html", examples())
