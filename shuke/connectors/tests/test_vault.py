"""Passwords at rest."""

import stat
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from shuke.connectors import vault


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, settings: Any) -> None:
    settings.SHUKE_DATA = tmp_path / "data"


def test_a_secret_comes_back_and_cannot_be_read_in_between() -> None:
    token = vault.seal("山泉 2026")
    assert "山泉" not in token
    assert vault.unseal(token) == "山泉 2026"


def test_the_key_file_is_for_its_owner_only() -> None:
    vault.seal("x")
    assert stat.S_IMODE(vault.key_path().stat().st_mode) == 0o600
    assert [path.name for path in vault.key_path().parent.iterdir()] == [vault.KEY_FILE]


def test_a_changed_token_is_refused_not_returned() -> None:
    token = vault.seal("x")
    with pytest.raises(vault.BrokenSecret):
        vault.unseal(token[:-4] + "AAAA")
    with pytest.raises(vault.BrokenSecret):
        vault.unseal("plain text")


def test_another_key_is_refused_and_a_missing_one_makes_none() -> None:
    token = vault.seal("x")
    vault.key_path().write_bytes(Fernet.generate_key())
    with pytest.raises(vault.BrokenSecret):
        vault.unseal(token)
    vault.key_path().unlink()
    with pytest.raises(vault.BrokenSecret):
        vault.unseal(token)
    assert not vault.key_path().exists()


def test_a_new_key_in_the_first_line_leaves_old_secrets_readable() -> None:
    token = vault.seal("x")
    old = vault.key_path().read_text()
    vault.key_path().write_text(Fernet.generate_key().decode() + "\n" + old)
    assert vault.unseal(token) == "x"
    assert vault.unseal(vault.seal("y")) == "y"
