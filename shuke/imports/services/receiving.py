"""A file comes in: stored, looked at, its columns matched. Nothing is written about customers or orders yet."""

import hashlib
import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from shuke.imports import matching, ports
from shuke.imports.models import ImportRun, ImportSource
from shuke.imports.reading import Look, Unusable, look_at
from shuke.imports.rules import header_key
from shuke.imports.wording import file_problem
from shuke.team.queries import Actor, shop
from shuke.team.services import record_audit, require

GUESS = ""
FALLBACK = "orders"
KEPT = frozenset(
    {"prefix", "company_prefix", "customer_prefix", "contact_prefix", "export"}
)  # no questions, yet answers


class NotUsable(ValueError):
    """The file cannot be imported; the message says what to do."""


def folder_of(run_id: int) -> Path:
    """Where a run keeps its file."""
    return Path(settings.MEDIA_ROOT) / "imports" / str(run_id)


def receive_file(
    *, actor: Actor, name: str, chunks: Iterable[bytes], target: str = "orders", source: str = ""
) -> ImportRun:
    """Store a file and find out what it is. Raises NotUsable, and then keeps nothing.

    `target` GUESS: find out from its headers what its rows are, too.
    """
    require(actor, "imports.run")
    run = ImportRun.objects.create(
        target=target, file_name=Path(name).name[:255], started_by_id=actor.id, state=ImportRun.State.CHECKING
    )
    folder = folder_of(run.pk)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stored = folder / "file"
        run.size_bytes, run.sha256 = _store(stored, chunks)
        run.stored_path = str(stored)
        _look(run, source=source)
        _save_looked(actor, run)
    except Unusable as problem:
        _drop(run)
        raise NotUsable(file_problem(problem.code)) from problem
    except BaseException:
        _drop(run)
        raise
    return run


@transaction.atomic
def _save_looked(actor: Actor, run: ImportRun) -> None:
    run.state = ImportRun.State.READY
    run.save()
    record_audit(actor, "import_received", run, after={"file": run.file_name, "bytes": run.size_bytes})


def _drop(run: ImportRun) -> None:
    shutil.rmtree(folder_of(run.pk), ignore_errors=True)
    run.delete()


def _store(path: Path, chunks: Iterable[bytes]) -> tuple[int, str]:
    digest, size, content = hashlib.sha256(), 0, False
    with path.open("wb") as out, ThreadPoolExecutor(1) as beside:
        hashed = beside.submit(digest.update, b"")
        for chunk in chunks:
            size += len(chunk)
            if size > settings.IMPORT_MAX_BYTES:
                raise Unusable("too_large")
            content = content or bool(chunk.strip(b"\x00"))
            hashed.result()  # one chunk behind at most: nothing heaps up
            hashed = beside.submit(digest.update, chunk)
            out.write(chunk)
    if size and not content:
        raise Unusable("only_zeros")
    return size, digest.hexdigest()


def _look(run: ImportRun, *, source: str = "", sheet: str = "", header: str = "auto") -> None:
    look = look_at(Path(run.stored_path), vocabulary=_vocabulary(run.target), sheet=sheet, header=header)
    export = _recognised(look)
    fingerprint = matching.fingerprint(look.columns)
    if run.target == GUESS:
        run.target = _remembered_target(fingerprint) or (export.target if export else _likeliest(look))
    if export is not None and export.target != run.target:
        export = None
    label = export.code if export else ""
    run.found = look.to_json() | {"fingerprint": fingerprint, "header": header, "export": label}
    run.rows_total = look.rows_estimate
    known = _remembered(run, source)
    if known is not None:
        run.source, run.mapping, run.options = known
        return
    target, headers = ports.target(run.target), [column.name for column in look.columns]
    run.mapping = matching.match_columns(
        look.columns, target.fields(), has_header=look.has_header, known=export.mapping if export else ()
    )
    name = source or (export.source if export else "") or target.guess_source(headers) or _("其他")
    run.source = source_named(name, run.target)
    currency = {"currency": run.source.options.get("currency") or shop().currency}
    run.options = (currency if run.target == FALLBACK else {}) | dict(export.options if export else {})


def _vocabulary(target: str) -> set[str]:
    """Words that headers are made of: of one kind of rows, or of all while nobody knows which."""
    wanted = ports.targets() if target == GUESS else [ports.target(target)]
    words = {word for one in wanted for word in matching.vocabulary(one.fields())}
    signs = (sign for export in ports.exports() for sign in (*export.needs, *export.signs))
    return words | {header_key(sign) for sign in signs if target == GUESS}


def _recognised(look: Look) -> ports.KnownExport | None:
    if not look.has_header:
        return None
    return matching.recognise([column.name for column in look.columns], ports.exports())


