"""The sign-in page in a real browser: drawn by our own style sheet, with no error in the console."""

from typing import Any

import pytest


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_sign_in_page_is_styled_and_its_scripts_run_under_the_content_policy(page: Any) -> None:
    answer = page.goto("/")
    assert answer.status == 200
    assert page.url.split("?")[0].endswith("/sign-in/")
    assert page.locator("input[name=username]").is_visible()
    sheets = page.evaluate("Array.from(document.styleSheets).map(sheet => sheet.cssRules.length > 0)")
    assert sheets
    assert all(sheets)
    assert page.evaluate("typeof window.htmx") == "object"
