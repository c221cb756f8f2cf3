"""Values of customers, the runs that computed them, and the shop's rules for them. Private to this room."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    """Where a customer stands: 潜在 → 首购 → 复购 → 忠诚 → 流失."""

    PROSPECT = "prospect", _("潜在")
    FIRST = "first", _("首购")
    REPEAT = "repeat", _("复购")
    LOYAL = "loyal", _("忠诚")
    LAPSED = "lapsed", _("流失")


class Phase(models.TextChoices):
    """The five-phase view: 获取 · 提升 · 成熟 · 衰退 · 离开."""

    ACQUIRE = "acquire", _("获取")
    GROW = "grow", _("提升")
    MATURE = "mature", _("成熟")
    DECLINE = "decline", _("衰退")
    LEAVE = "leave", _("离开")


class Group(models.TextChoices):
    """The eight classic RFM groups."""

    KEY_VALUE = "key_value", _("重要价值")
    KEY_GROW = "key_grow", _("重要发展")
    KEY_KEEP = "key_keep", _("重要保持")
    KEY_RESCUE = "key_rescue", _("重要挽留")
    VALUE = "value", _("一般价值")
    GROW = "grow", _("一般发展")
    KEEP = "keep", _("一般保持")
    RESCUE = "rescue", _("一般挽留")
    NONE = "", _("还没消费")


class Level(models.TextChoices):
    """High, potential or low value."""

    HIGH = "high", _("高价值")
    POTENTIAL = "potential", _("有潜力")
    LOW = "low", _("低价值")
    NONE = "", _("还没消费")


class Trend(models.TextChoices):
    """Comes more often in the last half year than in the one before, less often, or neither beyond chance."""

    RISING = "rising", _("在上升")
    STEADY = "steady", _("平稳")
    FALLING = "falling", _("在下降")
    NONE = "", _("还没消费")


class ValuePolicy(models.Model):
    """The shop's own rules; empty means: derived from its orders."""

    rfm_window_days = models.IntegerField(_("RFM 统计最近多少天"), default=365)
    loyal_from_purchases = models.IntegerField(_("买几次算忠诚"), default=4)
    decline_after_days = models.IntegerField(_("多少天没来算衰退"), null=True, blank=True)
    lapsed_after_days = models.IntegerField(_("多少天没来算流失"), null=True, blank=True)
    churn_horizon_days = models.IntegerField(_("预警看未来多少天"), default=90)
    weekly_warnings = models.IntegerField(_("每店每周挽留几位快流失的"), default=10)
    daily_capacity = models.IntegerField(_("每天每店最多联系几位"), default=12)
    is_single = models.BooleanField(default=True, unique=True, editable=False)


class ModelRun(models.Model):
    """One computation of everyone's values: what it used, what it found, how well it predicted."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    as_of = models.DateField()
    progress = models.SmallIntegerField(default=0)  # percent
    parameters: Any = models.JSONField(default=dict)  # everything needed to score one customer the same way
    figures: Any = models.JSONField(default=dict)  # counts, durations, backtest
    problem = models.TextField(blank=True)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)


class TrainedTrees(models.Model):
    """Trees that a shop learnt, as plain arrays in text; models refer to them by digest, so that the rows of runs stay small."""

    digest = models.CharField(max_length=64, primary_key=True)
    content: Any = models.JSONField()


class FactsState(models.Model):
    """Which state of the Parquet facts belongs to this database (see `services.fact_flow`)."""

    token = models.CharField(max_length=32)
    flowed_at = models.DateTimeField(db_default=Now())
    is_single = models.BooleanField(default=True, unique=True, editable=False)


class CustomerValue(models.Model):
    """What one customer is worth. Times are days, money is fen of the shop's currency."""

    customer = models.OneToOneField(
        "customers.Customer", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    as_of = models.DateField()
    purchases = models.IntegerField()  # purchase days, net of returns
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    spent_fen = models.BigIntegerField()
    window_purchases = models.IntegerField()
    window_spent_fen = models.BigIntegerField()
    mean_spend_fen = models.BigIntegerField()
    r_score = models.SmallIntegerField()
    f_score = models.SmallIntegerField()
    m_score = models.SmallIntegerField()
    group = models.CharField(max_length=12, choices=Group.choices, blank=True)
    level = models.CharField(max_length=10, choices=Level.choices, blank=True)
    abc = models.CharField(max_length=1, blank=True)
    top_share = models.FloatField(null=True)  # stands among the top x of all by money (0.03 = top 3%)
    stage = models.CharField(max_length=10, choices=Stage.choices)
    phase = models.CharField(max_length=10, choices=Phase.choices)
    stage_since = models.DateField(null=True)
    usual_gap_days = models.FloatField(null=True)
    usual_gap_low_days = models.FloatField(null=True)
    usual_gap_high_days = models.FloatField(null=True)
    next_expected_on = models.DateField(null=True)
    alive_chance = models.FloatField(null=True)
    leaving_chance = models.FloatField(null=True)  # of no purchase within churn_horizon_days
    expected_purchases_year = models.FloatField(null=True)
    clv_year_fen = models.BigIntegerField()
    clv_low_fen = models.BigIntegerField()
    clv_high_fen = models.BigIntegerField()
    at_stake_fen = (
        models.BigIntegerField()
    )  # money of their last active year × leaving_chance; above zero only for those who are slipping away
    trend = models.CharField(max_length=8, choices=Trend.choices, blank=True, db_default="")
    digest = models.BigIntegerField(db_default=0)  # of all the above: an equal one need not be written
    moves_digest = models.BigIntegerField(db_default=0)  # of the customer's stage moves
    model_run = models.ForeignKey(
        ModelRun, null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["-at_stake_fen", "customer"],
                name="value_slipping",
                condition=models.Q(at_stake_fen__gt=0),
            )
        ]


