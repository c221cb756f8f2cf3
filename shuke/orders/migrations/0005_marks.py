"""What lists ask about purchases: one row per customer and mark, answered by its primary key alone."""

import django.db.models.deletion
from django.db import migrations, models

KINDS = [("product", "商品"), ("category", "品类"), ("channel", "渠道"), ("store", "门店"), ("return", "退货")]


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_lines_ahead"), ("customers", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Mark",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=KINDS, max_length=8)),
                ("key", models.CharField(max_length=80)),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("kind", "key"), name="orders_mark_once")]},
        ),
        migrations.CreateModel(
            name="CustomerMark",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "mark_id", "customer_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "mark",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="orders.mark",
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                ("last_on", models.DateField()),
                ("days", models.SmallIntegerField()),
            ],
        ),
        migrations.RunSQL(
            "alter table orders_customermark drop constraint orders_customermark_pkey;"
            " alter table orders_customermark add primary key (mark_id, customer_id) include (last_on, days)",
            migrations.RunSQL.noop,
        ),
    ]
