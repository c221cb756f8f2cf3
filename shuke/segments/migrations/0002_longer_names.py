"""Names of groups found by themselves are longer in English."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("segments", "0001_initial")]

    operations = [
        migrations.AlterField(
            model_name="segment",
            name="name",
            field=models.CharField(max_length=60),
        ),
    ]
