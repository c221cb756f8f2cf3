"""What the value room offers to others at start."""

from django.utils.translation import gettext_lazy as _

from shuke.customers.ports import Audience, register_audience, register_purge, register_worth
from shuke.customers.services.merging import How, register_rows
from shuke.team.ports import register_audit_words
from shuke.ui.navigation import NavItem, register
from shuke.value.models import Level, Stage
from shuke.value.queries import customers_at_level, customers_in_stage, worth_select
from shuke.value.services import drop_facts_of

register(
    NavItem(
        key="value",
        label=_("价值"),
        url_name="value:overview",
        icon="chart-pie",
        permission="value.view",
        order=30,
        match=("/value/",),
        keys="jiazhi jz value rfm clv",
    )
)
register_audit_words(
    {
        "value_policy_saved": _("修改价值规则"),
        "rfm_edges_saved": _("修改 RFM 界线"),
        "stage_strategies_saved": _("修改每个阶段的做法"),
        "value_table_exported": _("下载价值页的表"),
        "recommendation_unsuitable": _("说这件推荐不合适"),
        "recommendation_suitable": _("撤销“不合适”"),
    }
)
register_rows("value.CustomerValue", how=How.DERIVED)
register_rows("value.StageMove", how=How.DERIVED)
register_rows(
    "value.Recommendation", how=How.STAY
)  # each keeps its own until the next night, docs/methods/recommendations.md
register_rows("value.RecommendationShown", asks=False)
register_worth(worth_select())
register_purge("value", drop_facts_of)
register_audience(
    Audience(
        "level",
        _("价值"),
        (
            (Level.HIGH, Level.HIGH.label),
            (Level.POTENTIAL, Level.POTENTIAL.label),
            (Level.LOW, Level.LOW.label),
        ),
        customers_at_level,
    )
)
register_audience(
    Audience(
        "stage",
        _("阶段"),
        tuple((stage.value, stage.label) for stage in Stage if stage is not Stage.PROSPECT),
        customers_in_stage,
    )
)
