"""Plans of follow-ups: kept, paused, and turned into follow-ups that are due soon. Running a plan twice changes nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from shuke.customers import rules
from shuke.customers.models import Customer, FollowUp, FollowUpPlan, Interaction
from shuke.customers.ports import audience_choice
from shuke.customers.rules import keeping
from shuke.kernel import clock
from shuke.kernel.jobs import enqueue_named
from shuke.team.queries import Actor, reach_of
from shuke.team.rules import Scope
from shuke.team.services import record_audit, require
from shuke.zh import calendar

LOOK_AHEAD_DAYS = 14
LONGEST_DAYS = 730
MOST_A_DAY = 200
WRITTEN_AT_ONCE = 1_000
RUN_JOB = "customers.run_plan"


@dataclass(frozen=True)
class PlanForm:
    """What a plan says. `audience` is "level:high" or the like; without a store it is for all within the author's reach."""

    name: str
    purpose: str
    audience: str
    every_days: int
    starts_on: date
    kind: str = ""
    store_id: int | None = None
    until_on: date | None = None
    assign_to: str = "manager"
    most_a_day: int = 10
    is_working_days_only: bool = True


@transaction.atomic
def save_plan(*, actor: Actor, form: PlanForm, plan_id: int | None = None) -> FollowUpPlan:
    """Keep a plan and make its follow-ups anew; what nobody has done yet and lies ahead is planned again.

    Raises ValidationError for what cannot be meant, PermissionDenied for a store out of reach.
    """
    require(actor, "customers.plan")
    plan = _locked(actor, plan_id) if plan_id else FollowUpPlan(created_by_id=actor.id)
    _check(actor, form)
    before = _described(plan) if plan.pk else None
    for field, value in asdict(form).items():
        setattr(plan, field, rules.clean_line(value) if isinstance(value, str) else value)
    plan.save()
    _forget_ahead(plan)
    record_audit(actor, "plan_saved", plan, before=before, after=_described(plan))
    enqueue_named(RUN_JOB, plan_id=plan.pk)
    return plan


@transaction.atomic
def set_plan_active(*, actor: Actor, plan_id: int, is_active: bool) -> FollowUpPlan:
    """Pause a plan, which takes back what it has planned and nobody has done, or let it go on."""
    plan = _locked(actor, plan_id)
    if plan.is_active == is_active:
        return plan
    plan.is_active = is_active
    plan.save(update_fields=["is_active"])
    if is_active:
        enqueue_named(RUN_JOB, plan_id=plan.pk)
    else:
        FollowUp.objects.filter(plan=plan, state=FollowUp.State.OPEN).delete()
    record_audit(actor, "plan_resumed" if is_active else "plan_paused", plan, after={"name": plan.name})
    return plan


@transaction.atomic
def run_plan(*, plan_id: int) -> int:
    """Make the follow-ups of a plan that fall within the next two weeks; returns how many were made just now.

    Those of customers who no longer belong to it, and that lie ahead, go. One person gets no more than the plan says on a day:
    who finds no room waits for another night, the longest waiting first.
    """
    plan = FollowUpPlan.objects.select_for_update(of=("self",)).filter(pk=plan_id, is_active=True).first()
    today = clock.today()
    if plan is None or (plan.until_on and plan.until_on < today):
        return 0
    people = audience_of(plan)
    if people is None:
        return 0
    open_ones = FollowUp.objects.filter(plan=plan, state=FollowUp.State.OPEN)
    open_ones.filter(due_on__gt=today).exclude(customer__in=people.values("pk")).delete()
    made = _make(plan, people, today)
    plan.last_run_at, plan.last_result = clock.now(), {"made": made}
    plan.save(update_fields=["last_run_at", "last_result"])
    return made


def active_plan_ids() -> list[int]:
    """The plans that are running."""
    return list(FollowUpPlan.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True))


def audience_of(plan: FollowUpPlan) -> "QuerySet[Customer] | None":
    """The customers a plan is for; None when nobody knows its audience any more."""
    found = audience_choice(plan.audience)
    if found is None:
        return None
    rows = Customer.objects.filter(merged_into=None, deleted_at=None, pk__in=found.members())
    return rows.filter(store_id=plan.store_id) if plan.store_id else rows


@dataclass(frozen=True)
class Waiting:
    """Somebody whose next follow-up is due on a day, and who is to do it (None: anybody of that store)."""

    customer_id: int
    due_on: date
    assignee_id: int | None
    store_id: int | None

    @property
    def desk(self) -> tuple[str, int]:
        """Whose day this fills."""
        if self.assignee_id is not None:
            return ("staff", self.assignee_id)
        return ("store", self.store_id or 0)


def _make(plan: FollowUpPlan, people: "QuerySet[Customer]", today: date) -> int:
    last = min(today + timedelta(days=LOOK_AHEAD_DAYS), plan.until_on or date.max)
    is_free = _free_days(plan)
    by_desk: dict[tuple[str, int], list[Waiting]] = defaultdict(list)
    for one in _waiting(plan, people, today):
        if one.due_on <= last:
            by_desk[one.desk].append(one)
    taken = _taken(plan)
    rows: list[FollowUp] = []
    for desk, waiting in sorted(by_desk.items()):
        by_id = {one.customer_id: one for one in waiting}
        wanted = [(one.due_on, one.customer_id) for one in waiting]
        for day, customer_id in keeping.spread(wanted, taken.get(desk, {}), plan.most_a_day, last, is_free):
            rows.append(_row(plan, by_id[customer_id], day))
    FollowUp.objects.bulk_create(rows, batch_size=WRITTEN_AT_ONCE)
    return len(rows)


