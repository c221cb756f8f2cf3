import pytest

from shuke.kernel.keyset import BadCursor, decode_cursor, encode_cursor, keyset_page
from shuke.kernel.models import EventRow


def _fill() -> None:
    EventRow.objects.bulk_create(EventRow(name=name, payload={}) for name in "bbaacad")


def _names(order: str, size: int) -> list[str]:
    seen: list[str] = []
    cursor = ""
    while True:
        page = keyset_page(EventRow.objects.all(), order=order, after=cursor, size=size)
        seen += [row.name for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            return seen


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
@pytest.mark.parametrize(("order", "expected"), [("name", "aaabbcd"), ("-name", "dcbbaaa")])
def test_walking_forward_shows_every_row_once_in_order(order: str, expected: str, size: int) -> None:
    _fill()
    assert "".join(_names(order, size)) == expected


@pytest.mark.django_db
def test_going_back_shows_the_page_before() -> None:
    _fill()
    first = keyset_page(EventRow.objects.all(), order="name", size=3)
    second = keyset_page(EventRow.objects.all(), order="name", after=first.next_cursor, size=3)
    back = keyset_page(EventRow.objects.all(), order="name", before=second.previous_cursor, size=3)
    assert [row.pk for row in back.rows] == [row.pk for row in first.rows]
    assert first.previous_cursor == ""
    assert back.previous_cursor == ""
    assert back.next_cursor == first.next_cursor


@pytest.mark.parametrize("cursor", ["nonsense", "e30", encode_cursor([1]), encode_cursor([[1], 2]), "é"])
def test_a_foreign_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        decode_cursor(cursor)


@pytest.mark.django_db
@pytest.mark.parametrize("values", [["a", "not a number"], [None, None]])
def test_a_cursor_whose_values_do_not_fit_the_columns_is_refused(values: list[object]) -> None:
    with pytest.raises(BadCursor):
        keyset_page(EventRow.objects.all(), order="name", after=encode_cursor(values))
