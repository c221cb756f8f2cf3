"""Customers: one record per person or company, found by any of their identities.

Holds customers, identities, tags, search terms, interactions and follow-ups.
Doors: `services` (add_customer, identify_customer, log_interaction …), `queries` (visible_customers, search_customers …),
`rules` (phone and name normalisation), `events`.
Events: CustomerAdded, CustomerChanged, CustomersImported, InteractionLogged, InteractionChanged, InteractionRemoved,
FollowUpPlanned.
Two verified, different values of a unique identity never merge by themselves: they go to a review queue.
"""
