"""`bin/bench search`: finding among 1,000,000 customers with 2,000,000 notes, through the real server, one user.

For each way of typing: the median and the 95th percentile of forty answers, and that the right customer was among them.
The notes, addresses and tags that the benchmark's shop does not have are written once.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import bench._big_shop as big_shop
import bench.pages as pages
from bench.report import Report

BAR_MS = 50.0
ASKED = 40
NOTES_EACH = 2
EMAIL_EVERY = 10
TAGS = ("送礼客", "爱喝白茶", "团购", "老街坊", "怕苦")
MARK = "bench:note:"
OPENINGS = (
    "喜欢",
    "问了",
    "想要",
    "买过",
    "说不要",
    "退了",
    "等着要",
    "介绍朋友来买",
    "嫌贵",
    "订了两盒",
    "回购",
)
GOODS = (
    "白茶礼盒",
    "明前龙井",
    "古树普洱",
    "茉莉花茶",
    "正山小种",
    "手工茶具",
    "便携泡茶杯",
    "桂花乌龙",
    "老白茶饼",
    "陈皮",
)
REASONS = (
    
    "送给岳父",
    "公司年会用",
    "自己喝",
    "中秋送客户",
    "孩子老师",
    "婚礼回礼",
    "搬新家",
    
    "开业用",
    "胃不好要清淡的",
    "怕失眠",

)  # fmt: skip
ENDS = (
    
    "下周三再联系",
    "快递到单位前台",
    "微信上发图给他看",
    "到店自提",
    
    "发票开公司抬头",
    "有货马上告诉",
    "等发工资",
    "电话里说的",

)  # fmt: skip
RARE = "檀香扇坠"

Typed = Callable[[random.Random], str]


@dataclass(frozen=True)
class Question:
    """A way of typing, by whom, and whether anybody must be found."""

    name: str
    typed: Typed
    role: str = "owner"
    is_found: bool = True


def questions(customers: int) -> list[Question]:
    """What people type."""
    from shuke.zh import fictional, pinyin, script

    def person(dice: random.Random) -> int:
        return dice.randrange(1, customers + 1)

    def of(make: Callable[[int], str]) -> Typed:
        return lambda dice: make(person(dice))

    def spaced(n: int) -> str:
        phone = fictional.phone(n)
        return f"+86 {phone[:3]}-{phone[3:7]} {phone[7:]}"

    def slipped(n: int) -> str:
        """A whole name with a letter swapped: mostly nobody is called that."""
        letters = pinyin.full(fictional.name(n))
        return letters[:-3] + letters[-2] + letters[-3] + letters[-1]

    return [
        Question("first character", of(lambda n: fictional.name(n)[:1])),
        Question("two characters", of(lambda n: fictional.name(n)[:2])),
        Question("whole name", of(fictional.name)),
        Question("end of a name", of(lambda n: fictional.name(n)[1:])),
        Question("traditional characters", of(lambda n: script.to_traditional(fictional.name(n)))),
        Question("full pinyin", of(lambda n: pinyin.full(fictional.name(n)))),
        Question("initials", of(lambda n: pinyin.initials(fictional.name(n)))),
        Question("first letter", of(lambda n: pinyin.initials(fictional.name(n))[:1])),
        Question("syllable and initials", of(lambda n: _mixed(fictional.name(n)))),
        Question("last 4 of phone", of(lambda n: fictional.phone(n)[-4:])),
        Question("first 3 of phone", of(lambda n: fictional.phone(n)[:3])),
        Question("whole phone with spaces", of(spaced)),
        Question("name and last 4", of(lambda n: f"{fictional.name(n)[:1]} {fictional.phone(n)[-4:]}")),
        Question("e-mail", of(lambda n: f"cha{n // EMAIL_EVERY * EMAIL_EVERY}@")),
        Question("middle of an e-mail", of(lambda n: f"qigu{n // EMAIL_EVERY * EMAIL_EVERY}")),
        Question("note, common words", lambda dice: dice.choice(GOODS)),
        Question("note, two common words", lambda dice: f"{dice.choice(GOODS)} {dice.choice(REASONS)}"),
        Question("note, rare words", lambda dice: RARE),
        Question("note, a sentence's part", lambda dice: dice.choice(OPENINGS) + dice.choice(GOODS)),
        Question("note, not there", lambda dice: f"{RARE}缺货{dice.choice(GOODS)}", is_found=False),
        Question("name and note", of(lambda n: f"{fictional.name(n)[:1]} {GOODS[_plan(n, 0)[1]]}")),
        Question("tag", lambda dice: dice.choice(TAGS)),
        Question("name and tag", of(lambda n: f"{fictional.name(n)[:1]} {TAGS[n % len(TAGS)]}")),
        Question("one slip", of(slipped), is_found=False),
        Question("nonsense", of(lambda n: f"qxzv{n}"), is_found=False),
        Question("two characters, manager", of(lambda n: fictional.name(n)[:2]), "manager", is_found=False),
        Question(
            "last 4 of phone, manager", of(lambda n: fictional.phone(n)[-4:]), "manager", is_found=False
        ),
        Question("note, common words, manager", lambda dice: dice.choice(GOODS), "manager"),
        Question("note, rare words, manager", lambda dice: RARE, "manager", is_found=False),
    ]


def _mixed(name: str) -> str:
    from shuke.zh import pinyin

    return pinyin.full(name[:1]) + pinyin.initials(name)[1:]


def main(argv: Sequence[str]) -> int:
    """Make what is missing, start the server, ask, print. `--only TEXT`: the questions with that in their name."""
    size = int(argv[argv.index("--customers") + 1]) if "--customers" in argv else 1_000_000
    only = argv[argv.index("--only") + 1] if "--only" in argv else ""
    postgres = big_shop.open_shop(customers=size)
    report = Report(f"search, {size:,} customers, {size * NOTES_EACH:,} notes")
    try:
        _write_what_is_missing(report, size)
        environment = os.environ | {"SHUKE_HOST": pages.HOST, "SHUKE_PORT": str(pages.PORT)}
        server = subprocess.Popen([sys.executable, "-m", "shuke.config.cli", "web"], env=environment)
        try:
            pages._wait_for_server()
            for question in questions(size):
                if only in question.name:
                    _measure(report, question)
                    print(f"  {question.name}", file=sys.stderr, flush=True)
        finally:
            server.terminate()
            server.wait(20)
    finally:
        postgres.stop()
    return report.finish(list(argv))


def _measure(report: Report, question: Question) -> None:
    dice = random.Random(11)
    browser = pages.Browser(question.role)
    for _ in range(4):
        browser.get(_address(question.typed(dice)))  # connections and caches warm, as in the middle of a day
    times, missed = [], 0
    for _ in range(ASKED):
        address = _address(question.typed(dice))
        started = time.perf_counter()
        body = browser.get(address)
        times.append((time.perf_counter() - started) * 1000)
        missed += b'role="option"' not in body
    report.note(f"{question.name}: p50", pages._quantile(times, 0.5), "ms")
    report.at_most(f"{question.name}: p95", pages._quantile(times, 0.95), BAR_MS, "ms")
    if question.is_found:
        report.at_most(f"{question.name}: not found", missed, 0)


def _address(typed: str) -> str:
    return f"/search/?q={quote(typed)}"


# --- what the shop does not have yet ---


def _write_what_is_missing(report: Report, size: int) -> None:
    from django.db import connection

    def one(statement: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return int(cursor.fetchone()[0])

    if not one(
        f"select count(*) from (select 1 from customers_interaction where origin like '{MARK}%' limit 1) s"
    ):
        _notes(size)
        _addresses_and_tags()
    if one("select count(*) from (select 1 from customers_searchtext limit 1) s") == 0:
        started = time.perf_counter()
        _index()
        report.note("writing all terms and keys", time.perf_counter() - started, "s")
    for table in ("customers_searchterm", "customers_searchtext"):
        report.note(f"{table}: table", one(f"select pg_table_size('{table}') / 1000000"), "MB")
        report.note(f"{table}: indexes", one(f"select pg_indexes_size('{table}') / 1000000"), "MB")
    report.note("notes themselves", one("select pg_table_size('customers_interaction') / 1000000"), "MB")


def _plan(customer: int, which: int) -> tuple[int, int, int, int]:
    dice = random.Random(customer * NOTES_EACH + which)
    return tuple(dice.randrange(len(part)) for part in (OPENINGS, GOODS, REASONS, ENDS))  # type: ignore[return-value]


def _note(customer: int, which: int) -> str:
    from shuke.zh import fictional

    opening, good, reason, end = _plan(customer, which)
    friend = fictional.name(customer * 7 % 1_000_003)
    rare = f"，要{RARE}" if customer % 100_000 == 17 else ""
    return f"{OPENINGS[opening]}{GOODS[good]}，{REASONS[reason]}，{friend}推荐{rare}。{ENDS[end]}"


def _notes(size: int) -> None:
    from django.db import connection, transaction
    from django.utils import timezone

    from shuke.kernel.bulk import copy_rows

    columns = ("customer_id", "kind", "direction", "body", "result", "happened_at", "origin")
    now = timezone.now()

    def rows(first: int, last: int) -> Iterator[tuple[object, ...]]:
        for n in range(first, last):
            for which in range(NOTES_EACH):
                kind = ("note", "call")[which % 2]
                yield (n, kind, "out", _note(n, which), "", now, f"{MARK}{n}:{which}")

    for first in range(1, size + 1, 50_000):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("set local session_replication_role = replica")  # every customer is there
            copy_rows("customers_interaction", columns, rows(first, min(first + 50_000, size + 1)))
        print(f"  notes {first:,}", file=sys.stderr, flush=True)


def _addresses_and_tags() -> None:
    big_shop._sql(
        "insert into customers_identity (namespace, value, customer_id)"
        f" select 'email', 'cha' || id || '.qigu' || id || '@example.com', id"
        f" from customers_customer where id % {EMAIL_EVERY} = 0"
        " on conflict do nothing",
    )
    for place, name in enumerate(TAGS):
        big_shop._sql(
            f"insert into customers_tag (name, category) values ('{name}', '') on conflict do nothing",
            "insert into customers_customertag (customer_id, tag_id, source)"
            f" select c.id, t.id, 'bench' from customers_customer c, customers_tag t where t.name = '{name}'"
            f" and c.id % {len(TAGS)} = {place} on conflict do nothing",
        )


def _index() -> None:
    from django.db import connection

    from shuke.customers.services import terms

    terms.queue_all_terms()
    done = 0
    while batch := terms.index_pending_batch():
        done += batch
        print(f"  terms {done:,}", file=sys.stderr, flush=True)
    with connection.cursor() as cursor:
        for table in ("searchterm", "searchtext", "interaction", "customertag", "identity"):
            cursor.execute(f"vacuum analyze customers_{table}")
