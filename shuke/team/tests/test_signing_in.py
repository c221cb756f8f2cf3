"""Coming in and going out."""

import pytest
from django.test import Client
from django.urls import reverse

from shuke.team import services, testing
from shuke.team.models import AuditEntry, Staff
from shuke.team.queries import SYSTEM
from shuke.team.views import access

pytestmark = pytest.mark.django_db


def _signed_in(person: Staff) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_clerk_signs_in_and_lands_on_today_and_the_audit_says_so(client: Client) -> None:
    wang = testing.clerk_wang()
    answer = client.post(reverse("team:sign_in"), {"username": "wang", "password": testing.PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, reverse("desk:today"))
    entry = AuditEntry.objects.get(action="signed_in")
    assert (entry.actor_id, entry.address) == (wang.pk, "127.0.0.1")


def test_a_wrong_password_is_refused_with_the_same_words_as_a_wrong_name(client: Client) -> None:
    testing.clerk_wang()
    url = reverse("team:sign_in")
    wrong_password = (
        client.post(url, {"username": "wang", "password": "nope"}).context["form"].non_field_errors()
    )
    wrong_name = (
        client.post(url, {"username": "nobody", "password": "nope"}).context["form"].non_field_errors()
    )
    assert wrong_password == wrong_name
    assert "_auth_user_id" not in client.session


def test_after_too_many_tries_one_address_is_held_off(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "TRIES_PER_ADDRESS", 2)
    access.cache.clear()
    url = reverse("team:sign_in")
    statuses = [client.post(url, {"username": f"n{i}", "password": "x"}).status_code for i in range(3)]
    assert statuses == [200, 200, 429]
    access.cache.clear()


def test_too_many_wrong_passwords_lock_the_name_out_and_the_page_says_for_how_long(
    client: Client, settings: object
) -> None:
    settings.AXES_ENABLED = True  # type: ignore[attr-defined]
    access.cache.clear()
    testing.clerk_wang()
    url = reverse("team:sign_in")
    for _ in range(8):
        answer = client.post(url, {"username": "wang", "password": "wrong"})
    assert answer.status_code == 429
    assert "15 分钟" in answer.content.decode()
    right = client.post(url, {"username": "wang", "password": testing.PASSWORD})
    assert right.status_code == 429
    assert "_auth_user_id" not in client.session


def test_signing_in_never_leads_to_another_site(client: Client) -> None:
    testing.clerk_wang()
    answer = client.post(
        reverse("team:sign_in"),
        {"username": "wang", "password": testing.PASSWORD, "next": "https://example.com/steal"},
    )
    assert answer["Location"] == reverse("desk:today")


def test_the_first_sign_in_leads_to_a_new_password_and_nowhere_else() -> None:
    wang = testing.clerk_wang()
    Staff.objects.filter(pk=wang.pk).update(must_change_password=True)
    wang.refresh_from_db()
    client = _signed_in(wang)
    assert client.get(reverse("team:stores"))["Location"] == reverse("team:password")
    form = {"new": "guyu-qian-de-cha", "again": "guyu-qian-de-cha"}
    assert client.post(reverse("team:password"), form)["Location"] == reverse("desk:today")
    wang.refresh_from_db()
    assert not wang.must_change_password
    assert wang.check_password("guyu-qian-de-cha")
    assert client.get(reverse("team:password")).status_code == 200, "the session goes on"


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"old": "wrong", "new": "guyu-qian-de-cha", "again": "guyu-qian-de-cha"}, "old"),
        ({"old": testing.PASSWORD, "new": "12345678", "again": "12345678"}, "new"),
        ({"old": testing.PASSWORD, "new": testing.PASSWORD, "again": testing.PASSWORD}, "new"),
        ({"old": testing.PASSWORD, "new": "guyu-qian-de-cha", "again": "another-one-here"}, "again"),
    ],
)
def test_a_password_that_will_not_do_is_refused_and_the_old_one_stays(
    form: dict[str, str], field: str
) -> None:
    wang = testing.clerk_wang()
    answer = _signed_in(wang).post(reverse("team:password"), form)
    assert field in answer.context["form"].errors
    wang.refresh_from_db()
    assert wang.check_password(testing.PASSWORD)


def test_disabling_somebody_ends_their_open_session_at_once() -> None:
    wang, owner = testing.clerk_wang(), testing.owner()
    client = _signed_in(wang)
    assert client.get(reverse("team:password")).status_code == 200
    services.disable_staff(actor=owner, staff_id=wang.pk)
    assert client.get(reverse("team:password"))["Location"].startswith(reverse("team:sign_in"))
    services.enable_staff(actor=owner, staff_id=wang.pk)
    assert client.get(reverse("team:password")).status_code == 302, (
        "the old session stays dead after restoring"
    )


def test_resetting_a_password_ends_every_session_and_asks_for_a_new_one() -> None:
    wang = testing.clerk_wang()
    client = _signed_in(wang)
    password = services.reset_password(actor=SYSTEM, staff_id=wang.pk)
    assert client.get(reverse("team:stores"))["Location"].startswith(reverse("team:sign_in"))
    wang.refresh_from_db()
    assert wang.check_password(password)
    assert wang.must_change_password


def test_the_language_is_kept_with_the_person_and_in_a_cookie() -> None:
    wang = testing.clerk_wang()
    answer = _signed_in(wang).post(reverse("team:language"), {"language": "en", "next": "/password/"})
    assert (answer["Location"], answer.cookies["django_language"].value) == ("/password/", "en")
    wang.refresh_from_db()
    assert wang.language == "en"


def test_a_language_that_shuke_does_not_speak_changes_nothing() -> None:
    wang = testing.clerk_wang()
    answer = _signed_in(wang).post(reverse("team:language"), {"language": "tlh"})
    assert "django_language" not in answer.cookies
    wang.refresh_from_db()
    assert wang.language == ""


def test_the_theme_is_kept_and_an_unknown_one_refused() -> None:
    wang = testing.clerk_wang()
    client = _signed_in(wang)
    assert client.post(reverse("team:theme"), {"theme": "dark"}).cookies["shuke_theme"].value == "dark"
    assert client.post(reverse("team:theme"), {"theme": "neon"}).status_code == 400
    wang.refresh_from_db()
    assert wang.theme == "dark"


def test_health_answers_without_signing_in(client: Client) -> None:
    answer = client.get(reverse("team:health"))
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_everything_else_turns_unknown_visitors_to_the_sign_in_page(client: Client) -> None:
    answer = client.get(reverse("team:staff"))
    assert answer["Location"] == f"{reverse('team:sign_in')}?next={reverse('team:staff')}"


def test_a_form_that_waited_too_long_is_explained(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(reverse("team:sign_in"), {"username": "wang", "password": "x"})
    assert answer.status_code == 403
    assert "这一页放得太久了" in answer.content.decode()
