# ruff: noqa: E501 - headers and reasons read best unbroken
"""200,000 contacts in a CSV of Zoho's shape, one row in twenty bad, into an empty shop: killed twice on the way and resumed.

Every good row has to be there, every bad one back with its reason, and nothing else: compared with a run that nobody disturbed.
"""

import csv
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from bench.report import Report
from shuke.kernel.postgres import EmbeddedPostgres

CHECKOUT = Path(__file__).resolve().parents[1]
FOLDER = CHECKOUT / ".cache" / "bench-zoho"
ROWS, ACCOUNTS = 200_000, 5_000
BAD_SHARE = 0.05
ROWS_A_SECOND = 5_000.0
MEGABYTES = 800.0
HEAD = [
    "Record Id", "Contact Owner.id", "Contact Owner", "Lead Source", "First Name", "Last Name", "Account Name.id", "Account Name",
    "Email", "Title", "Department", "Phone", "Mobile", "Date of Birth", "Mailing Street", "Mailing City", "Mailing State",
    "Mailing Zip", "Created Time", "Modified Time", "Secondary Email", "Skype ID", "Description", "Tag",
]  # fmt: skip
ACCOUNT_HEAD = [
    "Record Id",
    "Account Owner",
    "Account Name",
    "Account Type",
    "Industry",
    "Billing City",
    "Employees",
    "Created Time",
]
BAD = ("email", "mobile", "birthday", "created", "account", "nobody", "ragged")
REASONS = {
    "email": "这不像邮箱", "mobile": "这不像电话号码", "birthday": "看不懂的生日", "created": "看不懂的时间", "account": "找不到这一行所属的公司",
    "nobody": "没有姓名", "ragged": "这一行的列数与表头不一致",
}  # fmt: skip
FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
GIVEN = "茶香山泉松竹梅兰云月清明秋春雨露禾谷溪石"
CITIES = (("浙江", "杭州"), ("江苏", "苏州"), ("广东", "深圳"), ("福建", "福州"), ("四川", "成都"))


def make_files(folder: Path, rows: int, accounts: int) -> dict[int, str]:
    """accounts.csv and contacts.csv of fictional people; returns the bad lines of the second and what is wrong with them."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "accounts.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(ACCOUNT_HEAD)
        for n in range(accounts):
            writer.writerow([f"zcrm_acc{n:08d}", "Example Owner", f"示例公司{n:06d}", "Customer", "零售", "杭州", n % 90 + 1,
                             "2023-02-01 09:00:00"])  # fmt: skip
    rng = random.Random(11)
    bad: dict[int, str] = {}
    with (folder / "contacts.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        for n in range(rows):
            row = _contact(n, accounts, rng)
            if rng.random() < BAD_SHARE:
                kind = BAD[n % len(BAD)]
                bad[n + 2] = kind
                row = _spoiled(row, kind, n)
            writer.writerow(row)
    return bad


def _contact(n: int, accounts: int, rng: random.Random) -> list[str]:
    province, city = CITIES[n % len(CITIES)]
    account = rng.randrange(accounts)
    has_phone = n % 10 != 0
    return [
        f"zcrm_con{n:09d}", "zcrm_user1", "Example Owner", ("展会", "官网", "朋友介绍", "")[n % 4],
        GIVEN[n % 20] + GIVEN[n // 20 % 20], FAMILY[n % 19],
        f"zcrm_acc{account:08d}", f"示例公司{account:06d}", f"contact{n}@example.com", ("采购", "经理", "店长", "")[n % 4],
        "业务部", f"0571-8{account:07d}", str(15_400_000_000 + n) if has_phone else "",
        f"{1960 + n % 45}-{n % 12 + 1:02d}-{n % 28 + 1:02d}" if n % 3 == 0 else "", f"示例路 {n % 999} 号", city, province,
        "310000", f"2023-{n % 12 + 1:02d}-{n % 28 + 1:02d} 10:{n % 60:02d}:00", f"2025-01-{n % 28 + 1:02d} 08:00:00", "",
        f"skype.{n}" if n % 5 == 0 else "", "说明" * (n % 3), ("送礼", "老客户", "", "")[n % 4],
    ]  # fmt: skip


def _spoiled(row: list[str], kind: str, n: int) -> list[str]:
    if kind == "ragged":
        return [*row, "多出来的一格"]
    if kind == "nobody":
        for name in ("Record Id", "First Name", "Last Name", "Email", "Phone", "Mobile"):
            row[HEAD.index(name)] = ""
        return row
    column, value = {
        "email": ("Email", f"contact{n} at example.com"), "mobile": ("Mobile", f"1540{n % 100}"),
        "birthday": ("Date of Birth", "1988-13-45"), "created": ("Created Time", "昨天下午"),
        "account": ("Account Name.id", f"zcrm_gone{n}"),
    }[kind]  # fmt: skip
    row[HEAD.index(column)] = value
    return row


# --- in processes of their own ---


def prepare() -> int:
    """An empty, migrated database with the accounts in it, and the contacts received."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, skip_checks=True)
    from shuke.imports import services
    from shuke.team.queries import SYSTEM

    accounts, contacts = (
        services.receive_file(actor=SYSTEM, name=path.name, chunks=[path.read_bytes()], target=services.GUESS)
        for path in (
            Path(os.environ["BENCH_FILES"]) / "accounts.csv",
            Path(os.environ["BENCH_FILES"]) / "contacts.csv",
        )
    )
    services.start_run(actor=SYSTEM, run_id=accounts.pk, in_background=False)
    done = services.run_import(accounts.pk)
    services.start_run(actor=SYSTEM, run_id=contacts.pk, in_background=False)
    print(
        json.dumps(
            {"run": contacts.pk, "accounts": done.counts.get("rows_created", 0), "target": contacts.target}
        )
    )
    return 0


