"""What is drawn once for many must never show one visitor what another one sees."""

import re

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils import translation

from shuke.team.services import change_shop
from shuke.team.testing import Cast, cast


def test_it_is_drawn_once_for_each_value_and_language() -> None:
    drawn: list[str] = []
    page = Template("{% same_for who.name %}{{ who.name }}{% trans '关闭' %}{{ count }}{% end_same_for %}")

    def draw(name: str) -> str:
        return page.render(Context({"who": {"name": name}, "count": lambda: drawn.append(name) or ""}))

    assert [draw("林"), draw("林"), draw("<王>")] == ["林关闭", "林关闭", "&lt;王&gt;关闭"]
    with translation.override("en"):
        assert draw("林") == "林Close"
    assert drawn == ["林", "<王>", "林"]


def test_no_more_is_kept_than_some_hundred() -> None:
    page = Template("{% same_for number %}{{ number }}{% end_same_for %}")
    node = page.nodelist[0]

    for number in range(1_000):
        assert page.render(Context({"number": number})) == str(number)

    assert len(node._drawn) <= 400  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_each_visitor_has_their_own_frame_whoever_came_before(client: Client) -> None:
    people: Cast = cast()
    frames = {}
    for _ in range(2):
        for person in (people.owner, people.wang, people.analyst):
            client.force_login(person)
            body = client.get("/").content.decode()
            frames.setdefault(person.username, body)
            assert person.name in body
            assert [other.name for other in (people.owner, people.wang) if other.name in body] in (
                [],
                [person.name],
            )

    assert 'href="/settings/' in frames["su"]
    assert 'href="/settings/shop' not in frames["wang"]


@pytest.mark.django_db
def test_a_new_name_of_the_shop_is_shown_at_once(client: Client) -> None:
    people = cast()
    client.force_login(people.owner)
    for name in ("栖谷茶礼", "<b>山门</b>"):
        change_shop(actor=people.owner, name=name)
        body = client.get("/settings/shop/").content.decode()
        shown = re.search(r'class="top-shop" title="([^"]*)"', body)
        assert shown is not None and shown[1] == name.replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.django_db
def test_tokens_are_never_kept(client: Client) -> None:
    client.force_login(cast().owner)
    tokens = [
        set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/").content.decode()))
        for _ in range(2)
    ]

    assert tokens[0] and tokens[0].isdisjoint(tokens[1])
