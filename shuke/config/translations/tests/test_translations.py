"""The words of the product in three languages."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from shuke.config.translations import checking, extracting
from shuke.config.translations.catalogues import converted, merged, traditional, typeset


@pytest.mark.parametrize(
    ("half", "full"),
    [
        ("好,走吧", "好，走吧"),
        ("关闭 %(name)s?都在", "关闭 %(name)s？都在"),
        ("生日(%(words)s)", "生日(%(words)s)"),
        ("导入(可撤销)", "导入（可撤销）"),
        ("2 人, 3 单", "2 人，3 单"),
        ("plain, English (text)", "plain, English (text)"),
    ],
)
def test_punctuation_after_chinese_becomes_full_width(half: str, full: str) -> None:
    assert typeset(half) == full


@pytest.mark.parametrize(
    ("simple", "taiwan"),
    [("设置", "設定"), ("导入 %(n)s 条信息", "匯入 %(n)s 條資訊"), ("登录", "登入"), ("短信", "簡訊")],
)
def test_traditional_chinese_uses_taiwan_words_and_keeps_placeholders(simple: str, taiwan: str) -> None:
    assert traditional(simple) == taiwan


def test_words_no_longer_used_go_and_kept_ones_stay() -> None:
    found, kept = Catalog(), Catalog(locale="en")
    found.add("客户")
    found.add("订单")
    kept.add("客户", "Customers")
    kept.add("旧话", "Old words")
    catalog = merged(found, kept)
    assert {message.id: message.string for message in catalog if message.id} == {
        "客户": "Customers",
        "订单": None,
    }


def test_plural_words_convert_to_the_one_form_of_chinese() -> None:
    kept = Catalog(locale="en")
    kept.add(("%(n)s 单", "%(n)s 单"), ("%(n)s order", "%(n)s orders"))
    catalog = converted(kept, "zh_Hant", traditional)
    assert [message.string for message in catalog if message.id] == [("%(n)s 單",)]


def test_templates_are_read_with_components_and_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extracting, "PACKAGE", tmp_path)
    (tmp_path / "page.html").write_text(
        "  <c-card title=\"{% trans '标题' %}\">\n{% blocktrans with n=total %}共 {{ n }} 位{% endblocktrans %}</c-card>\n 漏了"
    )
    (tmp_path / "code.py").write_text('from x import gettext as _\nwords = _("代码")\n')
    assert {message.id for message in extracting.extracted() if message.id} == {"标题", "共 %(n)s 位", "代码"}
    assert [(place.line, place.text) for place in extracting.unmarked()] == [(3, "漏了")]


def test_a_missing_a_stale_and_a_broken_translation_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found, kept = Catalog(), Catalog(locale="en")
    for word in ("甲", "%(n)s 个", "乙"):
        found.add(word)
    kept.add("%(n)s 个", "some of %(m)s")
    kept.add("丙", "C")
    kept.add("乙", "乙 B")
    monkeypatch.setattr(checking, "extracted", lambda: found)
    monkeypatch.setattr(checking, "english", lambda: kept)
    monkeypatch.setattr(checking, "unmarked", list)
    assert checking.problems() == [
        "no English: 甲 ()",
        "no longer used: 丙",
        "placeholders differ: %(n)s 个 → some of %(m)s",
        "Chinese in the English: 乙 → 乙 B",
    ]
