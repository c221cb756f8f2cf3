"""Rows of any table become customers, contacts of companies, communications and follow-ups.

`fields` what columns mean, `vendors` the exports of other systems, `words` single cells, `reading` whole columns, `linking` and
`recognising` whose row it is, `people` and `past` the two readers, `undoing`, `template`, and `targets` for the imports room.
"""
