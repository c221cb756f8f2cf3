"""Desk: the screens where rooms meet.

今天 (whom to contact and why), the customer list, the customer page with its panels and timeline, search, 导入 and 设置 entries.
Doors: its URLs. Owns the one narrow read model for lists (`CustomerRow`, rebuilt by `shuke rebuild-rows`) and the contact
suggestions of the day. Other rooms serve their own panels of the customer page over htmx; desk lists them by URL name.
Events: ContactHandled. Listens to customers, orders and value.
"""
