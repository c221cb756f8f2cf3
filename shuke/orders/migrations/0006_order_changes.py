"""Notes of changed orders, and the triggers that write them: no writer of orders can forget to."""

from django.db import migrations, models

FORWARD = """
create function orders_note_new() returns trigger language plpgsql as $$
begin
  insert into orders_orderchange (facts_of) values (new.customer_id);
  return null;
end $$;

create function orders_note_changed() returns trigger language plpgsql as $$
begin
  insert into orders_orderchange (facts_of)
  select customer_id from former where customer_id is not null
  union select customer_id from latter where customer_id is not null;
  return null;
end $$;

create function orders_note_gone() returns trigger language plpgsql as $$
begin
  insert into orders_orderchange (facts_of) select distinct customer_id from former where customer_id is not null;
  return null;
end $$;

create function orders_note_everything() returns trigger language plpgsql as $$
begin
  insert into orders_orderchange (facts_of) values (null);
  return null;
end $$;

-- Rows of an import are noted by its batch: a call a row would slow a million rows down.
create trigger orders_note_new after insert on orders_order for each row
  when (new.import_run_id is null and new.customer_id is not null) execute function orders_note_new();
create trigger orders_note_changed after update on orders_order
  referencing old table as former new table as latter for each statement execute function orders_note_changed();
create trigger orders_note_gone after delete on orders_order
  referencing old table as former for each statement execute function orders_note_gone();
create trigger orders_note_everything after truncate on orders_order
  for each statement execute function orders_note_everything();
"""
BACK = """
drop trigger orders_note_new on orders_order;
drop trigger orders_note_changed on orders_order;
drop trigger orders_note_gone on orders_order;
drop trigger orders_note_everything on orders_order;
drop function orders_note_new, orders_note_changed, orders_note_gone, orders_note_everything;
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_marks")]

    operations = [
        migrations.CreateModel(
            name="OrderChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("facts_of", models.BigIntegerField(null=True)),
                ("first_order_id", models.BigIntegerField(null=True)),
                ("last_order_id", models.BigIntegerField(null=True)),
            ],
        ),
        migrations.RunSQL(FORWARD, BACK),
    ]
