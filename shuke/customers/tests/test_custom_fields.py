"""Defining the shop's own fields, and what customers hold of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from shuke.customers import services, testing
from shuke.customers.models import Customer, CustomField, FieldChange
from shuke.customers.queries.custom import all_custom_fields, custom_fields, words_for
from shuke.customers.services import ChoiceForm, FieldForm, merging
from shuke.kernel import clock
from shuke.kernel.models import EventRow
from shuke.team import testing as team
from shuke.team.models import AuditEntry
from shuke.team.queries import SYSTEM

pytestmark = pytest.mark.django_db


def define(name: str = "茶龄", kind: str = "number", **more: Any) -> CustomField:
    """A field of the shop's own."""
    return services.define_field(actor=SYSTEM, form=FieldForm(name=name, kind=kind, **more))


def hold(customer: Customer, field: CustomField, value: Any) -> None:
    services.set_custom_values(actor=SYSTEM, customer_id=customer.pk, values={field.pk: value})


def held(customer: Customer) -> dict[str, Any]:
    return dict(Customer.objects.get(pk=customer.pk).custom)


def choice_ids(field: CustomField) -> dict[str, int]:
    return dict(field.choices.values_list("name", "pk"))


def name_of(field: CustomField) -> str:
    return f"custom.{field.pk}"


# --- defining ---


def test_a_field_is_defined_with_its_choices_in_order_and_the_house_is_told() -> None:
    field = define("口味", "many", choices=("清香", "浓香", "清 香"), is_in_add_form=True)
    known = custom_fields()
    assert [(one.name, one.kind, one.is_in_add_form) for one in known] == [("口味", "many", True)]
    assert [one.name for one in known[0].choices] == ["清香", "浓香", "清 香"]
    assert EventRow.objects.get(name="CustomFieldDefined").payload == {"field_id": field.pk}
    assert AuditEntry.objects.filter(action="custom_field_defined", object_id=field.pk).count() == 1


@pytest.mark.parametrize(
    ("form", "where"),
    [
        (FieldForm(name=" "), "name"),
        (FieldForm(name="手机号"), "name"),
        (FieldForm(name="备注"), "name"),
        (FieldForm(name="茶龄"), "name"),
        (FieldForm(name="长" * 31), "name"),
        (FieldForm(name="口味", kind="colour"), "kind"),
        (FieldForm(name="口味", kind="choice"), "choices"),
        (FieldForm(name="口味", kind="choice", choices=("清香", "清香 ")), "choices"),
        (FieldForm(name="口味", kind="many", choices=("清香、浓香",)), "choices"),
        (FieldForm(name="口味", holder="dogs"), "holder"),
    ],
)
def test_a_field_that_makes_no_sense_is_refused_and_says_why(form: FieldForm, where: str) -> None:
    define("茶龄")
    with pytest.raises(ValidationError) as caught:
        services.define_field(actor=SYSTEM, form=form)
    assert list(caught.value.message_dict) == [where]
    assert CustomField.objects.count() == 1


def test_owner_and_manager_define_fields_and_nobody_else() -> None:
    cast = team.cast()
    for actor in (cast.wang, cast.analyst, cast.stranger):
        with pytest.raises(PermissionDenied):
            services.define_field(actor=actor, form=FieldForm(name="茶龄"))
    assert CustomField.objects.count() == 0
    field = services.define_field(actor=cast.lin, form=FieldForm(name="茶龄"))
    for act in (services.delete_field, services.restore_field):
        with pytest.raises(PermissionDenied):
            act(actor=cast.wang, field_id=field.pk)
    with pytest.raises(PermissionDenied):
        services.change_field(actor=cast.wang, field_id=field.pk, name="别的")
    assert CustomField.objects.get().name == "茶龄"


def test_choices_are_renamed_swapped_hidden_and_added_without_touching_customers() -> None:
    field = define("口味", "choice", choices=("清香", "浓香", "陈香"))
    light, strong, old = choice_ids(field).values()
    chen = testing.regular_chen()
    hold(chen, field, light)
    services.set_choices(
        actor=SYSTEM,
        field_id=field.pk,
        choices=[ChoiceForm("清香", strong), ChoiceForm("浓香", light, is_hidden=True), ChoiceForm("果香")],
    )
    (known,) = custom_fields()
    assert [(one.name, one.is_hidden) for one in known.choices] == [
        ("清香", False),
        ("浓香", True),
        ("果香", False),
        ("陈香", True),
    ]
    assert {one.name: one.id for one in known.choices}["陈香"] == old
    assert words_for(SYSTEM, known, held(chen)[known.key]) == "浓香"
    assert [one.name for one in known.offered(light)] == ["清香", "浓香", "果香"]


