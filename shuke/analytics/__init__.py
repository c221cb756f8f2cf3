"""Analytics: table maths without Django; tables in, tables out.

Doors: `bgnbd`, `mbgnbd`, `paretonbd`, `gamma_gamma`, `rfm`, `lifecycle`, `clv`, `purchases`, `features`, `pareto`, `backtest`,
`deciding`, `forecasting`, `choosing`, `churn`, `recommend`, `recommend_repeat`, `recommend_new`,
`spend`, `trend`, `cohorts`, `preferences`, `rfm_views`, `clusters`.
Each public function states shapes, units, formula and source; the pages behind them are in `docs/methods/`.
"""