def run(run_id: str) -> int:
    """The run, or what is left of it."""
    import resource

    import django

    django.setup()
    from shuke.imports.services import run_import

    began = time.perf_counter()
    found = run_import(int(run_id))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = time.perf_counter() - began
    print(json.dumps({"state": found.state, "seconds": seconds, "megabytes": memory} | found.counts))
    return 0


def start(*arguments: str) -> "subprocess.Popen[str]":
    """A child that calls one of the functions above."""
    return subprocess.Popen(
        [sys.executable, "-c", "import sys; from importlib import import_module;"
         "sys.exit(getattr(import_module('bench.zoho'), sys.argv[1])(*sys.argv[2:]))", *arguments],
        stdout=subprocess.PIPE, text=True, cwd=CHECKOUT,
    )  # fmt: skip


def answer_of(child: "subprocess.Popen[str]") -> dict[str, float]:
    """The last line that a child printed."""
    out, _err = child.communicate()
    if child.returncode:
        raise SystemExit(f"a child ended with {child.returncode}")
    found: dict[str, float] = json.loads(out.strip().splitlines()[-1])
    return found


def kill_after(
    child: "subprocess.Popen[str]", connection: "psycopg.Connection", rows: int, run_id: int
) -> int:
    """`kill -9` once so many rows are done; returns how many they were."""
    while child.poll() is None:
        done = connection.execute(
            "select rows_done from imports_importrun where id = %s", [run_id]
        ).fetchone()
        if done and done[0] >= rows:
            child.kill()
            child.wait()
            return int(done[0])
        time.sleep(0.02)
    raise SystemExit("the run was over before it could be killed")


# --- what came of it ---

CONTENT = (
    "select c.kind, c.name, c.phone, c.email, c.birthday_month, c.birthday_day, c.birth_year, c.province, c.city, c.address,"
    " c.occupation, c.first_channel, c.note, c.created_at from customers_customer c order by 2, 3, 4, 13",
    "select i.namespace, i.value, c.name, i.verified_by from customers_identity i join customers_customer c"
    " on c.id = i.customer_id order by 1, 2",
    "select p.name, p.email, c.name, l.role from customers_companycontact l join customers_customer p on p.id = l.person_id"
    " join customers_customer c on c.id = l.company_id order by 1, 2, 3",
    "select p.kind, p.value, c.name, c.email, p.is_shared from customers_contactpoint p join customers_customer c"
    " on c.id = p.customer_id order by 1, 2, 3, 4",
    "select t.name, c.name, c.email from customers_customertag l join customers_tag t on t.id = l.tag_id"
    " join customers_customer c on c.id = l.customer_id order by 1, 2, 3",
    'select line_number, "column", value, reason, "row" from imports_importreject order by 1',
)


def content(connection: "psycopg.Connection") -> list[str]:
    """A fingerprint of every table that the import writes, ids left out."""
    return [
        str(
            connection.execute(
                f"select md5(coalesce(string_agg(t::text, E'\\n'), '')) from ({query}) t"
            ).fetchone()
        )
        for query in CONTENT
    ]


