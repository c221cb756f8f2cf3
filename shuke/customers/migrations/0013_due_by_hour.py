"""The calendar reads each day's follow-ups by the hour from one place."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0012_profile_quality")]

    operations = [
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(state="open"),
                fields=["due_on", "due_time", "id"],
                name="customers_due_by_hour",
            ),
        ),
    ]
