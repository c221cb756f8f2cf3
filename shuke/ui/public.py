"""Pages for people who are not signed in and hold a secret address: `ui/public.html`, its languages, its headers."""

from django.http import HttpResponse

LANGUAGES = {"zh-hans": "简体", "zh-hant": "繁體", "en": "English"}


def private(response: HttpResponse) -> HttpResponse:
    """A page that no machine keeps, no search engine lists, and no other site hears the address of."""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
