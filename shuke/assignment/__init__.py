"""Who looks after whom: customers handed over, shared fairly, put into the pool and claimed from it.

Doors: `services` (propose_handover, start_handover, assign_new, claim …), `queries` (workloads, leavers, pool …),
`rules` (split, balance, verdict). What a room hands over beside customers it registers with `customers.ports.register_handover`.
Events: none of its own; handed-over customers are told by `customers.events.CustomersHandedOver`.
Every run is a set of changes of the customers room: progress, history, audit and undo are the ones of bulk actions.
"""
