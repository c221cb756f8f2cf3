"""What hangs on imported customers: keys, shared numbers, tags, the company they belong to. All set-based, all repeatable."""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl
from django.db import connection

from shuke.customers.importing.reading import split_tags
from shuke.customers.importing.recognising import BY_NAME, external_space
from shuke.customers.importing.vendors import OWN
from shuke.customers.services.bulk import VERIFIED_BY
from shuke.customers.services.tags import tags_named
from shuke.imports.ports import Setting
from shuke.imports.services.keeping import Overwritten, keep_overwritten
from shuke.kernel.bulk import ReadyRows, take_ids
from shuke.zh import pinyin

POINT, PLACE = "contact_point", "company_contact"  # what a run added to customers, kept for undo
_IDENTITY = ("namespace", "value", "customer_id", "verified_by", "import_run_id")
Key = tuple[str, str, int]


def add_identities(claims: list[Key], run_id: int) -> None:
    """Give customers keys that nobody has. An IntegrityError says that somebody was quicker."""
    if not claims:
        return
    frame = pl.DataFrame(
        claims, schema={"namespace": pl.String, "value": pl.String, "customer_id": pl.Int64}, orient="row"
    ).with_columns(pl.lit(VERIFIED_BY).alias("verified_by"), pl.lit(run_id).alias("import_run_id"))
    ReadyRows.of("customers_identity", _IDENTITY, frame.select(_IDENTITY)).write()


def add_more_keys(table: pl.DataFrame, run_id: int) -> set[int]:
    """Second phones and addresses become keys where nobody has them; returns who got one."""
    found: list[Key] = []
    for code, space in (("phone2", "phone"), ("phone3", "phone"), ("email2", "email")):
        part = table.filter(pl.col(code).is_not_null())
        found += [(space, value, pk) for pk, value in part.select("id", code).rows()]
    return _claim_free(found, run_id)


def add_company_names(table: pl.DataFrame, run_id: int, source: str) -> set[int]:
    """A company goes by its name in the files of its source: contacts and orders there may say no more than that."""
    if source == OWN:
        return set()  # our own lists say nothing new
    companies = _companies_of(table.filter(pl.col("name").is_not_null()))
    space = external_space(source)
    return _claim_free([(space, name, pk) for pk, name in companies], run_id, BY_NAME)


def _companies_of(table: pl.DataFrame) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, name from customers_customer where id = any(%s) and kind = 'company' and name <> ''",
            [table["id"].to_list()],
        )
        return list(cursor.fetchall())


def _claim_free(keys: list[Key], run_id: int, verified_by: str = VERIFIED_BY) -> set[int]:
    if not keys:
        return set()
    keys = sorted(set(keys))
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into customers_identity (namespace, value, customer_id, verified_by, import_run_id)"
            " select namespace, value, customer, %s, %s from unnest(%s::text[], %s::text[], %s::bigint[])"
            " as given (namespace, value, customer) on conflict (namespace, value) do nothing returning customer_id",
            [verified_by, run_id, [k[0] for k in keys], [k[1] for k in keys], [k[2] for k in keys]],
        )
        return {pk for (pk,) in cursor.fetchall()}


def add_shared_points(
    shared: Iterable[Key], written: set[int], known: set[int], setting: Setting
) -> set[int]:
    """Numbers that are somebody else's identity are kept with the record all the same, marked as shared.

    What those get who were there before (`known`) is kept for undo; the others go with what hangs on them.
    """
    kinds = ("phone", "email", "wechat")
    wanted = sorted({(pk, kind, value) for kind, value, pk in shared if kind in kinds and pk in written})
    if not wanted:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into customers_contactpoint (customer_id, kind, value, label, source, verified_by, is_shared)"
            " select customer, kind, value, '', %s, '', true from unnest(%s::bigint[], %s::text[], %s::text[])"
            " as given (customer, kind, value) on conflict (customer_id, kind, value) do nothing returning id, customer_id",
            [setting.source[:40], [w[0] for w in wanted], [w[1] for w in wanted], [w[2] for w in wanted]],
        )
        rows = cursor.fetchall()
    kept = [Overwritten(pk, {}, {}) for pk, customer in rows if customer in known]
    keep_overwritten(setting.run_id, POINT, kept)
    return {customer for _pk, customer in rows}


