import pytest

from shuke.kernel.idempotency import KeyReused, once
from shuke.kernel.models import IdempotencyKey


@pytest.mark.django_db
def test_the_same_key_and_body_act_once_and_answer_alike() -> None:
    calls: list[int] = []

    def act() -> dict[str, int]:
        calls.append(1)
        return {"order": len(calls)}

    answers = [once(scope="orders", key="k1", body={"a": 1}, act=act) for _ in range(3)]
    assert answers == [{"order": 1}] * 3
    assert len(calls) == 1


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_refused_and_changes_nothing() -> None:
    once(scope="orders", key="k1", body={"a": 1}, act=lambda: 1)
    with pytest.raises(KeyReused):
        once(scope="orders", key="k1", body={"a": 2}, act=lambda: 2)
    assert IdempotencyKey.objects.get().answer == 1


@pytest.mark.django_db
def test_a_failed_act_leaves_the_key_free() -> None:
    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        once(scope="orders", key="k1", body={}, act=fail)
    assert once(scope="orders", key="k1", body={}, act=lambda: "done") == "done"
