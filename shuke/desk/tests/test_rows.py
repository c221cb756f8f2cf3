"""The read model of lists equals what the rooms below say."""

from datetime import date

import pytest

from shuke.customers.events import CustomerAdded
from shuke.customers.models import Customer
from shuke.customers.services import tag_customers
from shuke.customers.testing import customer, regular_chen
from shuke.desk import rules, testing
from shuke.desk.handlers import add_row_of_new_customer
from shuke.desk.models import CustomerRow
from shuke.desk.services.rows import refresh_rows
from shuke.kernel import clock
from shuke.team.queries import SYSTEM
from shuke.zh.calendar import Birthday, birthday_this_year

pytestmark = pytest.mark.django_db


def test_a_new_customer_without_purchases_gets_a_row_without_nulls() -> None:
    new = customer("罗静磊", store_id=None)
    add_row_of_new_customer(CustomerAdded(customer_id=new.pk))
    row = CustomerRow.objects.get(pk=new.pk)
    assert (row.name_key, row.store_id, row.stage, row.level) == (new.name_key, 0, 0, 0)
    assert (row.last_on, row.next_expected_on) == (date(1, 1, 1), date(9999, 12, 31))


def test_a_value_moves_into_the_row_as_positions_of_its_words() -> None:
    chen = regular_chen()
    testing.value(chen, last_on=date(2026, 10, 1), at_stake_fen=200_000, f_score=5, m_score=2)
    testing.rows()
    row = CustomerRow.objects.get(pk=chen.pk)
    assert rules.STAGES[row.stage] == "loyal"
    assert rules.PHASES[row.phase] == "mature"
    assert rules.GROUPS[row.group] == "key_keep"
    assert rules.LEVELS[row.level] == "high"
    assert (row.r_score, row.fm_score) == (2, 4)
    assert (row.last_on, row.spent_fen, row.at_stake_fen) == (date(2026, 10, 1), 300_000, 200_000)


def test_a_lunar_birthday_is_kept_on_its_solar_day_of_this_year() -> None:
    born = Birthday("lunar", 10, 4)
    person = customer("陈建国", birthday=born)
    testing.rows()
    kept = birthday_this_year(born, clock.today())
    assert CustomerRow.objects.get(pk=person.pk).birthday_key == kept.month * 100 + kept.day


def test_a_second_rebuild_writes_nothing() -> None:
    testing.value(regular_chen(), last_on=date(2026, 10, 1))
    assert testing.rows() == 1
    assert testing.rows() == 0


def test_tags_stand_in_the_row() -> None:
    chen = regular_chen()
    tag_customers(actor=SYSTEM, customer_ids=[chen.pk], names=["送礼", "白茶"])
    refresh_rows([chen.pk])
    assert len(CustomerRow.objects.get(pk=chen.pk).tag_ids) == 2


def test_rows_of_customers_that_are_gone_go_too() -> None:
    gone, kept = customer("甲"), customer("乙")
    merged = customer("丙")
    testing.rows()
    Customer.objects.filter(pk=merged.pk).update(merged_into=kept.pk)
    Customer.objects.filter(pk=gone.pk).delete()
    testing.rows()
    assert list(CustomerRow.objects.values_list("pk", flat=True)) == [kept.pk]


def test_refreshing_one_row_takes_out_a_merged_customer() -> None:
    kept, merged = customer("乙"), customer("丙")
    testing.rows()
    Customer.objects.filter(pk=merged.pk).update(merged_into=kept.pk)
    refresh_rows([merged.pk])
    assert list(CustomerRow.objects.values_list("pk", flat=True)) == [kept.pk]
