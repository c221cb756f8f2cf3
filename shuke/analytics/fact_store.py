"""Facts in Parquet: who bought when and for how much, by customer. Ids, days and amounts only: nothing of a person.

A store is a folder with a manifest. Its *base* is one file for each range of customers, sorted by customer and day. A night's
changes are a *layer* on top: all rows of the customers it names, which count instead of everything older (so a correction, a
deletion or a merge is one thing: the customer told anew). Layers are melted into the base when they grow; of customers who
have nothing left no row or number stays in any file.

Files are written and made safe before the manifest that names them takes its place in one step: killed at any moment, the
store is as it was before or as it is after. One writer at a time; readers hold a manifest while they read.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import uuid4

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.expr.types import Table

from shuke.analytics.arrays import IntArray
from shuke.analytics.expressions import current_rows

FORMAT = 1
SPAN = 65_536  # customers by id in one file of the base
MOST_LAYERS = 12
LARGEST_SHARE = 0.1  # rows of all layers, of those of the base
MANIFEST = "manifest.json"
ORDERS = pa.schema(
    [
        ("customer", pa.int64()),
        ("day", pa.int32()),  # since 1970-01-01, the shop's
        ("sold_fen", pa.int64()),  # net of refunds written on the order
        ("returned_fen", pa.int64()),  # of a return document
        ("order", pa.int64()),
        ("store", pa.int32()),  # 0: none
    ]
)
SORTED_BY = [("customer", "ascending"), ("day", "ascending"), ("order", "ascending")]


@dataclass(frozen=True)
class BaseFile:
    """Rows of the customers of one bucket: ids from `bucket * SPAN`."""

    bucket: int
    name: str
    rows: int


@dataclass(frozen=True)
class Layer:
    """`named` lists the customers told anew, `rows_file` their rows."""

    number: int
    rows_file: str
    named_file: str
    rows: int
    customers: int


@dataclass(frozen=True)
class Manifest:
    """What counts. `token` is this state's own name, `follows` that of the state it was made from."""

    token: str
    follows: str
    currency: str
    base: tuple[BaseFile, ...]
    layers: tuple[Layer, ...]

    @property
    def rows(self) -> int:
        """Rows in all files; those that no longer count included."""
        return sum(file.rows for file in self.base) + sum(layer.rows for layer in self.layers)

    def names(self) -> set[str]:
        """All files that count."""
        layered = [name for layer in self.layers for name in (layer.rows_file, layer.named_file)]
        return {file.name for file in self.base} | set(layered)


