"""Who looks after whom in the demo shop: a pool with life in it, helpers, somebody on leave, one who left customers behind."""

from datetime import timedelta

from shuke.assignment import services as assignment
from shuke.assignment.queries.pool import due_customers
from shuke.assignment.rules.pooling import LevelRule
from shuke.config.demo import shop
from shuke.customers import services as customers
from shuke.customers.queries.holding import held_ids
from shuke.kernel import clock
from shuke.team import queries as team_queries
from shuke.team import services as team
from shuke.team.queries import Actor

IN_POOL, WARNED, LEFT_BEHIND, HELPED = 24, 12, 9, 4


def share_out(actor: Actor) -> None:
    """Set duties and rules, send some customers to the pool, warn of some more."""
    staff = {person.username: person.pk for person in team_queries.staff_of(actor)}
    stores = {store.name: store.pk for store in team_queries.visible_stores(actor)}
    today = clock.today()
    away = assignment.DutyForm(900, away_from=today, away_until=today + timedelta(days=4))
    assignment.save_duty(actor=actor, staff_id=staff["shen"], form=away)
    senior = assignment.DutyForm(1_500, is_senior=True)
    assignment.save_duty(actor=actor, staff_id=staff["zhou"], form=senior)
    assignment.save_rule(actor=actor, store_id=stores["线上商城"], form=assignment.RuleForm("load"))
    _leave_behind(actor, staff)
    for pk in held_ids(staff["ye"], ("managed",))[:HELPED]:
        customers.set_collaborator(actor=actor, customer_id=pk, staff_id=staff["wang"], access="write")
    _fill_pool(actor)


def _leave_behind(actor: Actor, staff: dict[str, int]) -> None:
    """Somebody left and nobody has handed their customers over yet."""
    left = shop.LEAVER
    picked = customers.Selection(tuple(held_ids(staff["he"], ("managed",))[:LEFT_BEHIND]))
    form = assignment.HandoverForm((staff[left.username],), parts=("managed",), reason="分片调整")
    found = assignment.propose_handover(actor=actor, form=form, selection=picked)
    assignment.start_handover(actor=actor, handover_id=found.pk)
    team.disable_staff(actor=actor, staff_id=staff[left.username])


def _fill_pool(actor: Actor) -> None:
    """Days that send about two dozen to the pool at once; then milder ones, by which a dozen more are warned."""
    days = _days_for(IN_POOL)
    if days is None:
        return
    assignment.save_pool_policy(actor=actor, form=_rules(days, warn_days=0))
    set_id = assignment.run_pool()
    if set_id is not None:
        customers.run_bulk(set_id)
    softer = _days_for(WARNED) or days
    assignment.save_pool_policy(actor=actor, form=_rules(softer, warn_days=3))
    assignment.run_pool()


def _rules(days: int, *, warn_days: int) -> assignment.PoolForm:
    rule = LevelRule(days, days, needs_both=True)
    return assignment.PoolForm(
        is_on=True, levels=dict.fromkeys(("potential", "low", ""), rule), warn_days=warn_days
    )


def _days_for(wanted: int) -> int | None:
    """The days by which about so many are due: as long as the one of that rank has been waiting."""
    today = clock.today()
    due = due_customers(_rules(1, warn_days=0).terms, today, within_days=0)
    waiting = sorted(((today - one.due.on).days + 1 for one in due), reverse=True)
    return max(waiting[min(wanted, len(waiting)) - 1] // 10 * 10, 1) if waiting else None
