"""Small indexes for counts and contradictory filters, and what the planner must know of columns that go together."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desk", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="customerrow",
            index=models.Index(fields=["stage", "level", "group", "store_id"], name="desk_row_facets"),
        ),
        migrations.AddIndex(
            model_name="customerrow",
            index=models.Index(fields=["r_score", "fm_score", "store_id"], name="desk_row_scores"),
        ),
        migrations.RunSQL(
            "create statistics desk_row_words (mcv, dependencies) on stage, level, \"group\", phase, r_score, fm_score"
            " from desk_customerrow; alter statistics desk_row_words set statistics 1000",
            "drop statistics if exists desk_row_words",
        ),
    ]
