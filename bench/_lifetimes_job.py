"""What an analyst does with the lifetimes package, timed: run by the interpreter of its own environment."""

import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")


def main(path: str) -> None:
    import numpy as np
    import pandas as pd
    from lifetimes import BetaGeoFitter, GammaGammaFitter
    from lifetimes.utils import summary_data_from_transaction_data

    began, seconds = time.perf_counter(), {}

    def step(name: str) -> None:
        nonlocal began
        now = time.perf_counter()
        seconds[name], began = now - began, now

    with np.load(path) as columns:
        orders = pd.DataFrame(dict(columns))
    orders["at"] = pd.to_datetime(orders["day"], unit="D")
    orders["money"] = orders["sold_fen"] / 100
    step("read")
    table = summary_data_from_transaction_data(
        orders, "customer", "at", monetary_value_col="money", freq="D",
        observation_period_end=pd.to_datetime(int(sys.argv[2]), unit="D"), freq_multiplier=7,
    )  # fmt: skip
    step("summary")
    fitter = BetaGeoFitter(penalizer_coef=0.0)
    fitter.fit(table["frequency"], table["recency"], table["T"])
    step("fit")
    again = table[(table["frequency"] > 0) & (table["monetary_value"] > 0)]
    spend = GammaGammaFitter(penalizer_coef=0.0)
    spend.fit(again["frequency"], again["monetary_value"])
    step("spend")
    bought = fitter.conditional_expected_number_of_purchases_up_to_time(
        365 / 7, table["frequency"], table["recency"], table["T"]
    )
    alive = fitter.conditional_probability_alive(table["frequency"], table["recency"], table["T"])
    worth = bought * spend.conditional_expected_average_profit(table["frequency"], table["monetary_value"])
    assert len(worth) == len(alive)
    step("predict")
    print(json.dumps({"customers": len(table), "seconds": seconds, "params": dict(fitter.params_)}))


main(sys.argv[1])