class FactStore:
    """The facts of one shop in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def manifest(self) -> Manifest | None:
        """The state that counts; None where there is none, or one of another format."""
        try:
            content = json.loads((self.folder / MANIFEST).read_text())
        except (OSError, ValueError):
            return None
        if content.pop("format", None) != FORMAT:
            return None
        base = tuple(BaseFile(**file) for file in content.pop("base"))
        return Manifest(base=base, layers=tuple(Layer(**layer) for layer in content.pop("layers")), **content)

    def paths(self, names: Iterable[str]) -> list[str]:
        """Full paths of files."""
        return [str(self.folder / name) for name in names]

    def rebuild(self, *, token: str, currency: str, chunks: Iterable[pa.Table]) -> Manifest:
        """Replace everything by the rows of `chunks`, which come by rising customer."""
        self._sweep()
        base = tuple(self._write_bucket(bucket, rows) for bucket, rows in by_bucket(chunks))
        return self._publish(Manifest(token, "", currency, base, ()))

    def append(self, *, token: str, named: IntArray, rows: pa.Table) -> Manifest:
        """Tell the customers `named` (C,) anew: `rows` are all they have now. The same again changes nothing."""
        before = self._known()
        self._sweep()
        number = max((layer.number for layer in before.layers), default=0) + 1
        layer = self._write_layer(number, named, rows)
        after = replace(before, token=token, follows=before.token, layers=(*before.layers, layer))
        gone = np.setdiff1d(named, rows["customer"].to_numpy())
        return self._publish(self._tidied(self._without(after, gone)))

    # --- reading ---

    def read(self, manifest: Manifest, columns: list[str] = ORDERS.names) -> pa.Table:
        """The rows that count, by customer and day; `customer` comes first whatever is asked."""
        wanted = list(dict.fromkeys(["customer", *columns]))
        base = self._load([file.name for file in manifest.base], wanted)
        return self.laid_over(manifest, base)

    def laid_over(self, manifest: Manifest, base: pa.Table) -> pa.Table:
        """The rows that count, given those of the base by customer and day, however an engine read them."""
        return self._fresh(manifest, base.column_names).over(base)

    def _fresh(self, manifest: Manifest, columns: list[str]) -> "_Fresh":
        told, rows = np.zeros(0, np.int64), [self._load([], columns)]
        for layer in reversed(manifest.layers):
            rows.append(_without(self._load([layer.rows_file], columns), told))
            told = np.union1d(told, self._named(layer))
        keys = [key for key in SORTED_BY if key[0] in columns]
        return _Fresh(told, pa.concat_tables(rows).sort_by(keys))

    def _load(self, names: list[str], columns: list[str]) -> pa.Table:
        if not names:
            return pa.schema([ORDERS.field(name) for name in columns]).empty_table()
        return pa.concat_tables([pq.read_table(path, columns=columns) for path in self.paths(names)])

    def _named(self, layer: Layer) -> IntArray:
        return pq.read_table(self.folder / layer.named_file, columns=["customer"])["customer"].to_numpy()

    def _known(self) -> Manifest:
        found = self.manifest()
        if found is None:
            raise FileNotFoundError(f"no facts in {self.folder}")
        return found

    # --- writing ---

    def _tidied(self, manifest: Manifest) -> Manifest:
        """With the layers melted into the base once they are many or large."""
        layered = sum(layer.rows + layer.customers for layer in manifest.layers)
        of_base = sum(file.rows for file in manifest.base)
        if len(manifest.layers) <= MOST_LAYERS and layered <= max(of_base * LARGEST_SHARE, SPAN):
            return manifest
        return self._melted(manifest)

    def _melted(self, manifest: Manifest) -> Manifest:
        named = [np.unique(self._named(layer) // SPAN) for layer in manifest.layers]
        touched = set(np.concatenate(named).tolist()) if named else set()
        return replace(self._with_new_base(manifest, touched), layers=())

    def _without(self, manifest: Manifest, gone: IntArray) -> Manifest:
        """With no trace of customers who have no rows left: not in the base, and not as a number in a layer."""
        if not gone.size:
            return manifest
        layers = tuple(self._layer_without(layer, gone) for layer in manifest.layers)
        based = self._with_new_base(manifest, set(np.unique(gone // SPAN).tolist()))
        return replace(based, layers=layers)

    def _layer_without(self, layer: Layer, gone: IntArray) -> Layer:
        named = self._named(layer)
        left = np.setdiff1d(named, gone)
        if left.size == named.size:
            return layer
        rows = _without(self._load([layer.rows_file], ORDERS.names), gone)
        return self._write_layer(layer.number, left, rows)

    def _with_new_base(self, manifest: Manifest, buckets: set[int]) -> Manifest:
        """The files of these buckets written anew from all that counts."""
        fresh = self._fresh(manifest, ORDERS.names)
        kept = [file for file in manifest.base if file.bucket not in buckets]
        anew = [self._bucket_anew(manifest, bucket, fresh) for bucket in sorted(buckets)]
        base = [*kept, *(file for file in anew if file.rows)]
        return replace(manifest, base=tuple(sorted(base, key=lambda file: file.bucket)))

    def _bucket_anew(self, manifest: Manifest, bucket: int, fresh: "_Fresh") -> BaseFile:
        base = self._load([file.name for file in manifest.base if file.bucket == bucket], ORDERS.names)
        return self._write_bucket(bucket, fresh.of(bucket).over(base))

    def _write_bucket(self, bucket: int, rows: pa.Table) -> BaseFile:
        name = f"base-{bucket:06d}-{_word()}.parquet"
        self._write(name, rows.select(ORDERS.names).cast(ORDERS).sort_by(SORTED_BY), layer=0)
        return BaseFile(bucket, name, rows.num_rows)

    def _write_layer(self, number: int, named: IntArray, rows: pa.Table) -> Layer:
        word = _word()
        rows_file, named_file = f"layer-{number:06d}-{word}.parquet", f"named-{number:06d}-{word}.parquet"
        self._write(rows_file, rows.select(ORDERS.names).cast(ORDERS).sort_by(SORTED_BY), layer=number)
        self._write(named_file, pa.table({"customer": np.sort(named)}), layer=number)
        return Layer(number, rows_file, named_file, rows.num_rows, named.size)

    def _write(self, name: str, rows: pa.Table, *, layer: int) -> None:
        column = pa.array(np.full(rows.num_rows, layer, np.int32))
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / name).open("wb") as file:
            pq.write_table(rows.append_column("layer", column), file, compression="zstd", compression_level=1)
            file.flush()
            os.fsync(file.fileno())

    def _publish(self, manifest: Manifest) -> Manifest:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{MANIFEST}.new"
        with path.open("w") as file:
            json.dump({"format": FORMAT, **asdict(manifest)}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        path.replace(self.folder / MANIFEST)
        _sync(self.folder)
        self._sweep()
        return manifest

    def _sweep(self) -> None:
        """Remove files that do not count: what a killed writer left, and what was replaced."""
        found = self.manifest()
        keep = (found.names() if found else set()) | {MANIFEST}
        for path in self.folder.glob("*") if self.folder.is_dir() else ():
            if path.name not in keep:
                path.unlink(missing_ok=True)


def by_bucket(chunks: Iterable[pa.Table]) -> Iterator[tuple[int, pa.Table]]:
    """Rows that come by rising customer, cut into whole buckets."""
    bucket, held = -1, list[pa.Table]()
    for chunk in chunks:
        whose = chunk["customer"].to_numpy() // SPAN
        buckets, starts = np.unique(whose, return_index=True)
        stops = np.append(starts[1:], chunk.num_rows)
        for one, start, stop in zip(buckets.tolist(), starts.tolist(), stops.tolist(), strict=True):
            if one != bucket and held:
                yield bucket, pa.concat_tables(held)
                held = []
            bucket = one
            held.append(chunk.slice(start, stop - start))
    if held:
        yield bucket, pa.concat_tables(held)


def _without(rows: pa.Table, customers: IntArray) -> pa.Table:
    """Sorted rows of others than these customers (C,), sorted."""
    if not customers.size or not rows.num_rows:
        return rows
    whose = rows["customer"].to_numpy()
    edges = np.zeros(whose.size + 1, np.int32)
    np.add.at(edges, np.searchsorted(whose, customers, side="left"), 1)
    np.add.at(edges, np.searchsorted(whose, customers, side="right"), -1)
    return rows.filter(pa.array(np.cumsum(edges[:-1]) == 0))


@dataclass(frozen=True)
class _Fresh:
    """What the layers say together: of the customers `told` (C,) all rows there are, sorted."""

    told: IntArray
    rows: pa.Table

    def of(self, bucket: int) -> "_Fresh":
        """The part of one bucket."""
        edges = (bucket * SPAN, (bucket + 1) * SPAN)
        low, high = np.searchsorted(self.told, edges).tolist()
        first, last = np.searchsorted(self.rows["customer"].to_numpy(), edges).tolist()
        return _Fresh(self.told[low:high], self.rows.slice(first, last - first))

    def over(self, base: pa.Table) -> pa.Table:
        """Rows of the base, those of `told` replaced; sorted."""
        kept = _without(base, self.told)
        if not self.rows.num_rows:
            return kept
        places = np.searchsorted(kept["customer"].to_numpy(), self.rows["customer"].to_numpy())
        columns = {
            name: np.insert(kept[name].to_numpy(), places, self.rows[name].to_numpy())
            for name in kept.column_names
        }
        return pa.table(columns, schema=kept.schema)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _word() -> str:
    return uuid4().hex[:12]


def current_orders(read: Callable[[list[str]], Table], store: FactStore, manifest: Manifest) -> Table:
    """The rows that count as an Ibis table, the same that `FactStore.read` gives; `read` is how an engine opens files."""
    files = [file.name for file in manifest.base] + [layer.rows_file for layer in manifest.layers]
    if not files:
        return ibis.memtable(ORDERS.empty_table())
    rows = read(store.paths(files))
    if not manifest.layers:
        return rows.drop("layer")
    return current_rows(rows, read(store.paths(layer.named_file for layer in manifest.layers)))
