"""The parts of two and three characters of a text: what an index of "contains" is made of."""

from django.db import migrations

MAKE = """
create function desk_parts(words text) returns text[] language sql immutable strict parallel safe as $$
    select array(
        select substr(words, place, size)
        from generate_series(1, length(words) - 1) place, generate_series(2, 3) size
        where place + size <= length(words) + 1
    )
$$
"""


class Migration(migrations.Migration):
    dependencies = [("desk", "0008_stage_last_filtered")]

    operations = [migrations.RunSQL(MAKE, "drop function desk_parts(text)")]
