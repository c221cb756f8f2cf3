"""The index of a customer's search terms holds the terms."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0014_custom_fields")]

    operations = [
        migrations.RemoveIndex(model_name="searchterm", name="customers_terms_of"),
        migrations.AddIndex(
            model_name="searchterm",
            index=models.Index(fields=["customer_id"], include=["term"], name="customers_terms_of"),
        ),
    ]
