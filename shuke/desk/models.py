"""The read model of lists and the contact suggestions of the day. Private to this room."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now

FAR_DAY = "9999-12-31"
NO_DAY = "0001-01-01"
FILTERED = [
    "level",
    "group",
    "stage",
    "phase",
    "r_score",
    "fm_score",
    "birthday_key",
    "leaving_percent",
    "store_id",
    "account_manager_id",
    "last_on",
    "spent_fen",
]


def _sorted_by(field: str, name: str) -> models.Index:
    """An index that walks one sort order and checks the filters without touching the table."""
    return models.Index(
        fields=[field, "customer"],
        include=[column for column in FILTERED if column != field],
        name=name,
    )


class CustomerRow(models.Model):
    """What the customer list sorts and filters by, in one narrow row. No column is null: keyset steps are row comparisons.

    `stage`, `phase`, `group` and `level` are the positions of those words in `desk.rules` (two bytes each keep the
    covering indexes small); a store or account manager of 0 means none.
    """

    customer = models.OneToOneField(
        "customers.Customer",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
    )
    name_key = models.CharField(max_length=200, db_collation="C")
    store_id = models.IntegerField(db_default=0)
    account_manager_id = models.IntegerField(db_default=0)
    created_at = models.DateTimeField()
    stage = models.SmallIntegerField(db_default=0)
    phase = models.SmallIntegerField(db_default=0)
    group = models.SmallIntegerField(db_default=0)
    level = models.SmallIntegerField(db_default=0)
    r_score = models.SmallIntegerField(db_default=0)
    fm_score = models.SmallIntegerField(db_default=0)
    birthday_key = models.SmallIntegerField(db_default=0)  # month * 100 + day on this year's solar calendar
    purchases = models.IntegerField(db_default=0)
    last_on = models.DateField(db_default=NO_DAY)
    next_expected_on = models.DateField(db_default=FAR_DAY)
    spent_fen = models.BigIntegerField(db_default=0)
    clv_year_fen = models.BigIntegerField(db_default=0)
    at_stake_fen = models.BigIntegerField(db_default=0)
    leaving_chance = models.FloatField(db_default=0)
    tag_ids: Any = ArrayField(models.IntegerField(), db_default=[])
    kind = models.SmallIntegerField(db_default=0)  # positions in desk.rules.KINDS, desk.rules.GENDERS
    gender = models.SmallIntegerField(db_default=0)
    province = models.CharField(max_length=40, db_default="", db_collation="C")
    city = models.CharField(max_length=40, db_default="", db_collation="C")
    first_channel = models.CharField(max_length=40, db_default="", db_collation="C")
    reachable = models.SmallIntegerField(db_default=0)  # by phone 1, by WeChat 2, by e-mail 4, added up
    leaving_percent = models.SmallIntegerField(db_default=0)
    first_on = models.DateField(db_default=NO_DAY)
    mean_spend_fen = models.BigIntegerField(db_default=0)
    touched_on = models.DateField(db_default=NO_DAY)  # the last touch that was no note
    touch_kind = models.SmallIntegerField(db_default=0)  # a position in desk.rules.TOUCHES
    touch_by = models.IntegerField(db_default=0)
    birth_year = models.SmallIntegerField(db_default=0)
    updated_on = models.DateField(db_default=NO_DAY)
    import_run_id = models.IntegerField(db_default=0)
    facets: Any = ArrayField(models.TextField(), db_default=[])  # customers.queries.facets
    quality = models.SmallIntegerField(db_default=0)  # how good the profile is, 0 to 100
    trend = models.SmallIntegerField(db_default=0)  # a position in desk.rules.TRENDS

    class Meta:
        indexes: ClassVar = [
            _sorted_by("name_key", "desk_row_name"),
            _sorted_by("clv_year_fen", "desk_row_clv"),
            _sorted_by("spent_fen", "desk_row_spent"),
            _sorted_by("last_on", "desk_row_last"),
            _sorted_by("at_stake_fen", "desk_row_stake"),
            _sorted_by("created_at", "desk_row_created"),
            _sorted_by("next_expected_on", "desk_row_next"),
            _sorted_by("touched_on", "desk_row_touched"),
            # who came last hangs on the stage: a walk by last visit would pass everybody who lapsed
            models.Index(
                fields=["stage", "last_on", "customer"],
                include=[column for column in FILTERED if column not in ("stage", "last_on")],
                name="desk_row_stage_last",
            ),
            models.Index(
                fields=["account_manager_id", "customer"],
                name="desk_row_manager",
                condition=models.Q(account_manager_id__gt=0),
            ),
            models.Index(
                fields=["birthday_key", "customer"],
                name="desk_row_birthday",
                condition=models.Q(birthday_key__gt=0),
            ),
            GinIndex(fields=["tag_ids"], name="desk_row_tags"),
            # few distinct values: deduplicated to some 7 MB per million; answer counts and contradictory filters
            models.Index(fields=["stage", "level", "group", "store_id"], name="desk_row_facets"),
            models.Index(fields=["r_score", "fm_score", "store_id"], name="desk_row_scores"),
            models.Index(fields=["purchases", "customer"], name="desk_row_purchases"),
            models.Index(
                fields=["province", "city", "customer"],
                name="desk_row_place",
                condition=~models.Q(province=""),
            ),
            models.Index(
                fields=["first_channel", "customer"],
                name="desk_row_channel",
                condition=~models.Q(first_channel=""),
            ),
            models.Index(fields=["kind", "customer"], name="desk_row_kind", condition=models.Q(kind__gt=0)),
            models.Index(fields=["gender"], name="desk_row_gender"),
            models.Index(fields=["reachable"], name="desk_row_reachable"),
            models.Index(fields=["leaving_percent"], name="desk_row_leaving"),
            models.Index(fields=["first_on", "customer"], name="desk_row_first"),
            models.Index(fields=["mean_spend_fen", "customer"], name="desk_row_mean"),
            models.Index(fields=["updated_on", "customer"], name="desk_row_updated"),
            models.Index(fields=["touch_kind", "touched_on"], name="desk_row_touch_kind"),
            models.Index(
                fields=["touch_by", "customer"], name="desk_row_touch_by", condition=models.Q(touch_by__gt=0)
            ),
            models.Index(
                fields=["birth_year", "customer"],
                name="desk_row_birth_year",
                condition=models.Q(birth_year__gt=0),
            ),
            models.Index(
                fields=["import_run_id", "customer"],
                name="desk_row_run",
                condition=models.Q(import_run_id__gt=0),
            ),
            GinIndex(fields=["facets"], name="desk_row_words_of"),
            models.Index(fields=["quality", "customer"], name="desk_row_quality"),
        ]


class SavedView(models.Model):
    """A list worth coming back to: the address it stands for, of one person, or shared with everybody.

    Whoever opens a shared view sees the customers of their own reach in it. `deleted_at`: taken away, can be put back.
    """

    owner = models.ForeignKey("team.Staff", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=30)
    query = models.CharField(max_length=3000, blank=True)
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["is_shared", "name"], name="desk_view_shared"),
        ]


class ViewChoices(models.Model):
    """What one person made of the tabs over the list: which stand there, and which one opens first.

    Keys are words of ready views ("mine") or "v" and the number of a saved one. Own views stand there unless `hidden`.
    """

    staff = models.OneToOneField("team.Staff", primary_key=True, on_delete=models.CASCADE, related_name="+")
    pinned: Any = ArrayField(models.CharField(max_length=20), default=list)
    hidden: Any = ArrayField(models.CharField(max_length=20), default=list)
    opens_first = models.CharField(max_length=20, blank=True, default="")


class Suggestion(models.Model):
    """Whom to contact today and why; one per customer, reason and occurrence."""

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        LATER = "later"
        DISMISSED = "dismissed"

    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    store_id = models.BigIntegerField(null=True)
    account_manager_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=20)  # slipping, overdue, birthday, second, follow_up
    occurrence = models.CharField(
        max_length=40
    )  # which slip, which birthday: the same is not suggested twice
    shown_on = models.DateField()
    weight = models.BigIntegerField()  # fen at stake: the order of the list
    facts: Any = models.JSONField(
        default=dict
    )  # figures known when it was made (the birthday, the follow-up)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    result = models.CharField(max_length=40, blank=True)
    interaction_id = models.BigIntegerField(
        null=True
    )  # what handling it logged, so that 撤销 can take it back
    handled_by = models.ForeignKey("team.Staff", null=True, on_delete=models.SET_NULL, related_name="+")
    handled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "reason", "occurrence"], name="desk_suggestion_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["shown_on", "store_id", "-weight"], name="desk_today"),
            models.Index(fields=["customer", "-shown_on"], name="desk_suggestion_of"),
        ]
