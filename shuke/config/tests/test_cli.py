"""The command line, before and after it has found its configuration."""

import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from shuke.config.cli import main
from shuke.config.cli.archive import verify_archive, write_archive
from shuke.config.cli.words import CommandTrouble, language_of, speak
from shuke.orders.models import Order

CHECKOUT = Path(__file__).parents[3]
COMMANDS = "serve web worker scheduler import refresh createadmin backup restore demo migrate".split()


def shuke(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the command in a process of its own with nothing but the given environment."""
    clean = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT), "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-m", "shuke.config.cli", *arguments],
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", ["serve", "worker", "migrate", "backup", "createadmin", "refresh"])
def test_without_configuration_nothing_starts_and_it_says_what_to_do(command: str, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "shuke.config.cli", command],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT), "PYTHONUTF8": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "SHUKE_DATA" in result.stderr
    assert "还没有指定数据放在哪里" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_help_is_chinese_first_and_english_on_request() -> None:
    assert "运行熟客：网页、后台任务、定时任务一起" in shuke("--help").stdout
    assert "运行熟客" in shuke("--help", LANG="zh_CN.UTF-8").stdout
    for english in (shuke("--help", "--lang", "en"), shuke("--help", SHUKE_LANG="en")):
        assert "run everything: web, worker and scheduler" in english.stdout
        assert "用法" not in english.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_in_both_languages(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for language, sign in (("zh", "用法："), ("en", "Usage: ")):
        with pytest.raises(SystemExit, match="0"):
            main([command, "--help", "--lang", language])
        assert capsys.readouterr().out.startswith(f"{sign}shuke {command}")
    speak("zh")


def test_refreshing_from_nothing_is_explained_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    for language, sign in (("zh", "从订单重建"), ("en", "anew from the orders")):
        with pytest.raises(SystemExit, match="0"):
            main(["refresh", "--help", "--lang", language])
        told = capsys.readouterr().out
        assert "--rebuild-facts" in told and sign in " ".join(told.split())
    speak("zh")


@pytest.mark.django_db
def test_damaged_facts_are_made_anew_on_request(
    tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from shuke.config.cli import environment, work
    from shuke.value.models import CustomerValue
    from shuke.value.testing import small_shop

    settings.SHUKE_DATA = tmp_path  # type: ignore[attr-defined]
    monkeypatch.setattr(environment, "ready", nullcontext)
    monkeypatch.setattr(work, "work_off_queue", lambda: None)
    small_shop(40)
    (tmp_path / "facts").mkdir()
    for name in ("manifest.json", "base-0.parquet"):
        (tmp_path / "facts" / name).write_text("{ torn")
    assert main(["refresh", "--rebuild-facts"]) == 0
    orders = Order.objects.exclude(customer=None).count()
    assert f"已从订单重建 {orders:,} 条购买记录" in capsys.readouterr().out
    assert CustomerValue.objects.count() == 40 and not (tmp_path / "facts" / "base-0.parquet").exists()
    assert main(["refresh"]) == 0 and "重建" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "environment", "language"),
    [
        ([], {}, "zh"),
        ([], {"LANG": "C.UTF-8"}, "zh"),
        ([], {"LANG": "en_US.UTF-8"}, "en"),
        ([], {"LANG": "en_US.UTF-8", "SHUKE_LANG": "zh"}, "zh"),
        (["--lang", "en"], {"SHUKE_LANG": "zh"}, "en"),
        (["serve", "--lang=zh"], {"LANG": "en_GB"}, "zh"),
    ],
)
def test_the_language_is_what_was_asked_for(
    argv: list[str], environment: dict[str, str], language: str
) -> None:
    assert language_of(argv, environment) == language


@pytest.mark.django_db(transaction=True)
def test_a_backup_holds_database_and_files_and_is_refused_when_damaged(
    tmp_path: Path, settings: object
) -> None:
    settings.SHUKE_DATA = tmp_path / "data"  # type: ignore[attr-defined]
    settings.MEDIA_ROOT = tmp_path / "data" / "files"  # type: ignore[attr-defined]
    note = tmp_path / "data" / "files" / "imports" / "订单.csv"
    note.parent.mkdir(parents=True)
    note.write_text("手机号\n15400000001\n")
    archive = tmp_path / "shop.backup"
    write_archive(archive)
    assert archive.stat().st_mode & 0o777 == 0o600
    assert set(verify_archive(archive)["members"]) == {"database.dump", "files/imports/订单.csv"}
    content = bytearray(archive.read_bytes())
    content[2000] ^= 0xFF
    archive.write_bytes(bytes(content))
    with pytest.raises(CommandTrouble, match="不是完好的备份"):
        verify_archive(archive)


@pytest.mark.django_db
def test_the_first_account_must_change_its_password_and_comes_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from shuke.config.cli.accounts import ensure_first_account
    from shuke.team.models import Staff

    ensure_first_account()
    ensure_first_account()
    admin = Staff.objects.get()
    assert (admin.username, admin.role, admin.must_change_password) == ("admin", "owner", True)
    printed = capsys.readouterr().out
    assert printed.count("一次性密码") == 1
    assert admin.check_password(printed.split("一次性密码 ")[1].split("（")[0])
