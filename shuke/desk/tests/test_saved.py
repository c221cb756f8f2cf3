"""Saved views: whose they are, who opens them, and which come first."""

from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.test import Client

from shuke.customers.testing import customer
from shuke.desk import testing
from shuke.desk.models import SavedView
from shuke.desk.queries.saved import views_of
from shuke.desk.services import saved
from shuke.team.testing import Cast, cast

LIST = "/customers/"


@pytest.fixture
def people(db: None) -> Cast:
    return cast()


def signed_in(staff: Any) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def labels(staff: Any) -> list[str]:
    return [str(one.label) for one in views_of(staff) if one.id]


def test_a_view_is_ones_own_until_it_is_shared(people: Cast) -> None:
    pk = saved.save_view(actor=people.lin, name=" 常客  名单 ", query="f=stage.in.loyal")
    assert labels(people.lin) == ["常客 名单"]
    assert labels(people.wang) == []
    saved.change_view(actor=people.lin, view_id=pk, is_shared=True)
    assert labels(people.wang) == ["常客 名单"]
    assert [one.owner_name for one in views_of(people.wang) if one.id] == [people.lin.name]


def test_only_its_owner_changes_or_deletes_a_view(people: Cast) -> None:
    pk = saved.save_view(actor=people.lin, name="名单", query="", is_shared=True)
    for act in (
        lambda: saved.change_view(actor=people.owner, view_id=pk, name="别的"),
        lambda: saved.delete_view(actor=people.owner, view_id=pk),
        lambda: saved.restore_view(actor=people.owner, view_id=pk),
    ):
        with pytest.raises(ObjectDoesNotExist):
            act()
    assert SavedView.objects.filter(pk=pk, name="名单", deleted_at=None).exists()


def test_a_clerk_keeps_views_but_shares_none(people: Cast) -> None:
    with pytest.raises(PermissionDenied):
        saved.save_view(actor=people.wang, name="大家的", query="", is_shared=True)
    pk = saved.save_view(actor=people.wang, name="我的", query="")
    with pytest.raises(PermissionDenied):
        saved.change_view(actor=people.wang, view_id=pk, is_shared=True)
    with pytest.raises(PermissionDenied):
        saved.save_view(actor=people.stranger, name="我的", query="")
    assert list(SavedView.objects.values_list("name", "is_shared")) == [("我的", False)]


@pytest.mark.parametrize(
    ("name", "words"), [("", "起个名字"), ("长" * 31, "最多 30 个字"), ("有了", "已经有一个叫")]
)
def test_a_name_that_will_not_do_says_why(people: Cast, name: str, words: str) -> None:
    saved.save_view(actor=people.lin, name="有了", query="")
    with pytest.raises(ValidationError) as caught:
        saved.save_view(actor=people.lin, name=name, query="")
    assert words in caught.value.messages[0]
    assert SavedView.objects.count() == 1


def test_a_deleted_view_comes_back(people: Cast) -> None:
    pk = saved.save_view(actor=people.lin, name="名单", query="sort=name")
    saved.delete_view(actor=people.lin, view_id=pk)
    assert labels(people.lin) == []
    saved.restore_view(actor=people.lin, view_id=pk)
    assert labels(people.lin) == ["名单"]


def test_the_list_opens_with_the_view_chosen_first(people: Cast) -> None:
    lin = signed_in(people.lin)
    assert lin.get(LIST).status_code == 200
    pk = saved.save_view(actor=people.lin, name="名单", query="f=stage.in.loyal&sort=name")
    saved.open_first(actor=people.lin, key=f"v{pk}")
    assert lin.get(LIST).url == f"{LIST}?view=v{pk}&f=stage.in.loyal&sort=name"
    assert lin.get(f"{LIST}?view=all").status_code == 200
    saved.delete_view(actor=people.lin, view_id=pk)
    assert lin.get(LIST).status_code == 200


def test_tabs_are_pinned_and_put_away(people: Cast) -> None:
    pk = saved.save_view(actor=people.lin, name="共享的", query="f=stage.in.loyal", is_shared=True)
    wang = signed_in(people.wang)
    assert [str(tab.view.label) for tab in wang.get(LIST).context["tabs"]][-1] == "本月生日"
    saved.pin_view(actor=people.wang, key=f"v{pk}", is_pinned=True)
    saved.pin_view(actor=people.wang, key="slipping", is_pinned=False)
    tabs = [str(tab.view.label) for tab in wang.get(LIST).context["tabs"]]
    assert tabs == ["全部", "我的", "重要价值", "本月生日", "共享的"]
    with pytest.raises(ObjectDoesNotExist):
        saved.pin_view(actor=people.wang, key="v999999", is_pinned=True)


def test_the_tab_of_what_is_shown_is_marked_and_a_change_can_be_kept(people: Cast) -> None:
    pk = saved.save_view(actor=people.lin, name="名单", query="f=stage.in.loyal")
    lin = signed_in(people.lin)

    def here(query: str) -> list[str]:
        return [str(tab.view.label) for tab in lin.get(f"{LIST}{query}").context["tabs"] if tab.is_here]

    assert here("") == ["全部"]
    assert here("?slipping=1&sort=-stake") == ["即将流失"]
    assert here(f"?view=v{pk}&f=stage.in.loyal") == ["名单"]
    changed = lin.get(f"{LIST}?view=v{pk}&f=stage.in.lapsed")
    assert changed.context["is_changed"] and "保存改动" in changed.content.decode()
    answer = lin.post("/customers/views/save/", {"into": str(pk), "query": f"view=v{pk}&f=stage.in.lapsed"})
    assert answer.url == f"{LIST}?view=v{pk}&f=stage.in.lapsed"
    assert SavedView.objects.get(pk=pk).query == "f=stage.in.lapsed"


def test_a_shared_view_shows_each_visitor_their_own_reach(people: Cast) -> None:
    mine = customer("近", store_id=people.store.pk)
    customer("远", store_id=people.other_store.pk)
    testing.rows()
    pk = saved.save_view(actor=people.owner, name="全店", query="sort=name", is_shared=True)
    rows = signed_in(people.wang).get(f"{LIST}?view=v{pk}&sort=name").context["page"].rows
    assert [row.id for row in rows] == [mine.pk]


def test_what_is_stored_is_read_anew_never_kept_as_it_came(people: Cast) -> None:
    lin = signed_in(people.lin)
    given = {"name": "名单", "query": "f=stage.in.loyal&sort=;drop&cols=x&next=//evil.example"}
    assert lin.post("/customers/views/save/", given).status_code == 302
    assert SavedView.objects.get().query == "f=stage.in.loyal"


def test_nobody_and_a_stranger_change_no_views(people: Cast) -> None:
    pk = saved.save_view(actor=people.lin, name="名单", query="")
    assert Client().post(f"/customers/views/v{pk}/delete/").status_code == 302
    assert signed_in(people.stranger).post(f"/customers/views/v{pk}/delete/").status_code == 403
    assert signed_in(people.wang).post(f"/customers/views/v{pk}/delete/").status_code == 404
    assert signed_in(people.lin).post("/customers/views/slipping/delete/").status_code == 403
    assert labels(people.lin) == ["名单"]