def _likeliest(look: Look) -> str:
    """The kind of rows that most of the columns speak for; orders where none does."""
    if not look.has_header:
        return FALLBACK
    scores = {}
    for target in ports.targets():
        mapping = matching.match_columns(look.columns, target.fields(), has_header=True)
        headers = {code: look.columns[int(column[1:])].name for code, column in mapping.items()}
        scores[target.code] = ports.likelihood_of(target.code)(headers)
    best = max(scores, key=lambda code: scores[code])
    return best if scores[best] else FALLBACK


def _remembered_target(fingerprint: str) -> str:
    """What rows with the same headers were last time."""
    for row in ImportSource.objects.order_by("-pk"):
        if known := row.mappings.get(fingerprint):
            return str(known.get("target", row.target))
    return ""


def _remembered(run: ImportRun, source: str) -> tuple[ImportSource, dict[str, str], dict[str, Any]] | None:
    """What was set for a file with the same headers, from this source or any."""
    fingerprint = run.found["fingerprint"]
    for row in ImportSource.objects.order_by("-pk"):
        known = row.mappings.get(fingerprint)
        if known and known.get("target", row.target) == run.target and (not source or row.name == source):
            return row, dict(known["mapping"]), dict(known["options"])
    return None


def source_named(name: str, target: str) -> ImportSource:
    """The source of that name; made on first use."""
    return ImportSource.objects.get_or_create(name=name.strip()[:40], defaults={"target": target})[0]


@transaction.atomic
def look_again(*, actor: Actor, run_id: int, sheet: str = "", header: str = "auto") -> ImportRun:
    """Read the file with another sheet, or with or without a header row. Raises NotUsable."""
    require(actor, "imports.run")
    run = ImportRun.objects.select_for_update().get(pk=run_id, state=ImportRun.State.READY)
    try:
        _look(run, source=run.source.name if run.source else "", sheet=sheet, header=header)
    except Unusable as problem:
        raise NotUsable(file_problem(problem.code)) from problem
    run.save()
    return run


@transaction.atomic
def set_target(*, actor: Actor, run_id: int, target: str) -> ImportRun:
    """Say that the rows are something else. Raises NotUsable, and KeyError for an unknown kind."""
    require(actor, "imports.run")
    run = ImportRun.objects.select_for_update().get(pk=run_id, state=ImportRun.State.READY)
    run.target = ports.target(target).code
    found = look_json(run)
    try:
        _look(run, sheet=str(found.get("sheet") or ""), header=str(run.found.get("header") or "auto"))
    except Unusable as problem:
        raise NotUsable(file_problem(problem.code)) from problem
    run.save()
    return run


@transaction.atomic
def set_mapping(
    *, actor: Actor, run_id: int, mapping: Mapping[str, str], options: Mapping[str, Any], source: str
) -> ImportRun:
    """Say what the columns mean. `mapping` is field code → column id; unknown ones raise ValueError."""
    require(actor, "imports.run")
    run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run_id, state=ImportRun.State.READY)
    columns = {f"c{i}" for i in range(len(Look.from_json(look_json(run)).columns))}
    codes = {field.code for field in ports.target(run.target).fields()}
    if mapping.keys() - codes or set(mapping.values()) - columns:
        raise ValueError("unknown field or column")
    run.mapping = dict(mapping)
    kept = {key: value for key, value in run.options.items() if key in KEPT}
    run.options = kept | {key: value for key, value in options.items() if value not in ("", None)}
    run.source = source_named(source, run.target)
    run.save(update_fields=["mapping", "options", "source"])
    return run


def look_json(run: ImportRun) -> dict[str, Any]:
    """What was found, without what services add to it."""
    return {key: value for key, value in run.found.items() if key not in {"fingerprint", "header", "export"}}


def remember_mapping(run: ImportRun) -> None:
    """The next file with these headers is read the same way."""
    assert run.source is not None
    source = ImportSource.objects.select_for_update().get(pk=run.source.pk)
    source.mappings[run.found["fingerprint"]] = {
        "mapping": run.mapping, "options": run.options, "target": run.target,
    }  # fmt: skip
    source.options["currency"] = run.options.get("currency", "")
    source.save(update_fields=["mappings", "options"])


def setting_of(run: ImportRun) -> ports.Setting:
    """What the target needs to know about a run."""
    return ports.Setting(run.pk, run.source.name if run.source else "", dict(run.mapping), dict(run.options))


@transaction.atomic
def discard_run(*, actor: Actor, run_id: int) -> None:
    """Throw away a file that was never imported."""
    require(actor, "imports.run")
    run = ImportRun.objects.select_for_update().get(pk=run_id, state=ImportRun.State.READY)
    record_audit(actor, "import_discarded", run, after={"file": run.file_name})
    transaction.on_commit(lambda: shutil.rmtree(folder_of(run_id), ignore_errors=True))
    run.delete()
