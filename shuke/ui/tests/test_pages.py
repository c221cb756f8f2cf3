"""Pages and components: escaped, without inline style or script, each visitor with the navigation they may use."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler

from shuke.ui import errors, frame, navigation, toasts, views
from shuke.ui.frame import Frame, frame_for

UI = Path(__file__).resolve().parents[1]
INLINE = re.compile(r"<[^>]*\s(style|on[a-z]+)\s*=", re.IGNORECASE)


@dataclass
class Visitor:
    """Someone signed in with a set of permissions."""

    permissions: frozenset[str]
    is_authenticated: bool = True
    name: str = "王店员"

    def may(self, permission: str) -> bool:
        return permission in self.permissions


def request_by(*permissions: str, path: str = "/ui/gallery/", **headers: str):
    request = RequestFactory().get(path, headers=headers)
    request.user = Visitor(frozenset(permissions))
    request.session = {}
    return request


def has_inline_code(html: str) -> bool:
    without_values = re.sub(r'"[^"]*"', '""', re.sub(r"\{[%{].*?[%}]\}", "", html))
    return INLINE.search(without_values) is not None


def render(source: str, **context: object) -> str:
    return engines["django"].from_string(CottonCompiler().process(source)).render(context, request_by())


@pytest.fixture(autouse=True)
def _shop(monkeypatch: pytest.MonkeyPatch) -> None:
    """These pages stand without any room above: no facts of a shop, no notices."""
    monkeypatch.setattr(frame, "_provider", [lambda request: Frame(shop_name="云栖茶礼")])
    monkeypatch.setattr(frame, "_bell", [])


@pytest.fixture
def gallery() -> str:
    return views.gallery(request_by("customers.view")).content.decode()


def test_every_component_renders_without_inline_style_or_handlers(gallery: str) -> None:
    assert "云栖茶礼" in gallery
    assert not has_inline_code(gallery)


def test_scripts_of_a_page_are_files_or_plain_data(gallery: str) -> None:
    for tag in re.findall(r"<script[^>]*>", gallery):
        assert " src=" in tag or 'type="application/json"' in tag


def test_a_hostile_name_stays_text_in_slots_attributes_and_titles(gallery: str) -> None:
    assert "<b onclick" not in gallery
    assert 'title="&lt;b onclick=&quot;alert(1)&quot;&gt;' in gallery


@pytest.mark.parametrize(
    "way", ['title="{{ name }}"', ':title="name"', 'data-name="{{ name }}"', ':data-name="name"']
)
def test_attributes_that_pass_through_a_component_are_escaped(way: str) -> None:
    html = render(f"<c-button {way}>好</c-button>", name='"><script>alert(1)</script>')

    assert "<script>" not in html
    assert "&quot;&gt;&lt;script&gt;" in html


@pytest.mark.parametrize(
    "html", ['<p style="color: red">', "<a href='#' onclick='x()'>", '<b class="a" onLoad=x>']
)
def test_inline_style_and_handlers_are_noticed(html: str) -> None:
    assert has_inline_code(html)


def test_no_template_of_ours_prints_bare_attributes_or_inline_style() -> None:
    for template in UI.parent.rglob("templates/**/*.html"):
        text = template.read_text(encoding="utf-8")
        assert "{{ attrs }}" not in text, template
        assert not has_inline_code(text), template


def test_the_rail_shows_only_what_the_visitor_may_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_items", {})
    navigation.register(navigation.NavItem("open", "谁都能看", "ui:manifest", "home", order=2))
    navigation.register(
        navigation.NavItem("closed", "店主才看", "ui:gallery", "lock", "shop.configure", order=1)
    )

    assert [link.item.key for link in navigation.links_for(request_by())] == ["open"]
    assert [link.item.key for link in navigation.links_for(request_by("shop.configure"))] == [
        "closed",
        "open",
    ]


def test_a_visitor_who_is_not_signed_in_sees_no_navigation() -> None:
    request = request_by()
    request.user.is_authenticated = False

    assert navigation.links_for(request) == []


def test_the_entry_with_the_longest_matching_address_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_items", {})
    navigation.register(navigation.NavItem("short", "短", "ui:manifest", "home", match=("/ui/",)))
    navigation.register(navigation.NavItem("long", "长", "ui:gallery", "home"))

    current = [
        link.item.key for link in navigation.links_for(request_by(path="/ui/gallery/x/")) if link.is_current
    ]
    assert current == ["long"]


def test_a_toast_joins_triggers_that_are_already_there() -> None:
    response = HttpResponse(headers={"HX-Trigger": json.dumps({"closedialog": True})})

    toasts.toast(response, "已联系王秀兰", undo_url="/today/9/undo/")

    assert json.loads(response["HX-Trigger"]) == {
        "closedialog": True,
        "toast": {"text": "已联系王秀兰", "undo": "/today/9/undo/", "level": "ok"},
    }


def test_a_message_with_undo_offers_it_as_a_form() -> None:
    html = render('<c-toast :message="message" />', message=Message(25, "已删除", extra_tags="undo:/undo/7/"))

    assert '<form method="post" action="/undo/7/">' in html
    assert "撤销" in html


def test_a_forbidden_page_gives_the_reason_of_the_service() -> None:
    answer = errors.forbidden(request_by(), Exception("这条记录不在您的范围内。"))

    assert answer.status_code == 403
    assert "这条记录不在您的范围内。" in answer.content.decode()


def test_a_forbidden_fragment_answers_in_plain_words_for_a_toast() -> None:
    answer = errors.forbidden(request_by(**{"HX-Request": "true"}), Exception("<b>不行</b>"))

    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode() == "<b>不行</b>"


def test_the_page_for_our_own_faults_needs_neither_request_nor_database() -> None:
    answer = errors.server_error(RequestFactory().get("/"))

    assert answer.status_code == 500
    assert "不是您的问题" in answer.content.decode()


def test_without_a_room_that_knows_them_the_frame_has_plain_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "_provider", [])

    assert frame_for(request_by()) == Frame(shop_name="", theme="auto", is_rise_red=True, is_demo=False)


def test_ordinary_pages_stay_small(gallery: str) -> None:
    frame_only = gallery.split('<main id="main"')[0] + gallery.split("</main>")[1]
    assert len(frame_only.encode()) < 16_000


def test_what_the_shop_has_no_use_for_is_not_in_the_rail_but_can_be_gone_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def has_use(request: HttpRequest) -> bool:
        asked.append(request.path)
        return False

    monkeypatch.setattr(navigation, "_items", {})
    navigation.register(navigation.NavItem("open", "都有", "ui:manifest", "home"))
    navigation.register(navigation.NavItem("team", "几个人才有", "ui:gallery", "users", has_use=has_use))
    elsewhere, there = request_by(path="/elsewhere/"), request_by(path="/ui/gallery/")
    assert [link.item.key for link in navigation.links_for(elsewhere)] == ["open"]
    assert [link.item.key for link in navigation.pages_for(elsewhere)] == ["open", "team"]
    assert [link.item.key for link in navigation.links_for(there)] == ["open", "team"]
    assert (navigation.shape_of(elsewhere), asked) == ("", ["/elsewhere/"])
