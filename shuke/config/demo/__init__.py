"""The demo shop: 栖谷茶礼, a tea-and-gift chain that does not exist.

Four stores, 6,000 customers, 18 months of orders up to this hour; the same shop for the same day, always.
Doors: `load_demo(actor=…)`, `clear_demo(actor=…)`, `LOGINS`. It goes in through the doors of the rooms, its orders through
the importer itself, and is taken out by undoing those imports: nothing that the shop itself entered is touched.
"""
