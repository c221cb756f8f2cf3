"""What the imports room is offered: customers, contacts of companies, communications, follow-ups."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import polars as pl
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, override

from shuke.customers import jobs
from shuke.customers.events import CustomersImported, InteractionsImported
from shuke.customers.importing import advice, fields, template, undoing
from shuke.customers.importing.custom import KIND as CUSTOM
from shuke.customers.importing.custom import import_fields
from shuke.customers.importing.importer import importer_of
from shuke.customers.importing.new_fields import make_field, new_kinds
from shuke.customers.importing.past import PastReader
from shuke.customers.importing.people import House, PeopleReader
from shuke.customers.importing.reading import Labels
from shuke.customers.importing.updating import KIND, shop_zone
from shuke.customers.importing.vendors import EXPORTS
from shuke.customers.models import Interaction
from shuke.customers.ports import register_use
from shuke.customers.services.terms import queue_terms
from shuke.imports.ports import (
    Advice,
    Counts,
    Field,
    ImportTarget,
    Likelihood,
    Progress,
    Reader,
    Setting,
    Template,
    Text,
    register_exports,
    register_target,
)
from shuke.imports.rules import Hints, header_key
from shuke.imports.services.keeping import (
    column_names_of,
    overwritten_ids,
    parked_rows,
    release_parked,
)
from shuke.kernel import clock
from shuke.kernel.outbox import publish
from shuke.team.queries import SYSTEM, Actor, visible_staff, visible_stores


def hints_of(setting: Setting, *, looks_ahead: bool = False) -> Hints:
    """What cells alone do not say. Plans may lie ahead, what happened may not."""
    now = timezone.make_naive(clock.now()).replace(microsecond=0)
    order = {"dmy": True, "mdy": False}.get(str(setting.options.get("date_order")))
    return Hints(shop_zone(), now + timedelta(days=3660 if looks_ahead else 2), order)


def labels_of(run_id: int, fields_: Sequence[Field]) -> Labels:
    """Headers and names of fields, in Chinese whoever imports: what is stored says the same each time."""
    with override("zh-hans"):
        return Labels(column_names_of(run_id), {field.code: str(field.label) for field in fields_})


def house_of(run_id: int) -> House:
    """Who imports, within what reach, and by which words the house's stores and people go. Fails closed."""
    importer = importer_of(run_id)
    stores = dict(visible_stores(SYSTEM).values_list("name", "pk"))
    return House(importer.actor, importer.reach, stores, _staff_words())


def _staff_words() -> dict[str, int]:
    """Names that one person has, sign-in names in any case."""
    people = list(visible_staff(SYSTEM).values_list("name", "username", "pk"))
    once = Counter(name for name, _username, _pk in people)
    words = {username.lower(): pk for _name, username, pk in people}
    return words | {name: pk for name, _username, pk in people if once[name] == 1}


def retry_parked(setting: Setting, reader: Reader, counts: Counts) -> Counts:
    """Rows that waited for another record get their last chance; what still fails is rejected by the reader."""
    total = Counter(counts)
    for part in parked_rows(setting.run_id):
        width = max(len(row.cells) for row in part)
        columns: dict[str, Any] = {
            f"c{i}": [row.cells[i] if i < len(row.cells) else "" for row in part] for i in range(width)
        }
        frame = pl.DataFrame(
            columns | {"line": [row.line for row in part]},
            schema=dict.fromkeys(columns, pl.String) | {"line": pl.UInt32},
        )
        total.update(reader.write(reader.prepare(frame, is_last=True)))
    release_parked(setting.run_id)
    total.pop("rows_waiting", None)
    return dict(total)


class PeopleTarget:
    """Rows are customers: persons and companies; or people at companies."""

    def __init__(self, code: str, label: Promise, *, is_contacts: bool) -> None:
        self.code = code
        self.label: Text = label
        self.is_contacts = is_contacts

    def fields(self) -> Sequence[Field]:
        ready = fields.CONTACT_FIELDS if self.is_contacts else fields.CUSTOMER_FIELDS
        return (*ready, *import_fields(fields.CUSTOM))

    def guess_source(self, columns: Sequence[str]) -> str:
        return ""

    def advise(self, rows: pl.DataFrame, setting: Setting) -> Advice:
        return advice.advise_people(rows, setting, is_contacts=self.is_contacts)

    def open(self, setting: Setting) -> PeopleReader:
        return self._reader(setting)

    def _reader(self, setting: Setting, *, is_last_try: bool = False) -> PeopleReader:
        return PeopleReader(
            setting,
            hints=hints_of(setting),
            labels=labels_of(setting.run_id, self.fields()),
            house=house_of(setting.run_id),
            is_last_try=is_last_try,
        )

    def finish(self, setting: Setting, counts: Counts) -> Counts:
        """Give waiting rows their last chance, make all findable, tell the house."""
        counts = retry_parked(setting, self._reader(setting, is_last_try=True), counts)
        for kind in (KIND, CUSTOM):
            queue_terms(overwritten_ids(setting.run_id, kind))
        publish(CustomersImported(run_id=setting.run_id))
        return counts

    def undo(self, run_id: int, progress: Progress) -> Counts:
        return undoing.undo_people(run_id, progress)

    def new_kinds(self, actor: Actor, cells: Sequence[str]) -> Sequence[tuple[str, Text]]:
        return new_kinds(actor, cells)

    def make_field(self, actor: Actor, *, name: str, kind: str, cells: Sequence[str]) -> str:
        return make_field(actor, name=name, kind=kind, cells=cells)

    def template(self) -> Template:
        return template.people(self.fields(), is_contacts=self.is_contacts)


