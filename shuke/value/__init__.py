"""Value: what each customer is worth, where they stand, and who is about to leave.

RFM, CLV, lifecycle stages, chance of no further purchase, next expected purchase; from real orders only.
Doors: `services` (refresh_all, refresh_customer), `queries` (value_of, values_for, slipping_customers …),
`rules` (reasons_for), `events`.
Events: ValuesRefreshed, CustomerValueChanged, ValuePolicyChanged.
The nightly run and the refresh after one order are the same code; every figure says why (`rules.reasons_for`).
"""
