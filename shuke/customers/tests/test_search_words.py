"""Several words at once: every one must hold, and what very many answer to is not looked through to its end."""

from typing import Any

import pytest
from django.utils import timezone

from shuke.customers import queries
from shuke.customers.models import CustomerTag, Tag
from shuke.customers.queries import several_words, texts
from shuke.customers.services import Touch, index_terms, log_interaction, tag_customers
from shuke.customers.services.texts import write_texts
from shuke.customers.testing import customer
from shuke.team.queries import SYSTEM
from shuke.zh import fictional

pytestmark = pytest.mark.django_db


def names(text: str) -> list[str]:
    return sorted(found.name for found in queries.search_customers(SYSTEM, text))


def written(pk: int, body: str) -> None:
    log_interaction(actor=SYSTEM, customer_id=pk, touch=Touch("call", body, happened_at=timezone.now()))
    write_texts([pk])


def test_words_of_different_texts_of_one_customer_hold_together() -> None:
    luo, wang = customer("罗静磊"), customer("王小明")
    written(luo.pk, "喜欢白茶礼盒")
    written(luo.pk, "送给岳父")
    written(wang.pk, "喜欢白茶礼盒")

    assert names("白茶礼盒 岳父") == ["罗静磊"]
    assert names("岳父 白茶礼盒 罗") == ["罗静磊"]
    assert names("白茶礼盒 没有的词") == []


def test_words_that_only_texts_hold_are_looked_up_in_one_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    written(customer("罗静磊").pk, "喜欢白茶礼盒，送给岳父")
    walks: list[int] = []
    walk = texts.ids_by_text
    monkeypatch.setattr(
        texts, "ids_by_text", lambda keys, *rest: walks.append(len(keys)) or walk(keys, *rest)
    )

    assert names("白茶礼盒 送给岳父") == ["罗静磊"]
    assert walks == [0, 6] or walks == [6]  # all keys of both words at once


def test_a_name_and_the_last_digits_of_a_phone_find_one_of_many_with_that_name() -> None:
    for number in range(6600, 6630):
        customer(f"罗{number}", phone=fictional.phone(number))

    assert names("罗 6621") == ["罗6621"]
    assert names("6621 罗") == ["罗6621"]
    assert names("王 6621") == []


def test_a_name_and_a_tag_find_those_who_have_both() -> None:
    chen, zhao = customer("陈爱茶"), customer("赵爱茶")
    tag_customers(actor=SYSTEM, customer_ids=[chen.pk], names=["送礼客"])
    assert Tag.objects.get().name == "送礼客" and CustomerTag.objects.count() == 1

    assert names("爱茶 送礼客") == ["陈爱茶"]
    assert zhao.name not in names("送礼客 赵")


def test_candidates_are_looked_at_part_by_part_until_enough_answer(
    monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    people = [customer(f"罗{number:03}") for number in range(30)]
    for one in people[20:]:
        written(one.pk, "喜欢白茶礼盒")
    monkeypatch.setattr(several_words, "FIRST_PART", 2)
    parts: list[int] = []
    answering = several_words._answering
    monkeypatch.setattr(
        several_words, "_answering", lambda ids, *rest: parts.append(len(ids)) or answering(ids, *rest)
    )

    found = queries.found_ids(SYSTEM, "罗 白茶礼盒", cap=4)

    assert set(found) <= {one.pk for one in people[20:]} and len(found) == 4
    assert sum(parts) <= 30


def test_a_hundred_candidates_take_as_many_queries_as_one(django_assert_max_num_queries: Any) -> None:
    people = [customer(f"罗{number:03}", phone=fictional.phone(number)) for number in range(100)]
    index_terms([one.pk for one in people])

    with django_assert_max_num_queries(11):
        assert len(queries.search_customers(SYSTEM, "罗 154", limit=100)) > 1


def test_a_likely_slip_that_gives_a_whole_name_needs_no_further_guess(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    customer("王伟"), customer("汪威")
    asked: list[int] = []
    look = queries.search.candidates.by_misspelling  # type: ignore[attr-defined]
    monkeypatch.setattr(
        queries.search.candidates,  # type: ignore[attr-defined]
        "by_misspelling",
        lambda words, *rest: asked.append(len(words)) or look(words, *rest),
    )

    assert names("wagnwei") == ["汪威", "王伟"]
    assert len(asked) == 1
    assert names("wahgwei") == ["汪威", "王伟"]
    assert len(asked) == 3
