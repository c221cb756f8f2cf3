"""A walk by last visit within a stage checks store, person and the other filters in the index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desk", "0007_quality")]

    operations = [
        migrations.RemoveIndex(model_name="customerrow", name="desk_row_stage_last"),
        migrations.AddIndex(
            model_name="customerrow",
            index=models.Index(
                fields=["stage", "last_on", "customer"],
                include=[
                    "level",
                    "group",
                    "phase",
                    "r_score",
                    "fm_score",
                    "birthday_key",
                    "leaving_percent",
                    "store_id",
                    "account_manager_id",
                    "spent_fen",
                ],
                name="desk_row_stage_last",
            ),
        ),
    ]
