"""Asking for everything anew, and watching it come."""

import pytest
from django.urls import reverse

from shuke.team.testing import cast
from shuke.value.models import ModelRun
from shuke.value.testing import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client):
    house = cast()
    client.force_login(house.owner, backend="django.contrib.auth.backends.ModelBackend")
    return house


def told(client, after: int):
    return client.get(reverse("value:progress"), {"after": after})


def test_a_refresh_is_watched_from_the_click_to_its_end(client, owner):
    old = ModelRun.objects.create(as_of=TODAY, state="done", progress=100)
    asked = client.post(reverse("value:refresh"))
    assert f"after={old.pk}" in asked.content.decode() and "马上开始计算" in asked.content.decode()
    assert "HX-Refresh" not in told(client, old.pk).headers
    run = ModelRun.objects.create(as_of=TODAY, progress=20)
    for percent, words in (
        (0, "读取订单的改动"),
        (20, "比较算法，从全店学规律"),
        (55, "算每位客户"),
        (90, "汇总"),
    ):
        ModelRun.objects.filter(pk=run.pk).update(progress=percent)
        page = told(client, old.pk).content.decode()
        assert f"正在计算 {percent}%" in page and words in page
    for state in ("done", "failed"):
        ModelRun.objects.filter(pk=run.pk).update(state=state)
        assert told(client, old.pk).headers["HX-Refresh"] == "true"
    assert "HX-Refresh" not in told(client, run.pk).headers


def test_a_page_opened_meanwhile_watches_too(client, owner):
    run = ModelRun.objects.create(as_of=TODAY, progress=55)
    page = client.get(reverse("value:overview")).content.decode()
    assert f"after={run.pk - 1}" in page and "正在计算 55%" in page


def test_who_may_not_see_values_watches_nothing(client, owner):
    client.force_login(owner.stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert told(client, 0).status_code == 403
    assert client.post(reverse("value:refresh")).status_code == 403
    client.force_login(owner.owner, backend="django.contrib.auth.backends.ModelBackend")
    assert told(client, 'x" onload=').status_code == 200