def _waiting(plan: FollowUpPlan, people: "QuerySet[Customer]", today: date) -> Iterable[Waiting]:
    """Everybody of the audience who has no open follow-up of this plan, with the day their next one falls on."""
    touches = Interaction.objects.filter(
        customer=OuterRef("pk"), kind__in=(*keeping.COUNTED, Interaction.Kind.MEETING)
    )
    rows = people.annotate(last_touch=Subquery(touches.order_by("-happened_at").values("happened_at")[:1]))
    busy, done = _busy(plan), _last_done(plan)
    to_manager = plan.assign_to == FollowUpPlan.AssignTo.MANAGER
    found = rows.values_list("pk", "store_id", "account_manager_id", "last_touch")
    for pk, store_id, manager_id, touched in found.iterator(chunk_size=WRITTEN_AT_ONCE):
        if pk in busy:
            continue
        due_on = keeping.due_day(
            last=_latest(touched, done.get(pk)),
            every_days=plan.every_days,
            starts_on=plan.starts_on,
            today=today,
        )
        yield Waiting(pk, due_on, manager_id if to_manager else None, store_id)


def _busy(plan: FollowUpPlan) -> set[int]:
    """Who has an open one. Asked once: a database that has not counted the new rows yet would ask for each customer."""
    rows = FollowUp.objects.filter(plan=plan, state=FollowUp.State.OPEN)
    return set(rows.values_list("customer_id", flat=True))


def _last_done(plan: FollowUpPlan) -> dict[int, datetime]:
    """When each customer's last one of this plan was done, or called off."""
    rows = FollowUp.objects.filter(plan=plan, done_at__isnull=False).order_by()
    return dict(rows.values_list("customer_id").annotate(last=Max("done_at")))


def _latest(*moments: datetime | None) -> date | None:
    days = [timezone.localtime(moment).date() for moment in moments if moment]
    return max(days, default=None)


def _taken(plan: FollowUpPlan) -> dict[tuple[str, int], dict[date, int]]:
    """How many open follow-ups of the plan each person, or each store, has on each day."""
    found: dict[tuple[str, int], dict[date, int]] = defaultdict(lambda: defaultdict(int))
    rows = FollowUp.objects.filter(plan=plan, state=FollowUp.State.OPEN)
    for assignee_id, store_id, day in rows.values_list("assignee_id", "customer__store_id", "due_on"):
        desk = ("staff", assignee_id) if assignee_id is not None else ("store", store_id or 0)
        found[desk][day] += 1
    return found


def _free_days(plan: FollowUpPlan) -> Callable[[date], bool]:
    @lru_cache(maxsize=64)
    def is_free(day: date) -> bool:
        return not plan.is_working_days_only or calendar.is_working_day(day)

    return is_free


def _row(plan: FollowUpPlan, one: Waiting, day: date) -> FollowUp:
    return FollowUp(
        customer_id=one.customer_id,
        purpose=plan.purpose,
        kind=plan.kind,
        due_on=day,
        assignee_id=one.assignee_id,
        plan=plan,
        created_by_id=plan.created_by_id,
    )


def _forget_ahead(plan: FollowUpPlan) -> None:
    FollowUp.objects.filter(plan=plan, state=FollowUp.State.OPEN, due_on__gte=clock.today()).delete()


def _locked(actor: Actor, plan_id: int) -> FollowUpPlan:
    plan = FollowUpPlan.objects.select_for_update(of=("self",)).get(pk=plan_id)
    require(actor, "customers.plan")
    _require_store(actor, plan.store_id)
    return plan


def _require_store(actor: Actor, store_id: int | None) -> None:
    """A plan is for a store within reach; one for all stores needs the reach of all."""
    reach = reach_of(actor)
    if reach.scope is not Scope.ALL and (store_id is None or store_id not in reach.store_ids):
        require(actor, "team.manage")


def _check(actor: Actor, form: PlanForm) -> None:
    _require_store(actor, form.store_id)
    if not rules.clean_line(form.name):
        raise ValidationError({"name": _("请给计划起个名字，比如：高价值客户月访。")})
    if not rules.clean_line(form.purpose):
        raise ValidationError({"purpose": _("请写下要做什么，比如：回访新茶口味。")})
    if audience_choice(form.audience) is None:
        raise ValidationError({"audience": _("请选择给哪些客户。")})
    if not 1 <= form.every_days <= LONGEST_DAYS:
        raise ValidationError({"every_days": _("请填 1 到 730 天。")})
    if not 1 <= form.most_a_day <= MOST_A_DAY:
        raise ValidationError({"most_a_day": _("请填 1 到 200 位。")})
    if form.until_on and form.until_on < form.starts_on:
        raise ValidationError({"until_on": _("结束日期不能早于开始日期。")})
    if form.kind and form.kind not in Interaction.Kind.values:
        raise ValidationError({"kind": _("请选择联系方式。")})
    if form.assign_to not in FollowUpPlan.AssignTo.values:
        raise ValidationError({"assign_to": _("请选择归谁做。")})


def _described(plan: FollowUpPlan) -> dict[str, object]:
    return {
        "name": plan.name,
        "purpose": plan.purpose,
        "audience": plan.audience,
        "every_days": plan.every_days,
        "starts_on": str(plan.starts_on),
        "until_on": str(plan.until_on or ""),
        "store": plan.store_id,
    }
