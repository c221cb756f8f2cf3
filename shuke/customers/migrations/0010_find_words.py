"""Customers of a shop that is there already wait for their terms to be written anew: words of notes, parts of addresses."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0009_merge_stayed"),
    ]

    operations = [
        migrations.RunSQL(
            "insert into customers_searchpending (customer_id) select id from customers_customer on conflict do nothing",
            migrations.RunSQL.noop,
        ),
    ]
