"""Tags by category: shown, offered, renamed, hidden, merged and parted without losing any."""

import pytest
from django.test import Client
from django.urls import reverse

from shuke.customers.models import (
    CustomerTag,
    Tag,
)
from shuke.customers.queries import tags_of
from shuke.customers.queries.traits import offered_tags, traits_of
from shuke.customers.services import tag_curation
from shuke.customers.testing import customer, lapsed_zhao, regular_chen
from shuke.team import testing as team
from shuke.team.models import Staff
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def test_tags_are_shown_by_category_with_their_source_and_offered_by_it() -> None:
    chen = regular_chen(tags=("爱白茶", "送礼"))
    tag_curation.add_tag(actor=SYSTEM, name="爱白茶", category="interest")
    groups = traits_of(chen.pk)
    assert [(group.name, [(one.name, one.source) for one in group.traits]) for group in groups] == [
        ("兴趣", [("爱白茶", "员工填写")]),
        ("其他", [("送礼", "员工填写")]),
    ]
    tag_curation.hide_tag(actor=SYSTEM, tag_id=Tag.objects.get(name="送礼").pk, is_hidden=True)
    assert [[tag.name for tag in group.tags] for group in offered_tags()] == [["爱白茶"]]
    tag_curation.hide_category(actor=SYSTEM, code="interest", is_hidden=True)
    assert offered_tags() == []
    assert tags_of([chen.pk]) == {chen.pk: ["爱白茶", "送礼"]}


def test_merged_tags_are_one_and_parted_everybody_has_their_own_again() -> None:
    chen, zhao = regular_chen(tags=("白茶",)), lapsed_zhao(tags=("白茶", "爱白茶"))
    third = customer("三", tags=("爱白茶",))
    one, two = Tag.objects.get(name="白茶"), Tag.objects.get(name="爱白茶")
    assert tag_curation.merge_tags(actor=SYSTEM, tag_id=one.pk, into_id=two.pk) == 1
    ids = [chen.pk, zhao.pk, third.pk]
    assert tags_of(ids) == {key: ["爱白茶"] for key in ids}
    fourth = customer("四", tags=("白茶",))
    assert tags_of([fourth.pk]) == {fourth.pk: ["爱白茶"]}
    assert tag_curation.unmerge_tag(actor=SYSTEM, tag_id=one.pk) == 1
    assert tags_of(ids) == {chen.pk: ["白茶"], zhao.pk: ["爱白茶", "白茶"], third.pk: ["爱白茶"]}


def test_tags_merged_in_a_chain_are_parted_link_by_link() -> None:
    chen = regular_chen(tags=("甲",))
    a, b, c = (tag_curation.add_tag(actor=SYSTEM, name=name, category="") for name in ("甲", "乙", "丙"))
    tag_curation.merge_tags(actor=SYSTEM, tag_id=a.pk, into_id=b.pk)
    tag_curation.merge_tags(actor=SYSTEM, tag_id=b.pk, into_id=c.pk)
    assert tags_of([chen.pk]) == {chen.pk: ["丙"]}
    tag_curation.unmerge_tag(actor=SYSTEM, tag_id=b.pk)
    assert tags_of([chen.pk]) == {chen.pk: ["乙"]}
    tag_curation.unmerge_tag(actor=SYSTEM, tag_id=a.pk)
    assert tags_of([chen.pk]) == {chen.pk: ["甲"]}
    assert CustomerTag.objects.get().merged_from_id is None


def test_tags_are_curated_on_a_page_by_those_who_may() -> None:
    cast = team.cast()
    regular_chen(tags=("白茶",))
    tag = Tag.objects.get()
    here = reverse("customers:tags")
    for staff in (cast.stranger, cast.analyst, cast.wang):
        assert signed_in(staff).post(here, {"do": "hide", "tag": tag.pk}).status_code == 403
    tag.refresh_from_db()
    assert not tag.is_hidden
    client = signed_in(cast.lin)
    client.post(here, {"do": "change", "tag": tag.pk, "name": "爱白茶", "category": "interest"})
    client.post(here, {"do": "category", "code": "", "name": "茶具"})
    client.post(here, {"do": "category", "code": "interest", "name": "爱好"})
    tag.refresh_from_db()
    assert (tag.name, tag.category) == ("爱白茶", "interest")
    page = client.get(here).content.decode()
    for words in ("爱好", "茶具", "爱白茶", "1 位"):
        assert words in page
    client.post(here, {"do": "merge", "tag": tag.pk, "into": ""})
    client.post(here, {"do": "change", "tag": tag.pk, "name": " ", "category": ""})
    tag.refresh_from_db()
    assert (tag.name, tag.merged_into_id) == ("爱白茶", None)