def test_an_import_adds_choices_at_the_end_and_finds_those_there_are() -> None:
    field = define("等级", "choice", choices=("A", "b"))
    found = services.add_choices(actor=SYSTEM, field_id=field.pk, names=["B", "C", "c ", ""])
    assert list(found) == ["A", "b", "C"]
    assert [one.name for one in custom_fields()[0].choices] == ["A", "b", "C"]


def test_fields_stand_in_the_order_given_and_archived_ones_are_out_of_use() -> None:
    first, second, third = (define(name) for name in ("甲", "乙", "丙"))
    services.order_fields(actor=SYSTEM, field_ids=[third.pk, first.pk])
    assert [one.name for one in custom_fields()] == ["丙", "甲", "乙"]
    services.archive_field(actor=SYSTEM, field_id=first.pk, is_archived=True)
    assert [one.name for one in custom_fields()] == ["丙", "乙"]
    services.archive_field(actor=SYSTEM, field_id=first.pk, is_archived=False)
    assert [one.id for one in custom_fields()] == [third.pk, first.pk, second.pk]


def test_a_deleted_field_comes_back_with_its_values_also_when_its_name_is_taken() -> None:
    field, chen = define("茶龄"), testing.regular_chen()
    hold(chen, field, "12")
    services.delete_field(actor=SYSTEM, field_id=field.pk)
    assert custom_fields() == []
    define("茶龄")
    assert services.restore_field(actor=SYSTEM, field_id=field.pk).name == "茶龄 2"
    assert held(chen) == {str(field.pk): "12"}


