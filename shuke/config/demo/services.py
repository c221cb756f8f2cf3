"""Putting the demo shop in, and taking it out again: nothing that the shop itself entered is touched."""

import re
from datetime import datetime, timedelta

import polars as pl
from django.db import transaction
from django.utils import timezone

from shuke.assignment.services import close_pool
from shuke.config.demo import shop
from shuke.config.demo.catalogue import costs_fen
from shuke.config.demo.duties import share_out
from shuke.config.demo.people import DemoCustomer
from shuke.config.demo.world import World, begun_on, key_of, order_columns, world
from shuke.customers import services as customers
from shuke.customers.services.quality import rebuild_quality
from shuke.customers.services.quality.links import Answer, answer_link, issue_link
from shuke.desk.services.rows import rebuild_rows
from shuke.desk.services.suggestions import suggest_for_today
from shuke.imports.ports import Setting, target
from shuke.kernel import clock
from shuke.orders import services as orders
from shuke.team import queries as team_queries
from shuke.team import services as team
from shuke.team.queries import SYSTEM, Actor
from shuke.value.services import refresh_all
from shuke.zh import fictional
from shuke.zh.calendar import LUNAR, SOLAR, Birthday

RUN = -1  # the demo's own import run: real ones begin at 1
BATCH_LINES = 20_000
OLD_FILE = timedelta(days=560)  # some were in the book for long before the till: nobody has asked them since
_LUNAR_MONTHS = {word: i for i, word in enumerate("正 二 三 四 五 六 七 八 九 十 冬 腊".split(), 1)}


def load_demo(*, actor: Actor = SYSTEM, now: datetime | None = None) -> bool:
    """Put the demo in beside whatever is there; False and no change when it is in already."""
    team.require(actor, "demo.clear")
    if is_loaded():
        return False
    made = world(timezone.make_naive(now or clock.now()).replace(microsecond=0))
    with transaction.atomic():
        _open_shop(actor)
        ids = customers.add_roster(actor=actor, source=shop.SOURCE, entries=_entries(made))
        _record_orders(made)
        orders.tell_costs(actor=actor, costs_fen=costs_fen())
        _tell_stories(actor, made, ids)
        _check_own_data(made, ids)
    refresh_pages(actor)
    with transaction.atomic():
        share_out(actor)
    rebuild_rows()
    suggest_for_today()
    return True


def clear_demo(*, actor: Actor) -> int:
    """Take the demo out: its orders, customers, people and empty stores. Returns how many customers went.

    People of the demo who are still needed stay: the one who is doing this, and the last owner. Safe to repeat.
    Values and lists are made anew by the rooms' own handlers, as jobs.
    """
    team.require(actor, "demo.clear")
    target("orders").undo(RUN, lambda done, total: None)
    with transaction.atomic():
        removed = customers.remove_roster(actor=actor, source=shop.SOURCE)
        orders.forget_all_day_figures()
        close_pool(actor=actor)
        _close_shop(actor)
    return removed


def is_loaded() -> bool:
    """Whether the demo is in."""
    return bool(customers.roster_ids(shop.SOURCE))


def refresh_pages(actor: Actor) -> None:
    """Values, list rows and today's suggestions anew, at once."""
    refresh_all(actor)
    rebuild_quality()
    rebuild_rows()
    suggest_for_today()


def _open_shop(actor: Actor) -> None:
    team.change_shop(actor=actor, name=shop.NAME, is_demo=True)
    known = {store.name: store for store in team_queries.visible_stores(actor)}
    for store in shop.STORES:
        if store.name not in known:
            known[store.name] = team.add_store(
                actor=actor, name=store.name, city=store.city, is_online=store.is_online
            )
    names = set(team_queries.staff_of(actor).values_list("username", flat=True))
    for login in (*shop.LOGINS, *shop.COLLEAGUES, shop.LEAVER):
        if login.username not in names:
            person = team.add_staff(
                actor=actor,
                username=login.username,
                name=login.name,
                role=login.role,
                stores=[known[name] for name in login.stores],
                password=login.password,
            )
            team.keep_password(actor=actor, staff_id=person.pk)


def _close_shop(actor: Actor) -> None:
    demo_people = [login.username for login in (*shop.LOGINS, *shop.COLLEAGUES, shop.LEAVER)]
    team.remove_staff(actor=actor, usernames=demo_people, keep_needed=True)
    team.remove_unused_stores(actor=actor, names=[store.name for store in shop.STORES])
    team.change_shop(actor=actor, is_demo=False)


def _entries(made: World) -> list[customers.RosterEntry]:
    stores = {store.name: store.pk for store in team_queries.visible_stores(SYSTEM)}
    staff = {name: pk for pk, name in team_queries.staff_names().items()}
    begun = begun_on(made)
    return [
        customers.RosterEntry(
            key=key_of(person.index),
            form=_form(person, stores, staff),
            since=timezone.make_aware(
                begun[person.index] - (OLD_FILE if person.index % 25 == 3 else timedelta())
            ),
        )
        for person in made.crowd.people
    ]


