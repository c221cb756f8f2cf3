"""Connectors: one folder per system outside that Shuke talks to. Beside the desk: it knows the rooms below, nobody knows it.

`mail`: e-mail of the shop and of a person, sent by SMTP and read by IMAP; docs/mail.md.
Doors: its addresses. Panels of the customer page by address name (`connectors:customer_mail`, `connectors:write`), entries on
the timeline (`kernel.timeline.register_source`), the tab 邮箱 in 设置.
Events: none of its own; what was said goes up as customers' InteractionLogged. Listens to customers: a record with a new
e-mail address gets the letters that waited for it; merges move letters along.
A password given here is stored encrypted (`vault`) and leaves only towards the host it was given for.
"""
