"""One run in a process of its own, from the files to everybody's values: `python -m bench._engine_cold FOLDER ORDERS`."""

import time

BEGAN = time.perf_counter()

import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from pathlib import Path  # noqa: E402

from bench._engine_shop import AS_OF, facts_of  # noqa: E402
from shuke.analytics import deciding, scoring  # noqa: E402
from shuke.analytics.engines import OneMachine  # noqa: E402
from shuke.analytics.purchases import Purchases  # noqa: E402
from shuke.analytics.scoring import Earlier  # noqa: E402


def seconds_of_run(folder: Path, orders: int) -> dict[str, float]:
    """Seconds of each step; `all` together, but for `choose`: a comparison holds for a week."""
    store, manifest = facts_of(orders, folder)
    engine, found, start = OneMachine(), dict[str, float](), time.perf_counter()

    def step(name: str) -> None:
        nonlocal start
        now = time.perf_counter()
        found[name], start = now - start, now

    purchases = engine.purchases(store, manifest, as_of=AS_OF)
    step("read and net")
    settled = settled_of(purchases)
    step("choose")
    learned = scoring.learn(purchases, scoring.Policy(), as_of=AS_OF, earlier=settled)
    step("learn")
    values = engine.score_learned(purchases, learned, as_of=AS_OF)
    step("score")
    assert values.features.customer.size == orders // 10
    return found | {"all": sum(found.values()) - found["choose"]}


def settled_of(purchases: Purchases) -> Earlier:
    """What the nightly run settles once a week."""
    findings = deciding.decide(purchases, as_of=AS_OF, horizon_days=scoring.Policy().churn_horizon_days)
    assert findings is not None and findings.spend is not None
    return Earlier(findings.decision, findings.spend.winner)


if __name__ == "__main__":
    imported = time.perf_counter() - BEGAN
    result = seconds_of_run(Path(sys.argv[1]), int(sys.argv[2]))
    cpu = time.process_time()
    print(json.dumps(result | {"imports": imported, "processor": cpu}))