def rejects(connection: "psycopg.Connection") -> Iterator[tuple[int, str]]:
    """Line and reason of every row that came back."""
    yield from connection.execute("select line_number, reason from imports_importreject order by 1")


def disturbed(folder: Path, rows: int, url: str, kills: tuple[float, ...]) -> tuple[dict[str, float], float]:
    """Into an empty database, killed at these shares of the rows; the last child's figures and all seconds."""
    os.environ |= {"DATABASE_URL": url, "SHUKE_DATA": str(folder / "shop"), "BENCH_FILES": str(folder),
                   "DJANGO_SETTINGS_MODULE": "shuke.config.settings"}  # fmt: skip
    shutil.rmtree(folder / "shop", ignore_errors=True)
    made = answer_of(start("prepare"))
    run_id = int(made["run"])
    began = time.perf_counter()
    with psycopg.connect(url, autocommit=True) as connection:
        for share in kills:
            kill_after(start("run", str(run_id)), connection, int(rows * share), run_id)
    return answer_of(start("run", str(run_id))), time.perf_counter() - began


def main(argv: list[str]) -> int:
    rows = int(argv[argv.index("--rows") + 1]) if "--rows" in argv else ROWS
    folder = FOLDER / str(rows)
    bad = make_files(folder, rows, min(ACCOUNTS, max(50, rows // 40)))
    with EmbeddedPostgres(FOLDER / "data") as server:
        admin = psycopg.connect(server.connection.url, autocommit=True)
        results, contents, seconds = {}, {}, {}
        for name, kills in (("whole", ()), ("killed", (0.2, 0.6))):
            admin.execute(f"drop database if exists bench_zoho_{name} with (force)")
            admin.execute(f"create database bench_zoho_{name}")
            url = server.connection.url.rsplit("/", 1)[0] + f"/bench_zoho_{name}"
            results[name], seconds[name] = disturbed(folder, rows, url, kills)
            with psycopg.connect(url) as connection:
                contents[name] = content(connection)
                found = dict(rejects(connection))
                people = connection.execute(
                    "select count(*) from customers_customer where kind = 'person'"
                ).fetchone()
        again = answer_of(start("again"))
        report = _report(rows, bad, found, results, contents, seconds, int(people[0]) if people else 0, again)
        for name in results:
            admin.execute(f"drop database if exists bench_zoho_{name} with (force)")
        admin.close()
    return report.finish(argv)


def again() -> int:
    """The same file once more: nothing may change."""
    import django

    django.setup()
    from shuke.imports import services
    from shuke.team.queries import SYSTEM

    path = Path(os.environ["BENCH_FILES"]) / "contacts.csv"
    found = services.receive_file(
        actor=SYSTEM, name=path.name, chunks=[path.read_bytes()], target=services.GUESS
    )
    services.start_run(actor=SYSTEM, run_id=found.pk, in_background=False)
    return run(str(found.pk))


def _report(  # noqa: PLR0913
    rows: int, bad: dict[int, str], found: dict[int, str], results: dict[str, dict[str, float]],
    contents: dict[str, list[str]], seconds: dict[str, float], people: int, again: dict[str, float],
) -> Report:  # fmt: skip
    right = sum(found.get(line, "").startswith(REASONS[kind]) for line, kind in bad.items())
    whole, killed = results["whole"], results["killed"]
    same = sum(one == other for one, other in zip(contents["whole"], contents["killed"], strict=True))
    report = Report(f"contacts of Zoho CRM, {rows:,} rows, {len(bad):,} of them bad, killed twice")
    report.note("rows", rows)
    report.note("bad rows in the file", len(bad))
    report.at_least("people there", people, rows - len(bad))
    report.at_most("people too many", people - (rows - len(bad)), 0)
    report.at_least("bad rows back with their reason", right, len(bad))
    report.at_most("good rows given back", len(found) - len(bad), 0)
    report.at_least("tables the same as undisturbed", same, len(CONTENT))
    report.note("undisturbed", whole["seconds"], "s")
    report.at_least("rows a second", rows / whole["seconds"], ROWS_A_SECOND)
    report.note("killed twice and resumed, with three starts", seconds["killed"], "s")
    report.at_most("memory", max(whole["megabytes"], killed["megabytes"]), MEGABYTES, "MB")
    report.note("the same file again", again["seconds"], "s")
    report.at_least("rows unchanged then", again.get("rows_unchanged", 0), rows - len(bad))
    return report