def _form(person: DemoCustomer, stores: dict[str, int], staff: dict[str, int]) -> customers.NewCustomer:
    birthday, year = _birthday(person.birthday)
    return customers.NewCustomer(
        name=person.name,
        phone=person.phone,
        email=person.email,
        wechat=person.wechat,
        member_number=person.member_number,
        kind=person.kind,
        gender=person.gender,
        birthday=birthday,
        birth_year=year,
        province=person.province,
        city=person.city,
        district=person.district,
        occupation=person.occupation,
        industry=person.industry,
        note=person.note,
        first_channel=person.first_channel,
        store_id=stores[person.store],
        account_manager_id=staff.get(person.manager),
        tags=person.tags,
    )


def _birthday(text: str) -> tuple[Birthday | None, int | None]:
    if not text:
        return None, None
    lunar = re.fullmatch(r"农历(.+)月(.+)", text)
    if lunar:
        return Birthday(LUNAR, _LUNAR_MONTHS[lunar[1]], _lunar_day(lunar[2])), None
    *year, month, day = (int(part) for part in text.split("-"))
    return Birthday(SOLAR, month, day), year[0] if year else None


def _lunar_day(words: str) -> int:
    digits = "一二三四五六七八九十"
    if words in ("初十", "二十", "三十"):
        return {"初十": 10, "二十": 20, "三十": 30}[words]
    return {"初": 0, "十": 10, "廿": 20}[words[0]] + digits.index(words[1]) + 1


def _record_orders(made: World) -> None:
    """Through the importer's own target, batch by batch, as a till's export would come in."""
    columns = order_columns(made)
    mapping = {code: f"c{i}" for i, code in enumerate(columns)}
    frame = pl.DataFrame({mapping[code]: values for code, values in columns.items()})
    frame = frame.with_row_index("line", offset=2)
    setting = Setting(run_id=RUN, source=shop.SOURCE, mapping=mapping, options={"currency": "CNY"})
    to = target("orders")
    reader = to.open(setting)
    counts: dict[str, int] = {}
    done = 0
    while done < len(frame):
        part = frame[done : done + BATCH_LINES]
        prepared = reader.prepare(part, is_last=done + len(part) == len(frame))
        for name, count in reader.write(prepared).items():
            counts[name] = counts.get(name, 0) + count
        done += prepared.rows
    to.finish(setting, counts)


def _tell_stories(actor: Actor, made: World, ids: dict[str, int]) -> None:
    by_store = _staff_by_store()
    people = made.crowd.people

    def who(customer: int, die: float) -> int | None:
        names = by_store.get(people[customer].store, [])
        return names[int(die * len(names))] if names else None

    touches = [
        customers.PastTouch(
            customer_id=ids[key_of(touch.customer)],
            kind=touch.kind,
            direction=touch.direction,
            body=touch.body,
            result=touch.result,
            staff_id=who(touch.customer, touch.die),
            happened_at=timezone.make_aware(touch.at),
        )
        for touch in made.stories.touches
    ]
    steps = [
        customers.PlannedStep(
            customer_id=ids[key_of(plan.customer)],
            purpose=plan.purpose,
            due_on=made.now.date() + timedelta(days=plan.days_from_now),
            assignee_id=who(plan.customer, plan.die),
        )
        for plan in made.stories.plans
    ]
    customers.add_past(actor=actor, touches=touches, steps=steps)
    orders.record_behaviours(
        actor=actor,
        behaviours=[
            orders.NewBehaviour(
                customer_id=ids[key_of(look.customer)],
                kind=look.kind,
                subject=look.subject,
                happened_at=timezone.make_aware(look.at),
                event_key=f"{shop.MARK}-{number}",
                sku=look.sku,
                channel=look.channel,
            )
            for number, look in enumerate(made.stories.looks)
        ],
    )


def _check_own_data(made: World, ids: dict[str, int]) -> None:
    """One customer has opened their link: a blank is filled in, and a new number waits for somebody to look."""
    asked = next(one for one in made.crowd.people if one.kind == "person" and one.phone and not one.birthday)
    token = issue_link(actor=SYSTEM, customer_id=ids[key_of(asked.index)])
    given = {"birthday": Birthday(LUNAR, 8, 15), "phone": fictional.phone(fictional.PHONES - 71)}
    answer_link(token, Answer(("name", "address"), given))


def _staff_by_store() -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for person in team_queries.staff_of(SYSTEM):
        if person.role in ("manager", "clerk"):
            for store in person.stores.all():
                found.setdefault(store.name, []).append(person.pk)
    return found
