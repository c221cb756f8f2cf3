"""Orders: the facts of behaviour.

Products, orders with their lines and refunds, browse and search events.
Doors: `services` (record_order, record_behaviour …), `queries` (purchase_facts, orders_of …), `events`.
Registers the import target "orders". Events: OrderRecorded, OrdersImported, OrdersRemoved.
An order is known by (source, number); recording it again changes nothing, recording it changed replaces it.
Amounts are integer fen in the order's own currency; currencies are never summed.
"""
