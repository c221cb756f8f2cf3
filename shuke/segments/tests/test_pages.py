"""The pages of segments: from conditions to a name, to its page, and side by side."""

from typing import Any

import pytest
from django.test import Client

from shuke.customers.testing import customer
from shuke.desk import testing
from shuke.kernel import clock
from shuke.segments.models import Segment
from shuke.segments.services import SegmentForm, create_segment
from shuke.team.testing import Cast, cast

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def people(db: None) -> Cast:
    found = cast()
    for name, stage in ((HOSTILE, "loyal"), ("柏", "first")):
        testing.value(customer(name, store_id=found.store.pk), stage=stage, last_on=clock.today())
    testing.rows()
    return found


def signed_in(staff: Any) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def test_the_builder_leads_to_naming_and_naming_to_the_page(people: Cast) -> None:
    client = signed_in(people.lin)
    row = {"rows": "1", "c0.field": "stage", "c0.op": "in", "c0.v": "loyal"}
    answer = client.get("/customers/filter/", {"use": "segment", "do": "show", **row})
    assert answer["Location"] == "/segments/edit/?f=stage.in.loyal"
    assert "忠诚" in client.get(answer["Location"]).content.decode()
    given = {"f": "stage.in.loyal", "name": "老朋友", "description": HOSTILE, "kind": "dynamic"}
    made = client.post("/segments/edit/", given)
    segment = Segment.objects.get()
    assert made["Location"] == f"/segments/{segment.pk}/"
    page = client.get(made["Location"]).content.decode()
    assert "老朋友" in page
    assert f"/customers/?f=segment.in.{segment.pk}" in page
    assert HOSTILE not in page


def test_a_name_that_is_missing_is_asked_for_again(people: Cast) -> None:
    answer = signed_in(people.lin).post("/segments/edit/", {"f": "stage.in.loyal", "name": " "})
    assert answer.status_code == 422
    assert "给人群起个名字" in answer.content.decode()
    assert not Segment.objects.exists()


def test_the_list_offers_to_keep_its_conditions_as_a_segment(people: Cast) -> None:
    address = "/customers/?f=stage.in.loyal"
    link = "/segments/edit/?f=stage.in.loyal"
    assert link in signed_in(people.lin).get(address).content.decode()
    assert link not in signed_in(people.wang).get(address).content.decode()
    assert "/segments/edit/" not in signed_in(people.lin).get("/customers/?view=all").content.decode()


def test_steps_need_the_right_and_are_taken_back(people: Cast) -> None:
    pk = create_segment(actor=people.owner, form=SegmentForm("老朋友", "stage.in.loyal"))
    assert signed_in(people.wang).post(f"/segments/{pk}/delete/").status_code == 403
    client = signed_in(people.lin)
    assert client.post(f"/segments/{pk}/delete/")["Location"] == "/segments/"
    assert client.get(f"/segments/{pk}/").status_code == 404
    client.post(f"/segments/{pk}/restore/")
    for step in ("freeze", "follow", "recount"):
        assert client.post(f"/segments/{pk}/{step}/")["Location"] == f"/segments/{pk}/"
    assert client.post(f"/segments/{pk}/nonsense/").status_code == 404


def test_two_segments_stand_side_by_side(people: Cast) -> None:
    form = SegmentForm("老朋友", "stage.in.loyal"), SegmentForm("来过的", "stage.in.loyal,first")
    first, second = (create_segment(actor=people.owner, form=one) for one in form)
    client = signed_in(people.wang)
    page = client.get("/segments/compare/", {"with": [first, second]}).content.decode()
    assert f"/customers/?f=segment.in.{first}~segment.in.{second}" in page
    assert f"segment.not.{first}~segment.in.{second}" in page
    assert "选两三个人群来比" in client.get("/segments/compare/", {"with": [first, 999]}).content.decode()
    listed = client.get("/segments/").content.decode()
    assert listed.index("来过的") < listed.index("老朋友")
    assert "新建人群" not in listed


def test_the_list_of_segments_asks_the_same_few_questions_however_many_there_are(people: Cast) -> None:
    client = signed_in(people.owner)
    create_segment(actor=people.owner, form=SegmentForm("一", "stage.in.loyal"))
    client.get("/segments/")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        client.get("/segments/")
    for number in range(5):
        create_segment(actor=people.owner, form=SegmentForm(f"人群{number}", "stage.in.first"))
    with CaptureQueriesContext(connection) as many:
        client.get("/segments/")
    assert len(many) == len(few)