def add_tags(table: pl.DataFrame, run_id: int) -> set[int]:
    """Add the tags of these rows; none is taken away. `source` of the links names the run."""
    tagged = table.filter(pl.col("tags").is_not_null())
    pairs = [(pk, name) for pk, text in tagged.select("id", "tags").rows() for name in split_tags(text)]
    if not pairs:
        return set()
    ids = {tag.name: tag.pk for tag in tags_named(name for _pk, name in pairs)}
    rows = sorted({(pk, ids[name]) for pk, name in pairs if name in ids})
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into customers_customertag (customer_id, tag_id, source)"
            " select customer, tag, %s from unnest(%s::bigint[], %s::bigint[]) as given (customer, tag)"
            " on conflict (customer_id, tag_id) do nothing returning customer_id",
            [tag_source(run_id), [row[0] for row in rows], [row[1] for row in rows]],
        )
        return {pk for (pk,) in cursor.fetchall()}


def tag_source(run_id: int) -> str:
    """How the tags of a run are known."""
    return f"import:{run_id}"


def add_company_contacts(table: pl.DataFrame, known: set[int], run_id: int) -> set[int]:
    """People at the companies their rows name, with what they do there; returns who is new at one.

    The places of those who were there before (`known`) are kept for undo.
    """
    linked = table.filter(pl.col("linked").is_not_null() & (pl.col("linked") != pl.col("id")))
    pairs = linked.select("linked", "id", "occupation").rows()
    rows = {(company, person): role or "" for company, person, role in pairs}
    if not rows:
        return set()
    wanted = sorted(rows)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into customers_companycontact (company_id, person_id, role, is_main)"
            " select company, person, left(role, 40), false from unnest(%s::bigint[], %s::bigint[], %s::text[])"
            " as given (company, person, role) on conflict (company_id, person_id) do nothing returning id, person_id",
            [[w[0] for w in wanted], [w[1] for w in wanted], [rows[w] for w in wanted]],
        )
        made = cursor.fetchall()
    keep_overwritten(run_id, PLACE, [Overwritten(pk, {}, {}) for pk, person in made if person in known])
    return {person for _pk, person in made}


@dataclass(frozen=True)
class NewCompany:
    """A company that contacts name; its number may be empty."""

    name: str
    number: str


def add_companies(wanted: dict[str, NewCompany], setting: Setting, store_id: int | None) -> dict[str, int]:
    """Make these companies so that contacts can be hung on them; gives their ids under the same keys."""
    ids = list(take_ids("customers_customer", len(wanted)))
    names = [company.name for company in wanted.values()]
    frame = pl.DataFrame({"id": ids, "name": names}, schema={"id": pl.Int64, "name": pl.String})
    keys = [pinyin.sort_key(name, "") for name in names]
    rows = frame.select(
        "id", pl.lit("company").alias("kind"), "name", pl.Series("name_key", keys, dtype=pl.String),
        pl.lit(store_id, dtype=pl.Int64).alias("store_id"), pl.lit(setting.run_id).alias("import_run_id"),
    )  # fmt: skip
    ReadyRows.of("customers_customer", rows.columns, rows).write()
    space = external_space(setting.source)
    companies = list(zip(ids, wanted.values(), strict=True))
    _claim_free([(space, company.number, pk) for pk, company in companies if company.number], setting.run_id)
    _claim_free([(space, company.name, pk) for pk, company in companies], setting.run_id, BY_NAME)
    return dict(zip(wanted, ids, strict=True))
