"""The import pages for customers: recognised and offered, chosen, tried before writing; templates; four visitors."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from shuke.customers.models import Customer, CustomerTag
from shuke.customers.ports import export_columns
from shuke.customers.services import Selection, exporting
from shuke.customers.services.exporting import ExportForm, running
from shuke.customers.testing import customer
from shuke.customers.tests.test_import_people import ACCOUNTS, CONTACTS, figures, imported
from shuke.imports import ports, services
from shuke.imports.models import ImportRun
from shuke.imports.testing import csv_bytes
from shuke.team import testing as team
from shuke.team.models import Staff
from shuke.zh.calendar import Birthday
from shuke.zh.fictional import phone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def uploaded(client: Client, rows: list[list[str]]) -> ImportRun:
    file = SimpleUploadedFile("people.csv", csv_bytes(rows))
    answer = client.post(reverse("imports:new"), {"file": file})
    assert answer.status_code == 302
    return ImportRun.objects.latest("pk")


def answers(run: ImportRun, **more: str) -> dict[str, str]:
    return (
        {f"column_{column[1:]}": code for code, column in run.mapping.items()} | {"source": "Zoho CRM"} | more
    )


def test_an_export_is_recognised_offered_and_can_be_said_to_be_something_else() -> None:
    client = signed_in(team.owner())
    run = uploaded(client, CONTACTS)
    shown = client.get(reverse("imports:run", args=[run.pk])).content.decode()
    assert "认出来了：Zoho CRM 的联系人（Contacts）" in shown
    assert '<option value="contacts" selected>' in shown
    client.post(reverse("imports:kind", args=[run.pk]), {"target": "customers"})
    run.refresh_from_db()
    assert run.target == "customers"
    wrong = client.post(reverse("imports:kind", args=[run.pk]), {"target": "secrets"})
    assert wrong.status_code == 422 and "请选一种" in wrong.content.decode()


def test_the_check_page_says_what_will_happen_and_writes_nothing() -> None:
    imported(ACCOUNTS)
    customer("王小茶", phone=phone(2001), city="苏州")
    client = signed_in(team.owner())
    run = uploaded(client, CONTACTS)
    client.post(
        reverse("imports:mapping", args=[run.pk]), answers(run, option_wins="blanks", wins_city="file")
    )
    run.refresh_from_db()
    assert (run.options["wins"], run.options["wins_city"]) == ("blanks", "file")
    shown = client.get(reverse("imports:run", args=[run.pk])).content.decode()
    for words in (
        "会新增的行",
        "会更新的行",
        "和我们的不一样",
        "苏州",
        "这不像邮箱",
        "有些行的公司或客户还不在",
    ):
        assert words in shown, words
    assert Customer.objects.filter(kind="person").count() == 1
    assert Customer.objects.get(kind="person").city == "苏州"
    client.post(
        reverse("imports:mapping", args=[run.pk]),
        answers(run, option_wins="blanks", wins_city="ours", start="1"),
    )
    run.refresh_from_db()
    assert run.state == "running" and run.options["wins_city"] == "ours"
    done = services.run_import(run.pk)
    assert figures(done) == (1, 1, 0, 0, 2)
    assert Customer.objects.get(name="王小茶").city == "苏州"
    page = client.get(reverse("imports:run", args=[run.pk])).content.decode()
    assert "新客户" in page and "找不到这一行所属的公司" in page
    rejects = b"".join(client.get(reverse("imports:rejects", args=[run.pk])).streaming_content).decode()  # type: ignore[attr-defined]
    assert rejects.count("\n") == 3 and "zcrm_2003" in rejects and "not-an-email" in rejects


def test_unknown_answers_are_left_out() -> None:
    client = signed_in(team.owner())
    run = uploaded(client, CONTACTS)
    client.post(
        reverse("imports:mapping", args=[run.pk]),
        answers(run, option_mode="everything", wins_city="nobody", option_evil="1"),
    )
    run.refresh_from_db()
    assert not {"mode", "wins_city", "evil"} & run.options.keys()


@pytest.mark.parametrize("code", ["customers", "contacts", "communications", "follow_ups", "products"])
def test_a_template_can_be_downloaded_filled_in_and_imported(code: str) -> None:
    client = signed_in(team.owner())
    answer = client.get(reverse("imports:template", args=[code, "csv"]))
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert client.get(reverse("imports:template", args=[code, "xlsx"])).content[:2] == b"PK"
    if code == "contacts":
        customer("示例贸易公司", kind="company")
    if code in ("communications", "follow_ups"):
        customer("示例茶友", phone=phone(1))
        rows[1] = ["" if head == "客户的编号" else cell for head, cell in zip(rows[0], rows[1], strict=True)]
    if code == "contacts":
        rows[1] = [
            "" if head == "所属公司的编号" else cell for head, cell in zip(rows[0], rows[1], strict=True)
        ]
    run = imported(rows)
    assert run.target == code
    assert figures(run) == (1, 0, 0, 0, 0)
    assert set(run.mapping) == {f.code for f in ports.target(code).fields() if str(f.label) in rows[0]}


def test_only_those_who_may_import_see_and_do_anything() -> None:
    run = uploaded(signed_in(team.owner()), CONTACTS)
    addresses = [
        ("get", reverse("imports:template", args=["customers", "csv"]), {}),
        ("get", reverse("imports:run", args=[run.pk]), {}),
        ("post", reverse("imports:kind", args=[run.pk]), {"target": "customers"}),
    ]
    for visitor in (team.clerk_wang(), team.analyst_chen(), team.stranger()):
        for method, address, data in addresses:
            assert getattr(signed_in(visitor), method)(address, data).status_code == 403
    for method, address, data in addresses:
        assert getattr(Client(), method)(address, data).status_code == 302
    run.refresh_from_db()
    assert run.target == "contacts"
    assert signed_in(team.manager_lin()).get(addresses[0][1]).status_code == 200
    assert signed_in(team.owner()).get(reverse("imports:template", args=["orders", "csv"])).status_code == 404


def test_the_check_page_asks_the_database_little(django_assert_max_num_queries: Any) -> None:
    client = signed_in(team.owner())
    run = uploaded(client, CONTACTS)
    client.get(reverse("imports:run", args=[run.pk]))
    with django_assert_max_num_queries(60):
        client.get(reverse("imports:run", args=[run.pk]))


def test_a_list_of_ours_exported_and_imported_again_changes_nothing(tmp_path: Path, settings: Any) -> None:
    settings.SHUKE_DATA = tmp_path
    owner, shop = team.owner(), team.store()
    customer(
        "陈茶香", phone=phone(3001), email="chen@example.com", member_number="M1", gender="female", city="杭州",
        district="西湖区", birthday=Birthday("lunar", 8, 15), birth_year=1988, education="bachelor", income_band="10k_20k",
        note="第一行\n第二行", preferred_channel="wechat", store_id=shop.pk, account_manager_id=owner.pk, tags=("送礼", "爱白茶"),
        occupation="老师",
    )  # fmt: skip
    customer(
        "示例公司",
        kind="company",
        phone="0571-88000001",
        note="【原系统其他信息 · 旧系统】\n等级：A",
        first_channel="展会",
    )
    ids = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    codes = tuple(column.code for room in export_columns() for column in room.columns(owner))
    form = ExportForm(Selection(tuple(ids)), codes, "csv", "全部")
    export = exporting.ask_export(actor=owner, form=form, in_background=False)
    exporting.run_export(export.pk)
    export.refresh_from_db()
    rows = list(
        csv.reader((running.folder() / export.file_name).read_text("utf-8-sig").splitlines(keepends=True))
    )
    before = list(Customer.objects.order_by("pk").values())
    tags = sorted(before_tag for before_tag in CustomerTag.objects.values_list("customer_id", "tag__name"))
    run = imported(rows)
    assert (run.target, run.found["export"], figures(run)) == (
        "customers",
        "shuke.customers",
        (0, 0, 2, 0, 0),
    )
    assert list(Customer.objects.order_by("pk").values()) == before
    assert sorted(CustomerTag.objects.values_list("customer_id", "tag__name")) == tags
    Customer.objects.filter(name="陈茶香").update(
        city="", note="", education="", birthday_month=None, birthday_day=None
    )
    assert figures(imported(rows)) == (0, 1, 1, 0, 0)
    left_out = {"updated_at"}
    after = list(Customer.objects.order_by("pk").values())
    assert [{k: v for k, v in row.items() if k not in left_out} for row in after] == [
        {k: v for k, v in row.items() if k not in left_out} for row in before
    ]
