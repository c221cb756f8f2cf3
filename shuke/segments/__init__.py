"""Segments: named sets of customers, made of the conditions of lists.

A segment follows its conditions (dynamic: brought up to date every night and on demand) or holds who was in it at a moment
(frozen). Who entered and who left is kept day by day. See docs/segments.md and docs/adr/0018.
Doors: `services` (create, change, freeze, delete, refresh_members), `queries` (visible_segments, members_of, growth …), and the
field 人群 of every list's filter.
Events: none. Built on the filters and rows of the desk; keeps no figures of its own beside membership.
"""
