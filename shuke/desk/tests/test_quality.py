"""The list of customers by how good their profiles are."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from shuke.customers.events import ProfileQualityChanged
from shuke.customers.models import Customer, ProfileQuality
from shuke.customers.services.quality import Word, note_field, rebuild_quality
from shuke.customers.testing import lapsed_zhao, regular_chen
from shuke.desk.handlers import refresh_rows_of_scored_profiles
from shuke.desk.models import CustomerRow
from shuke.desk.testing import rows, value
from shuke.kernel import clock
from shuke.kernel.models import EventRow
from shuke.team import testing as team
from shuke.team.queries import SYSTEM
from shuke.zh.calendar import SOLAR, Birthday

pytestmark = pytest.mark.django_db


def listed(**query: str) -> str:
    client = Client()
    client.force_login(team.manager_lin())
    return client.get(reverse("desk:customer_list"), query).content.decode()


def chen_and_zhao() -> None:
    """Chen's profile earns 65, Zhao's, of whose phone nobody heard for years, 42."""
    regular_chen(birthday=Birthday(SOLAR, 3, 8))
    zhao, then = lapsed_zhao(), clock.now() - timedelta(days=800)
    Customer.objects.filter(pk=zhao.pk).update(created_at=then)
    zhao.identities.update(last_seen=then)
    rebuild_quality()
    rows()


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("quality.span.-55", ["赵松烟"]),
        ("quality.span.60-", ["陈茶香"]),
        ("lacks.in.birthday", ["赵松烟"]),
        ("lacks.in.birthday,wechat", ["赵松烟", "陈茶香"]),
        ("unsure.in.phone", ["赵松烟"]),
        ("unsure.in.email", []),
    ],
)
def test_lists_are_narrowed_by_quality(condition: str, found: list[str]) -> None:
    chen_and_zhao()
    page = listed(f=condition, cols="phone,quality")
    assert [name for name in ("赵松烟", "陈茶香") if f"{name}</" in page] == found


def test_a_field_that_does_not_exist_is_left_out_and_said_so() -> None:
    chen_and_zhao()
    page = listed(f="lacks.in.shoe")
    assert "赵松烟" in page
    assert "陈茶香" in page


def test_the_poorest_profiles_come_first_when_sorted_so() -> None:
    chen_and_zhao()
    page = listed(sort="quality", cols="quality")
    assert page.index("赵松烟") < page.index("陈茶香")
    assert page.index('<td class="num np">42') < page.index('<td class="num np">65')


def test_a_changed_score_shows_in_the_list() -> None:
    chen_and_zhao()
    zhao = Customer.objects.get(name="赵松烟")
    note_field(actor=SYSTEM, customer_id=zhao.pk, word=Word("phone", is_right=True))
    told = EventRow.objects.filter(name="ProfileQualityChanged").latest("pk")
    refresh_rows_of_scored_profiles(ProfileQualityChanged(**told.payload))
    assert CustomerRow.objects.get(pk=zhao.pk).quality == 50


def test_what_somebody_is_worth_decides_who_is_asked_first() -> None:
    chen_and_zhao()
    zhao = Customer.objects.get(name="赵松烟")
    value(zhao, clv_year_fen=286_000)
    rebuild_quality()
    assert ProfileQuality.objects.get(pk=zhao.pk).urgency == (2860 + 50) * 58 // 100
