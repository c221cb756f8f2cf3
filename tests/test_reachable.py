"""Nobody has to know an address: every page that stands for itself is linked from one that is reached from 今天."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponseRedirect
from django.test import Client
from django.urls import NoReverseMatch, Resolver404, URLPattern, get_resolver, resolve, reverse

from shuke.team import testing as team
from shuke.team.queries import SYSTEM
from shuke.value.services import count_views, refresh_all
from shuke.value.testing import TODAY, small_shop

pytestmark = pytest.mark.django_db
NOT_FROM_WITHIN = {
    "team:sign_in",  # before one is in
    "ui:gallery",  # for who builds pages
    "desk:search",  # where the search box sends without JavaScript
    "demo:clear",  # in the demo shop only
    "segments:compare",  # linked once there are two to compare
}
_LINK = re.compile(r'href="(/[^"#?]*)')


def addresses(patterns: Any = None, room: str = "") -> Iterator[str]:
    """The names of all addresses without a number or word in them."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLPattern):
            name = f"{room}:{one.name}" if room else str(one.name)
            if one.name and not one.pattern.converters:
                yield name
        else:
            yield from addresses(one.url_patterns, one.namespace or room)


def page(client: Client, address: str, *, follows: bool = True) -> str:
    """A whole page, empty for anything else: fragments, files, what is only sent to."""
    answer = client.get(address)
    if isinstance(answer, HttpResponseRedirect) and follows:
        answer = client.get(answer.url)
    is_page = answer.status_code == 200 and "text/html" in answer.headers.get("Content-Type", "")
    body = answer.content.decode() if is_page else ""
    return body if 'id="main"' in body else ""


def name_of(address: str) -> str:
    try:
        found = resolve(address)
    except Resolver404:
        return ""
    return "" if found.kwargs else found.view_name


def reached_from(client: Client, start: str) -> set[str]:
    """The names of all pages to which links lead, one page after the other."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        address = waiting.pop()
        name = name_of(address)
        if not name or name in reached or name == "team:sign_out":
            continue
        reached.add(name)
        waiting += _LINK.findall(page(client, address))
    return reached


def test_every_page_is_linked_from_a_page_that_is_reached() -> None:
    cast = team.cast()
    small_shop(60)
    refresh_all(SYSTEM, as_of=TODAY)
    count_views(SYSTEM)
    client = Client()
    client.force_login(cast.owner)
    reached = reached_from(client, "/")
    others = set()
    for name in set(addresses()) - reached - NOT_FROM_WITHIN:
        try:
            address = reverse(name)
        except NoReverseMatch:
            continue
        if page(client, address, follows=False):
            others.add(name)
    assert others == set()
    assert len(reached) > 30
