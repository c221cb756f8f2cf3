"""The first account, and more by `shuke createadmin`. Passwords made here are for once: the first sign-in asks for a new one."""

from argparse import Namespace
from getpass import getpass

from shuke.config.cli import environment
from shuke.config.cli.words import CommandTrouble, say, words


def createadmin(arguments: Namespace) -> int:
    """Add an owner account and print its one-time password."""
    with environment.ready():
        environment.migrate()
        password = getpass(words("一次性密码:", "One-time password: ")) if arguments.ask else None
        add_owner(arguments.username, arguments.name, password)
    return 0


def add_owner(username: str, name: str, password: str | None = None) -> None:
    """An owner who must choose a new password at first sign-in; prints how to sign in."""
    from django.db import IntegrityError

    from shuke.team.queries import SYSTEM
    from shuke.team.services import add_staff, one_time_password

    given = password or one_time_password()
    try:
        add_staff(actor=SYSTEM, username=username, name=name, role="owner", password=given)
    except IntegrityError as error:
        raise CommandTrouble(
            words(
                f"登录名 {username} 已经有人用了。",
                f"The sign-in name {username} is taken.",
            )
        ) from error
    shown = given if password is None else words("(您输入的)", "(as typed)")
    say(
        f"管理员账户已建立：登录名 {username}，一次性密码 {shown}（首次登录时会要求修改）",
        f"Administrator created: sign-in name {username}, one-time password {shown} (to be changed at first sign-in)",
    )


def ensure_first_account() -> None:
    """A shop without any account gets one, once."""
    from django.contrib.auth import get_user_model

    if not get_user_model()._default_manager.exists():
        add_owner("admin", words("店主", "Owner"))
