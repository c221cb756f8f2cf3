"""Team: who works here and what they may do.

Holds the shop itself, its stores, the staff, the ready roles and the audit trail.
Doors: `services` (require, record_audit, add_staff …), `queries` (scope_of, visible_stores, shop …),
`rules` (roles, permissions, scopes, field rights).
`gate` (who may open a page; for views only).
Events: StaffAdded, StaffDisabled.
Fails closed: an unknown role or permission allows nothing and sees nothing.
"""