class StageMove(models.Model):
    """A customer moved from one lifecycle stage to the next, on a day."""

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    from_stage = models.CharField(max_length=10, choices=Stage.choices, blank=True)
    to_stage = models.CharField(max_length=10, choices=Stage.choices)
    moved_on = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "moved_on", "to_stage"], name="value_move_once")
        ]


class ValueSummary(models.Model):
    """Ready figures for a page, per store (null: the whole shop); pages never recompute."""

    name = models.CharField(max_length=40)
    store_id = models.BigIntegerField(null=True)
    content: Any = models.JSONField()
    model_run = models.ForeignKey(ModelRun, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name", "store_id"], name="value_summary_once", nulls_distinct=False
            )
        ]


class Recommendation(models.Model):
    """One product for one customer as the last night left it: due again, never bought, or a step up, and the figures why.

    No figure is a number of days up to today: a row that still stands tomorrow need not be written again.
    """

    class Kind(models.IntegerChoices):
        DUE = 1, _("该补货了")
        NEW = 2, _("可能也喜欢")
        STEP = 3, _("升一档")

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.SmallIntegerField(choices=Kind.choices)
    rank = models.SmallIntegerField()  # 0: the first of its kind
    product = models.ForeignKey(
        "orders.Product", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    because = models.ForeignKey(  # the bought product that speaks for it; none: it is popular
        "orders.Product",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    times = models.SmallIntegerField(default=0)  # days on which it was bought
    last_on = models.DateField(null=True)
    interval_days = models.SmallIntegerField(default=0)  # usual time between two purchases of it
    usual_fen = models.BigIntegerField(
        default=0
    )  # what the customer spends on it each time; a step up: its price

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "kind", "product"], name="value_recommended_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["-usual_fen", "customer"],
                name="value_due",
                condition=models.Q(kind=1, rank=0),
            )
        ]


class RecommendationShown(models.Model):
    """A recommendation that somebody saw, and what became of it: bought within a month, or found unsuitable."""

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.SmallIntegerField(choices=Recommendation.Kind.choices)
    product = models.ForeignKey(
        "orders.Product", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    shown_on = models.DateField()
    bought_on = models.DateField(null=True)
    unsuitable_at = models.DateTimeField(null=True)
    answered_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "kind", "product", "shown_on"], name="value_shown_once"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["shown_on"], name="value_shown_on")]


WHOLE_SHOP = 0


class ReadyFigures(models.Model):
    """Figures that a job of their own made ready, by name and store; unlike summaries they outlive the run that came before."""

    name = models.CharField(max_length=40)
    store_id = models.BigIntegerField(default=WHOLE_SHOP)
    as_of = models.DateField()
    content: Any = models.JSONField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "store_id"], name="value_figures_once")
        ]


class ProductFigures(models.Model):
    """One product in one store, or in the whole shop (`store_id` 0), as last counted; money is fen, net of returns."""

    product = models.ForeignKey(
        "orders.Product", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    store_id = models.BigIntegerField(default=WHOLE_SHOP)
    name = models.CharField(max_length=200)
    category = models.CharField(max_length=80, blank=True)
    is_active = models.BooleanField()
    revenue_fen = models.BigIntegerField()  # of the last 365 days
    before_fen = models.BigIntegerField()  # of the 365 days before
    recent_fen = models.BigIntegerField()  # of the last 90 days
    recent_before_fen = models.BigIntegerField()  # of the same 90 days a year earlier
    returned_fen = models.BigIntegerField()
    quantity = models.IntegerField()
    buyers = models.IntegerField()
    again = models.IntegerField()  # of them, on two days or more
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    abc = models.CharField(max_length=1, blank=True)
    profit_fen = models.BigIntegerField(null=True)  # null: nobody told what it costs
    months: Any = ArrayField(models.BigIntegerField())  # money of 24 months, the last one running

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["store_id", "product"], name="value_product_once")
        ]


class ProductPair(models.Model):
    """Two products of the same orders of the last year: a companion of `product`."""

    product = models.ForeignKey(
        "orders.Product", on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    other = models.ForeignKey(
        "orders.Product", on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    orders = models.IntegerField()
    share = models.FloatField()  # of the orders with `product`
    lift = models.FloatField()  # times as often as chance


class RfmEdgeChoice(models.Model):
    """By which edges the shop scores R, F and M, and its own ones: four rising edges each (days, purchases, fen)."""

    class Mode(models.TextChoices):
        QUANTILES = "quantiles", _("按店里排名")
        FIXED = "fixed", _("固定界线")
        OWN = "own", _("自己定")

    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.QUANTILES)
    recency_days: Any = ArrayField(models.IntegerField(), size=4)
    frequency: Any = ArrayField(models.IntegerField(), size=4)
    money_fen: Any = ArrayField(models.BigIntegerField(), size=4)
    is_single = models.BooleanField(default=True, unique=True, editable=False)


class StageStrategy(models.Model):
    """What the shop does with customers of a stage, in its own words; empty: the ready words."""

    stage = models.CharField(max_length=10, choices=Stage.choices, primary_key=True)
    text = models.TextField(blank=True)
    saved_at = models.DateTimeField(db_default=Now())
    saved_by_id = models.BigIntegerField(null=True)
