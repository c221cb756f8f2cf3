"""Value: what each customer is worth, where they stand, and who is about to leave.

RFM, CLV, lifecycle stages, chance of no further purchase, next purchase, recommendations; from real orders only.
Doors: `services` (refresh_all, refresh_customer, recommend_all), `queries` (value_of, values_for, recommended_to …),
`rules` (reasons_for), `ports` (what not to recommend), `events`.
Events: ValuesRefreshed, CustomerValueChanged, ValuePolicyChanged.
The nightly run and the refresh after one order are the same code; every figure says why (`rules.reasons_for`).
"""
