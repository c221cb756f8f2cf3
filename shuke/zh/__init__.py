"""Zh: Chinese text without Django.

Doors: `pinyin` (full, initials, sort key, surname heteronyms), `terms` (search terms of a name or phone), `script` (简/繁),
`calendar` (lunar dates, festivals, solar terms), `fictional` (names and phones that belong to no one).
"""
