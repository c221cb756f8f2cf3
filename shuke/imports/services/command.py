"""Import a file from the command line, in the foreground."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from shuke.imports import ports
from shuke.imports.models import ImportRun
from shuke.imports.reading import Look
from shuke.imports.rules import header_key
from shuke.imports.services.receiving import GUESS, look_json, receive_file, set_mapping
from shuke.imports.services.running import missing_of, run_import, start_run
from shuke.team.queries import SYSTEM, Actor

BLOCK = 1 << 20
Ask = Callable[["ImportReport"], bool]


@dataclass(frozen=True)
class ImportReport:
    """What was found, and after the run what came of it. `lines` are ready to print."""

    run_id: int
    state: str
    lines: list[str]
    missing: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


def import_file(
    *,
    path: Path,
    actor: Actor = SYSTEM,
    source: str = "",
    mapping: Mapping[str, str] | None = None,
    target: str = GUESS,
    ask: Ask | None = None,
    watch: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Import a file and wait. `mapping` is column header → field (label or code). Raises NotUsable, ValueError.

    `target` says what the rows are (orders, customers, contacts …); GUESS finds out from the headers.
    `ask` sees what was found and says whether to go on; without it the run starts at once. Something missing
    stops before the run: the report then says what.
    """
    if target != GUESS and target not in {one.code for one in ports.targets()}:
        codes = "、".join(one.code for one in ports.targets())
        raise ValueError(_("没有这一种内容：%(code)s。可以是：%(codes)s") % {"code": target, "codes": codes})
    run = receive_file(actor=actor, name=path.name, chunks=_chunks(path), target=target, source=source)
    if mapping:
        run = _remap(actor, run, mapping, source)
    found = _report(run, missing_of(run))
    if found.missing or (ask is not None and not ask(found)):
        return found
    start_run(actor=actor, run_id=run.pk, in_background=False)
    return _report(run_import(run.pk, watch=watch), [])


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _remap(actor: Actor, run: ImportRun, given: Mapping[str, str], source: str) -> ImportRun:
    columns = {header_key(c.name): f"c{i}" for i, c in enumerate(Look.from_json(look_json(run)).columns)}
    fields = ports.target(run.target).fields()
    codes = {header_key(str(f.label)): f.code for f in fields} | {header_key(f.code): f.code for f in fields}
    chosen = dict(run.mapping)
    for header, word in given.items():
        column, code = columns.get(header_key(header)), codes.get(header_key(word))
        if column is None:
            raise ValueError(_("文件里没有这一列:%s") % header)
        if code is None and header_key(word) not in {"", "-"}:
            raise ValueError(_("没有这个字段:%s") % word)
        chosen = {field: held for field, held in chosen.items() if held != column}
        if code is not None:
            chosen[code] = column
    name = source or (run.source.name if run.source else "")
    return set_mapping(actor=actor, run_id=run.pk, mapping=chosen, options=run.options, source=name)


def _report(run: ImportRun, missing: list[str]) -> ImportReport:
    look = Look.from_json(look_json(run))
    labels = {f.code: str(f.label) for f in ports.target(run.target).fields()}
    means = {column: labels[code] for code, column in run.mapping.items()}
    lines = [
        f"{column.name} → {means.get(f'c{i}', '—')}   {' · '.join(column.samples)}"
        for i, column in enumerate(look.columns)
    ]
    return ImportReport(run.pk, run.state, lines, missing, dict(run.counts))