def test_ninety_days_after_deletion_the_field_and_what_customers_hold_are_gone(monkeypatch: Any) -> None:
    field, other, chen = define("茶龄"), define("口粮"), testing.regular_chen()
    services.set_custom_values(actor=SYSTEM, customer_id=chen.pk, values={field.pk: "12", other.pk: "3"})
    services.delete_field(actor=SYSTEM, field_id=field.pk)
    assert services.purge_fields() == 0
    later = clock.now() + timedelta(days=90, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert services.purge_fields() == 1
    assert held(chen) == {str(other.pk): "3"}
    assert list(all_custom_fields()) == [other.pk]
    assert EventRow.objects.filter(name="CustomFieldPurged").count() == 1
    assert services.purge_fields() == 0


# --- values ---


def test_a_value_is_kept_and_told_in_the_history_and_taken_back() -> None:
    field, chen = define("预算", "money"), testing.regular_chen()
    hold(chen, field, 128050)
    hold(chen, field, "99")
    assert held(chen) == {str(field.pk): 9900}
    changes = FieldChange.objects.filter(field=name_of(field)).order_by("pk")
    assert [(one.before, one.after) for one in changes] == [(None, 128050), (128050, 9900)]
    entry = AuditEntry.objects.filter(action="customer_changed").latest("pk")
    assert (entry.before, entry.after) == ({name_of(field): "¥1,280.50"}, {name_of(field): "¥99.00"})
    first, last = changes
    assert services.undo_field_change(actor=SYSTEM, change_id=first.pk).undo == FieldChange.Undo.KEPT
    assert services.undo_field_change(actor=SYSTEM, change_id=last.pk).undo == FieldChange.Undo.RESTORED
    assert held(chen) == {str(field.pk): 128050}
    services.undo_field_change(actor=SYSTEM, change_id=first.pk, is_forced=True)
    assert held(chen) == {}


def test_the_same_value_again_leaves_no_trace() -> None:
    field, chen = define("会员", "flag"), testing.regular_chen()
    hold(chen, field, False)
    before = (FieldChange.objects.count(), AuditEntry.objects.count(), EventRow.objects.count())
    hold(chen, field, False)
    assert (FieldChange.objects.count(), AuditEntry.objects.count(), EventRow.objects.count()) == before


def test_what_cannot_be_kept_is_refused_and_nothing_changes() -> None:
    number, choice = define("茶龄"), define("口味", "choice", choices=("清香",))
    company_only, must = define("税控", "text", holder="company"), define("来店", "date", is_required=True)
    chen = testing.regular_chen()
    hold(chen, must, "2026-01-02")
    for field, value in ((number, "十二"), (choice, 999_999), (must, None)):
        with pytest.raises(ValidationError) as caught:
            services.set_custom_values(
                actor=SYSTEM, customer_id=chen.pk, values={field.pk: value, company_only.pk: "x"}
            )
        assert list(caught.value.message_dict) == [f"custom_{field.pk}"]
    with pytest.raises(ValueError, match="not custom fields"):
        services.set_custom_values(actor=SYSTEM, customer_id=chen.pk, values={999_999: "x"})
    hold(chen, company_only, "x")  # a person does not have it: left out
    assert held(chen) == {str(must.pk): "2026-01-02"}


def test_a_customer_with_own_fields_is_added_whole_or_not_at_all() -> None:
    must = define("来店", "date", is_required=True)
    form = {"name": "新茶友", "custom": {}}
    with pytest.raises(ValidationError) as caught:
        services.add_customer(actor=SYSTEM, form=services.NewCustomer(**form))  # type: ignore[arg-type]
    assert list(caught.value.message_dict) == [f"custom_{must.pk}"]
    assert Customer.objects.count() == 0
    new = services.add_customer(
        actor=SYSTEM, form=services.NewCustomer(name="新茶友", custom={must.pk: "2026-11-28"})
    )
    assert held(new) == {str(must.pk): "2026-11-28"}
    assert services.add_customer(actor=SYSTEM, form=services.NewCustomer(name="订单里来的")).custom == {}


def test_values_out_of_reach_cannot_be_written() -> None:
    cast, field = team.cast(), define("茶龄")
    chen = testing.regular_chen()
    for actor in (cast.zhou, cast.analyst, cast.stranger):
        with pytest.raises(PermissionDenied):
            services.set_custom_values(actor=actor, customer_id=chen.pk, values={field.pk: "3"})
    assert held(chen) == {}
    services.set_custom_values(actor=cast.wang, customer_id=chen.pk, values={field.pk: "3"})
    assert held(chen) == {str(field.pk): "3"}


# --- merging ---


def test_merging_chooses_own_fields_one_by_one_and_parting_puts_them_back() -> None:
    tea, paid, member = define("茶龄"), define("预算", "money"), define("会员", "flag")
    winner, loser = testing.regular_chen(), testing.lapsed_zhao()
    services.set_custom_values(actor=SYSTEM, customer_id=winner.pk, values={tea.pk: "3", paid.pk: 0})
    services.set_custom_values(
        actor=SYSTEM, customer_id=loser.pk, values={tea.pk: "7", paid.pk: 500, member.pk: False}
    )
    before = (held(winner), held(loser))
    merge = merging.merge_customers(
        actor=SYSTEM,
        winner_id=winner.pk,
        loser_id=loser.pk,
        choices=merging.Choices(fields={name_of(tea): "loser"}, accepts_two_verified=True),
    )
    assert held(winner) == {str(tea.pk): "7", str(paid.pk): 0, str(member.pk): False}
    hold(winner, paid, 900)
    questions = merging.unmerge(actor=SYSTEM, merge_id=merge.pk)
    assert held(loser) == before[1]
    assert held(winner) == before[0] | {str(paid.pk): 900}
    assert questions == []


def test_a_value_changed_while_two_were_one_is_asked_for_and_can_be_handed_over() -> None:
    tea = define("茶龄")
    winner, loser = testing.regular_chen(), testing.lapsed_zhao()
    hold(loser, tea, "7")
    choices = merging.Choices(accepts_two_verified=True)
    merge = merging.merge_customers(actor=SYSTEM, winner_id=winner.pk, loser_id=loser.pk, choices=choices)
    hold(winner, tea, "8")
    (question,) = merging.unmerge(actor=SYSTEM, merge_id=merge.pk)
    assert (question.part, question.facts) == (name_of(tea), {"now": "8", "winner": None, "loser": "7"})
    merging.answer_question(actor=SYSTEM, question_id=question.pk, answer="loser")
    assert (held(winner), held(loser)) == ({}, {str(tea.pk): "8"})


# --- pages ---


def test_the_page_defines_orders_archives_and_deletes_with_undo(client: Client) -> None:
    client.force_login(team.manager_lin())
    posted = {"name": "口味", "kind": "many", "holder": "both", "choices": "清香\n浓香\n"}
    assert client.post("/customers/fields/", posted).status_code == 302
    assert client.post("/customers/fields/", posted).status_code == 422
    client.post("/customers/fields/", {"name": "茶龄", "kind": "number", "holder": "person"})
    taste, age = CustomField.objects.order_by("pk")
    client.post(f"/customers/fields/{age.pk}/move/", {"to": "up"})
    assert [one.name for one in custom_fields()] == ["茶龄", "口味"]
    light, strong = choice_ids(taste).values()
    changed = {
        "name": "爱喝", "holder": "both", "is_sensitive": "on", "choices": "果香", "choice": [strong, light],
        f"choice_{strong}": "很浓", f"choice_{light}": "清香", f"hidden_{light}": "on",
    }  # fmt: skip
    assert client.post(f"/customers/fields/{taste.pk}/", changed).status_code == 302
    known = all_custom_fields()[taste.pk]
    assert (known.name, known.is_sensitive) == ("爱喝", True)
    assert [(one.name, one.is_hidden) for one in known.choices] == [
        ("很浓", False),
        ("清香", True),
        ("果香", False),
    ]
    client.post(f"/customers/fields/{age.pk}/archive/", {"archived": "1"})
    client.post(f"/customers/fields/{taste.pk}/delete/")
    assert custom_fields() == []
    page = client.get("/customers/fields/").content.decode()
    assert f"/customers/fields/{taste.pk}/restore/" in page
    client.post(f"/customers/fields/{taste.pk}/restore/")
    assert [one.name for one in custom_fields()] == ["爱喝"]
    assert client.get(f"/customers/fields/{taste.pk}/").status_code == 200


def test_the_pages_are_closed_to_others(client: Client) -> None:
    field = define()
    paths = ["/customers/fields/", f"/customers/fields/{field.pk}/"]
    assert [client.get(path).status_code for path in paths] == [302, 302]
    for visitor in (team.clerk_wang(), team.stranger()):
        client.force_login(visitor)
        assert [client.get(path).status_code for path in paths] == [403, 403]
        assert client.post(f"/customers/fields/{field.pk}/delete/").status_code == 403
    assert CustomField.objects.get().deleted_at is None


def test_fields_stand_in_the_forms_and_on_the_profile(client: Client) -> None:
    taste = define("口味", "many", choices=("清香", "浓香"), is_in_add_form=True)
    since, site = define("来店", "date", is_required=True), define("小店", "link")
    light = choice_ids(taste)["清香"]
    client.force_login(team.owner())
    page = client.get("/customers/add/").content.decode()
    assert "口味" in page
    assert "来店" in page
    assert "小店" not in page
    missing = client.post("/customers/add/", {"name": "新茶友", f"custom_{taste.pk}": [light]})
    assert (missing.status_code, "这一项必须填。" in missing.content.decode()) == (422, True)
    client.post(
        "/customers/add/",
        {"name": "新茶友", f"custom_{taste.pk}": [light], f"custom_{since.pk}": "2026-11-28"},
    )
    new = Customer.objects.get(name="新茶友")
    assert held(new) == {str(taste.pk): [light], str(since.pk): "2026-11-28"}
    wrong = client.post(
        f"/customers/{new.pk}/edit/",
        {"name": "新茶友", f"custom_{since.pk}": "2026-11-28", f"custom_{site.pk}": "javascript:alert(1)"},
    )
    assert (wrong.status_code, "这里要填网址" in wrong.content.decode()) == (422, True)
    client.post(
        f"/customers/{new.pk}/edit/",
        {"name": "新茶友", f"custom_{since.pk}": "2026-11-28", f"custom_{site.pk}": "shop.example.com"},
    )
    assert held(new) == {str(since.pk): "2026-11-28", str(site.pk): "https://shop.example.com"}
    profile = client.get(f"/customers/{new.pk}/profile/").content.decode()
    assert 'href="https://shop.example.com"' in profile
    assert "口味" not in profile


def test_a_sensitive_value_is_dots_for_who_reads_contacts_masked(client: Client) -> None:
    secret, chen = define("身份证", "text", is_sensitive=True), testing.regular_chen()
    hold(chen, secret, "秘密内容")
    client.force_login(team.clerk_wang())
    for path in ("profile/", "changes/", "edit/"):
        page = client.get(f"/customers/{chen.pk}/{path}").content.decode()
        assert ("秘密内容" in page, "身份证" in page) == (False, True), path
    posted = {"name": "陈茶香", "store_id": str(chen.store_id)}
    client.post(f"/customers/{chen.pk}/edit/", posted | {f"custom_{secret.pk}": ""})
    assert held(chen) == {str(secret.pk): "秘密内容"}
    client.post(f"/customers/{chen.pk}/edit/", posted | {f"custom_{secret.pk}": "新的"})
    assert held(chen) == {str(secret.pk): "新的"}
    assert "秘密内容" not in str(AuditEntry.objects.values_list("before", "after"))
    client.force_login(team.owner())
    assert "新的" in client.get(f"/customers/{chen.pk}/profile/").content.decode()


def test_two_records_side_by_side_show_own_fields(client: Client) -> None:
    tea, chen, zhao = define("茶龄"), testing.regular_chen(), testing.lapsed_zhao()
    hold(chen, tea, "3")
    hold(zhao, tea, "7")
    client.force_login(team.owner())
    page = client.get(f"/customers/{chen.pk}/merge/{zhao.pk}/").content.decode()
    assert f"take-{name_of(tea)}" in page
    client.post(
        f"/customers/{chen.pk}/merge/{zhao.pk}/",
        {f"take-{name_of(tea)}": "loser", "accepts_two_verified": "1"},
    )
    assert held(chen) == {str(tea.pk): "7"}
