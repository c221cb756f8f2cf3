"""Translations: the words of every room, in English and Traditional Chinese, without gettext's own tools.

`python -m shuke.config.translations extract | compile | check`

Msgids are Simplified Chinese, marked in code and templates. `en` is kept by hand in `locale/en`. Traditional Chinese is made
from the msgids by OpenCC (Taiwan phrases), with `locale/zh_Hant/overrides.toml` where it errs. Simplified Chinese is
typeset: half-width marks after Chinese characters become full-width. Only `.po` and `.toml` are kept in git; `.mo` are made.
"""