class PastTarget:
    """Rows are communications that happened, or follow-ups that are planned or done."""

    def __init__(self, code: str, label: Promise, *, is_plan: bool) -> None:
        self.code = code
        self.label: Text = label
        self.is_plan = is_plan

    def fields(self) -> Sequence[Field]:
        return fields.FOLLOW_UP_FIELDS if self.is_plan else fields.TOUCH_FIELDS

    def guess_source(self, columns: Sequence[str]) -> str:
        return ""

    def advise(self, rows: pl.DataFrame, setting: Setting) -> Advice:
        return advice.advise_past(rows, setting, is_plan=self.is_plan)

    def open(self, setting: Setting) -> PastReader:
        return self._reader(setting)

    def _reader(self, setting: Setting, *, is_last_try: bool = False) -> PastReader:
        return PastReader(
            setting,
            hints=hints_of(setting, looks_ahead=self.is_plan),
            labels=labels_of(setting.run_id, self.fields()),
            house=house_of(setting.run_id),
            is_plan=self.is_plan,
            is_last_try=is_last_try,
        )

    def finish(self, setting: Setting, counts: Counts) -> Counts:
        """Give waiting rows their last chance; make what was said findable."""
        counts = retry_parked(setting, self._reader(setting, is_last_try=True), counts)
        if not self.is_plan:
            said = Interaction.objects.filter(import_run_id=setting.run_id)
            queue_terms(said.values_list("customer_id", flat=True).distinct().iterator(10_000))
            queue_terms(undoing.customers_of_changed(setting.run_id, undoing.TOUCH))
            jobs.start_indexing()
            publish(InteractionsImported(run_id=setting.run_id))
        return counts

    def undo(self, run_id: int, progress: Progress) -> Counts:
        counts = undoing.undo_past(run_id, undoing.FOLLOW_UP if self.is_plan else undoing.TOUCH, progress)
        jobs.start_indexing()
        if not self.is_plan:
            with transaction.atomic():
                publish(InteractionsImported(run_id=run_id))
        return counts

    def template(self) -> Template:
        return template.past(self.fields(), is_plan=self.is_plan)


def _score(
    *, needs: Sequence[set[str]], likes: set[str], least: int, never: frozenset[str] = frozenset()
) -> Likelihood:
    """A judgement: one of each of `needs` must be there, none of `never`; each of `likes` makes it surer."""

    def judge(mapping: Mapping[str, str]) -> int:
        found = set(mapping)
        if never & found or not all(need & found for need in needs) or len(found) < least:
            return 0
        return len(found & likes)

    return judge


def _with_words(judge: Likelihood) -> Likelihood:
    """A column that is called 备注 is what was said only where another tells how, by whom or to what end."""

    def with_words(mapping: Mapping[str, str]) -> int:
        told = mapping.keys() & {"kind", "author", "direction", "result", "duration"}
        is_vague = header_key(mapping.get("body", "")) in _REMARKS
        return 0 if is_vague and not told else judge(mapping)

    return with_words


_REMARKS = frozenset(map(header_key, ("备注", "说明", "note", "notes", "comments", "description")))
_PERSON = set(
    "own name nickname family_name given_name phone email gender birthday member wechat address city province tags first_channel"
    " store manager note created occupation external".split()
)
_WHOSE = {"customer_number", "contact_number", "customer", "contact", "phone", "email", "member"}

_TOUCH = {"body", "moment", "kind", "author", "direction", "title", "result"}
_PLAN = {"due", "purpose", "state", "author", "done"}

CUSTOMERS = PeopleTarget("customers", gettext_lazy("客户"), is_contacts=False)
CONTACTS = PeopleTarget("contacts", gettext_lazy("联系人"), is_contacts=True)
COMMUNICATIONS = PastTarget("communications", gettext_lazy("往来记录"), is_plan=False)
FOLLOW_UPS = PastTarget("follow_ups", gettext_lazy("跟进"), is_plan=True)
JUDGEMENTS = {
    "customers": _score(needs=[{"name", "phone", "email", "member", "family_name", "nickname"}], likes=_PERSON, least=2),
    "contacts": _score(
        needs=[{"company", "company_number"}, {"name", "family_name", "nickname"}, {"phone", "email", "occupation", "wechat"}],
        likes=_PERSON | {"company", "company_number"}, least=3,
        never=frozenset({"kind", "member"}),
    ),
    "communications": _with_words(_score(
        needs=[{"body"}, {"moment"}, _WHOSE], likes=_TOUCH | _WHOSE, least=3
    )),
    "follow_ups": _score(needs=[{"due"}, {"purpose"}, _WHOSE], likes=_PLAN | _WHOSE, least=3),
}  # fmt: skip


def offer_targets() -> None:
    """Tell the imports room what rows can become here, and whose export files are recognised."""
    targets: tuple[ImportTarget, ...] = (CUSTOMERS, CONTACTS, COMMUNICATIONS, FOLLOW_UPS)
    for target in targets:
        register_target(target, JUDGEMENTS[target.code])
    register_exports(EXPORTS)
    register_use("customers", undoing.in_use)
