"""Orders as the BG/NBD model makes them, straight into Parquet facts: 1e5 to 1e8 of them, the same each time."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from shuke.analytics.fact_store import ORDERS, SPAN, FactStore, Manifest

AS_OF, OLDEST_DAYS, YOUNGEST_DAYS = 20_000, 720, 30
ORDERS_EACH = 10
RETURNED_SHARE = 0.02


def facts_of(orders: int, folder: Path) -> tuple[FactStore, Manifest]:
    """A store of about so many orders by a tenth as many customers; made once."""
    store = FactStore(folder / f"orders-{orders}")
    manifest = store.manifest()
    if manifest is None:
        manifest = store.rebuild(token="bench", currency="CNY", chunks=_chunks(orders // ORDERS_EACH))
    return store, manifest


def _chunks(customers: int) -> Iterator[pa.Table]:
    rng, made = np.random.default_rng(20_26), 0
    for low in range(1, customers + 1, SPAN):
        table = _bucket(rng, low, min(SPAN, customers + 1 - low), made)
        made += table.num_rows
        yield table


def _bucket(rng: np.random.Generator, low: int, size: int, made: int) -> pa.Table:
    """First order, then a Poisson process by a customer's own pace until they leave; a few orders come back."""
    known = rng.integers(YOUNGEST_DAYS, OLDEST_DAYS, size)
    pace = rng.gamma(1.1, 1 / 24.0, size)
    stays = rng.geometric(rng.beta(0.9, 12.0, size))
    would = rng.poisson(pace * known)
    who = np.repeat(np.arange(size), would)
    after = rng.uniform(size=who.size) * known[who]
    order = np.lexsort((after, who))
    who, after = who[order], after[order]
    place = np.arange(who.size) - np.repeat(np.cumsum(would) - would, would)
    kept = place < stays[who]
    who = np.concatenate([np.arange(size), who[kept]])
    day = AS_OF - known[who] + np.concatenate([np.zeros(size), after[kept]]).astype(np.int64)
    order = np.lexsort((day, who))
    who, day = who[order], day[order]
    spends = rng.gamma(5.0, 1.0, size)
    fen = (rng.gamma(6.0, 500.0, who.size) * 4.0 / spends[who]).astype(np.int64) + 100
    back = (rng.uniform(size=who.size) < RETURNED_SHARE) & (np.diff(who, prepend=-1) == 0)
    return pa.table(
        {
            "customer": low + who,
            "day": day.astype(np.int32),
            "sold_fen": np.where(back, 0, fen),
            "returned_fen": np.where(back, fen // 2, 0),
            "order": made + 1 + np.arange(who.size),
            "store": np.ones(who.size, np.int32),
        },
        schema=ORDERS,
    )
