"""Rows of an order file become orders: `fields` what columns mean, `lines` reading, `grouping` lines into orders,
`writing` to the database, `undoing`, and `target`, which ties them to the imports room."""
