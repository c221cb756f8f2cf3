"""The benchmark of Zoho contacts in small: killed twice by `kill -9`, resumed, and the same in the end."""

import os
import subprocess
import sys
import textwrap
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from shuke.customers.models import Customer
from shuke.imports import queries, services
from shuke.imports.models import ImportReject
from shuke.team.queries import SYSTEM

bench = import_module("bench.zoho")
ROWS, ACCOUNTS = 1_000, 50
KILLED = """
    import os, sys
    import django
    django.setup()
    from shuke.imports.services import running
    done = []
    def watch(rows, total):
        done.append(rows)
        if len(done) == int(sys.argv[2]):
            os.kill(os.getpid(), 9)
    running.run_import(int(sys.argv[1]), watch=watch, block=30_000)
"""


def database_url() -> str:
    where = connection.settings_dict
    return f"postgresql://{where['USER']}@{where['HOST'].replace('/', '%2F')}:{where['PORT']}/{where['NAME']}"


def received(folder: Path, name: str) -> int:
    content = (folder / name).read_bytes()
    run = services.receive_file(actor=SYSTEM, name=name, chunks=[content], target=services.GUESS)
    services.start_run(actor=SYSTEM, run_id=run.pk, in_background=False)
    return run.pk


def killed(run_id: int, after_batches: int) -> None:
    child = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(run_id), str(after_batches)],
        env=os.environ | {"DATABASE_URL": database_url()}, check=False, capture_output=True,
    )  # fmt: skip
    assert child.returncode == -9, child.stderr.decode()


def written() -> list[str]:
    with psycopg.connect(database_url()) as other:
        found: list[str] = bench.content(other)
    return found


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_zoho_contacts_killed_twice_end_as_if_nothing_had_happened(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    bad = bench.make_files(tmp_path, ROWS, ACCOUNTS)
    assert len(bad) == 48
    services.run_import(received(tmp_path, "accounts.csv"))
    whole = services.run_import(received(tmp_path, "contacts.csv"), block=30_000)
    undisturbed = written()
    services.undo_run(actor=SYSTEM, run_id=whole.pk, in_background=False)
    services.undo_import(whole.pk)
    assert Customer.objects.filter(kind="person").count() == 0

    run_id = received(tmp_path, "contacts.csv")
    killed(run_id, 2)
    done = Customer.objects.filter(kind="person").count()
    assert 0 < done < ROWS
    killed(run_id, 3)
    assert done < Customer.objects.filter(kind="person").count() < ROWS
    run = services.run_import(run_id)

    tally = queries.tally_of(run)
    assert (run.state, tally.read, tally.created, tally.rejected) == ("done", ROWS, ROWS - len(bad), len(bad))
    assert written() == undisturbed
    reasons = dict(ImportReject.objects.filter(run=run).values_list("line_number", "reason"))
    assert reasons.keys() == bad.keys()
    assert [line for line, kind in bad.items() if not reasons[line].startswith(bench.REASONS[kind])] == []
