"""The read model of lists equals what the rooms below say."""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from shuke.customers.events import CustomerAdded
from shuke.customers.models import Customer
from shuke.customers.services import tag_customers
from shuke.customers.testing import customer, regular_chen
from shuke.desk import rules, testing
from shuke.desk.handlers import add_row_of_new_customer
from shuke.desk.models import CustomerRow
from shuke.desk.services import refilling
from shuke.desk.services import rows as services
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


def shape() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select indexname, indexdef from pg_indexes where tablename = 'desk_customerrow' "
            "union all select stxname, stxstattarget::text || pg_get_statisticsobjdef(oid) from pg_statistic_ext "
            "where stxrelid = 'desk_customerrow'::regclass "
            "union all select conname, pg_get_constraintdef(oid) from pg_constraint "
            "where conrelid = 'desk_customerrow'::regclass order by 1, 2"
        )
        return cursor.fetchall()


def contents() -> list[Any]:
    return list(CustomerRow.objects.order_by("pk").values_list())


def test_a_table_filled_anew_holds_the_same_rows_in_the_same_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    chen = regular_chen()
    testing.value(chen, last_on=date(2026, 10, 1))
    tag_customers(actor=SYSTEM, customer_ids=[chen.pk], names=["送礼"])
    gone = customer("甲")
    testing.rows()
    before, right = shape(), contents()
    CustomerRow.objects.filter(pk=chen.pk).update(spent_fen=7, tag_ids=[])
    Customer.objects.filter(pk=gone.pk).delete()
    monkeypatch.setattr(services, "MANY", 0)
    assert services.rebuild_rows() == 1
    assert contents() == [row for row in right if row[0] == chen.pk]
    assert shape() == before


def test_a_big_table_with_few_changes_is_written_where_it_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    everybody = [customer(f"茶客{n}") for n in range(30)]
    testing.rows()
    right = contents()
    CustomerRow.objects.filter(pk=everybody[0].pk).update(store_id=99)
    CustomerRow.objects.filter(pk=everybody[1].pk).delete()
    Customer.objects.filter(pk=everybody[2].pk).delete()
    monkeypatch.setattr(services, "MANY", 0)
    monkeypatch.setattr(refilling, "MOST_CHANGED_SHARE", 0.1)
    assert services.rebuild_rows() == 2
    assert contents() == [row for row in right if row[0] != everybody[2].pk]


def test_a_table_without_changes_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    regular_chen()
    testing.rows()
    monkeypatch.setattr(services, "MANY", 0)
    assert services.rebuild_rows() == 0
