"""An owner moves house from another system: a wrong file first, then the contacts, a choice, the result, and back again."""

from pathlib import Path
from typing import Any

import pytest

from shuke.customers.models import Customer
from shuke.customers.testing import customer
from shuke.customers.tests.test_import_people import ACCOUNTS, CONTACTS, imported
from shuke.imports import services
from shuke.imports.models import ImportRun
from shuke.imports.testing import csv_bytes
from shuke.team.testing import PASSWORD, cast
from shuke.zh.fictional import phone


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_an_owner_brings_contacts_of_another_system_and_takes_them_back(
    page: Any, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    people = cast()
    imported(ACCOUNTS)
    ours = customer("王小茶", phone=phone(2001), city="苏州", store_id=people.store.pk)
    contacts = tmp_path / "Contacts_001.csv"
    contacts.write_bytes(csv_bytes(CONTACTS))

    page.goto("/sign-in/?next=/imports/new/")
    page.fill("[name=username]", people.owner.username)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit], form button[type=submit]")
    page.goto("/imports/new/")
    page.set_input_files("#import-file", str(contacts))
    page.click("button:has-text('看看里面有什么')")
    page.wait_for_selector("text=认出来了：Zoho CRM 的联系人")
    assert "苏州" in page.inner_text("main") and "这不像邮箱" in page.inner_text("main")
    page.select_option("[name=wins_city]", "ours")
    page.click("button:has-text('开始导入')")
    page.wait_for_selector("#import-progress >> text=导入中")
    services.run_import(ImportRun.objects.latest("pk").pk)
    page.goto(f"/imports/{ImportRun.objects.latest('pk').pk}/")
    assert "找不到这一行所属的公司" in page.inner_text("main")
    ours.refresh_from_db()
    assert (ours.city, ours.occupation) == ("苏州", "采购经理")
    assert Customer.objects.filter(name="Wei Li").exists()

    services.undo_run(actor=people.owner, run_id=ImportRun.objects.latest("pk").pk, in_background=False)
    services.undo_import(ImportRun.objects.latest("pk").pk)
    ours.refresh_from_db()
    assert (ours.occupation, Customer.objects.filter(name="Wei Li").exists()) == ("", False)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_wrong_file_is_answered_with_what_to_do(page: Any, tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    people = cast()
    picture = tmp_path / "photo.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(400))
    page.goto("/sign-in/")
    page.fill("[name=username]", people.owner.username)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit], form button[type=submit]")
    page.goto("/imports/new/")
    page.set_input_files("#import-file", str(picture))
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("document.querySelector('[data-import-drop]').requestSubmit()")
    page.wait_for_selector("text=这是图片，不是表格")
    assert "请在原系统里导出 CSV 或 XLSX" in page.inner_text("main")
    assert not ImportRun.objects.exists()
