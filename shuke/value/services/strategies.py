"""What the shop does with customers of each stage, in its own words."""

from django.db import transaction

from shuke.kernel import clock
from shuke.team.queries import Actor
from shuke.team.services import record_audit, require
from shuke.value.models import Stage, StageStrategy

LONGEST = 1_000


@transaction.atomic
def save_strategies(*, actor: Actor, texts: dict[str, str]) -> None:
    """Keep the words of each stage; an empty text brings the ready words back. Unknown stages are left out."""
    require(actor, "value.configure")
    stored = {row.stage: row for row in StageStrategy.objects.select_for_update()}
    before = {stage: row.text for stage, row in stored.items()}
    wanted = {stage: texts.get(stage, "").strip()[:LONGEST] for stage in Stage.values}
    for stage, text in wanted.items():
        if text == before.get(stage, ""):
            continue
        row = stored.get(stage) or StageStrategy(stage=stage)
        row.text, row.saved_at, row.saved_by_id = text, clock.now(), actor.id
        row.save()
    after = {stage: text for stage, text in wanted.items() if text}
    record_audit(actor, "stage_strategies_saved", before=before, after=after)
