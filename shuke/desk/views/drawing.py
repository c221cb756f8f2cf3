"""Draws the rows of the list. One pass of plain string formatting costs a fifth of the same rows as template nodes, and with
sixteen people paging at once the rows are most of what a page costs. Every value of a customer is escaped here."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from html import escape
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shuke.customers.queries.choices import CHANNELS, EDUCATION, INCOME, Choices, label_of
from shuke.customers.queries.custom import Definition
from shuke.customers.rules import custom
from shuke.customers.rules.numbers import customer_number
from shuke.desk.forms import COLUMNS
from shuke.desk.queries.filtering.words import (
    GENDER_WORDS,
    GROUP_WORDS,
    LEVEL_WORDS,
    PHASE_WORDS,
    STAGE_WORDS,
    TOUCH_WORDS,
    TREND_WORDS,
)
from shuke.desk.queries.listing import ListRow
from shuke.desk.queries.own import TYPES, listed_fields, shown_fields
from shuke.kernel import clock
from shuke.ui.templatetags.shuke import ago, day, percent1, short_number

BAR_STEP = 5
NOTE_SHOWN = 40
MOST_KEPT = 10_000  # words for sums and days: a page's neighbours say many of them again


@dataclass(frozen=True)
class _Words:
    """What every row says alike in a language, looked up once; and the day it is said on."""

    today: date
    language: str
    groups: dict[str, str]
    stages: dict[str, str]
    levels: dict[str, str]
    phases: dict[str, str]
    trends: dict[str, str]
    genders: dict[str, str]
    touches: dict[str, str]
    last: str


@dataclass(frozen=True)
class Column:
    """A column of the list: its head, the word that sorts by it, and what stands in its cells."""

    code: str
    label: str | Promise
    sort: str
    is_number: bool
    cell_class: str
    draw: Callable[[ListRow, _Words], str]

    def td(self, words: _Words) -> str:
        """How a cell of this column begins."""
        label = f' data-label="{words.last}"' if self.code == "last" else ""
        css = f'"{self.cell_class}"' if " " in self.cell_class else self.cell_class
        return f"<td class={css}{label}>" if css else f"<td{label}>"


@lru_cache(maxsize=MOST_KEPT)
def _money(fen: int, language: str) -> str:
    yuan = Decimal(fen) / 100
    return f'<span title="¥{yuan:,.2f}">¥{short_number(yuan)}</span>' if fen else "—"


def _value(row: ListRow, words: _Words) -> str:
    step = round(row.bar_percent / BAR_STEP)
    bar = f'<i class="vb vb{max(step, 1)}"></i>' if row.bar_percent else ""
    return f"{bar}{_money(row.clv_year_fen, words.language)}"


def _stage(row: ListRow, words: _Words) -> str:
    return f"<i class='st stage-{row.stage}'>{words.stages.get(row.stage, '')}</i>"


def _spent(row: ListRow, words: _Words) -> str:
    times = f" <small>{escape(row.purchases_words)}</small>" if row.purchases_words else ""
    return f"{_money(row.spent_fen, words.language)}{times}"


def _expected(row: ListRow, words: _Words) -> str:
    if row.overdue_words:
        late = escape(row.overdue_words)
        return f'<span class="warn-text" title="{_day(row.next_expected_on, words)}">{late}</span>'
    return _day(row.next_expected_on, words)


def _tags(row: ListRow, words: _Words) -> str:
    shown = "".join(f'<span class="chip chip-line">{escape(tag)}</span>' for tag in row.tags)
    return f"{shown}<small>+{row.more_tags}</small>" if row.more_tags else shown


def _last(row: ListRow, words: _Words) -> str:
    return _ago(row.last_on, words)


def _ago(on: date | None, words: _Words) -> str:
    return _visit(on, words.today, words.language) if on else "—"


@lru_cache(maxsize=MOST_KEPT)
def _visit(on: date, today: date, language: str) -> str:
    return f'<span title="{day(on)}">{_bare(ago(on))}</span>'


def _touched(row: ListRow, words: _Words) -> str:
    touch = row.beside.touch
    if touch is None:
        return "—"
    how = " · ".join(part for part in (words.touches.get(touch.kind, ""), escape(touch.who)) if part)
    return f"{_ago(touch.on, words)} <small>{how}</small>"


def _chosen(choices: Choices, column: str, row: ListRow, words: _Words) -> str:
    return escape(str(label_of(choices, getattr(row.beside.record, column))))


def _note(row: ListRow, words: _Words) -> str:
    return escape(" ".join(row.beside.note.split())[:NOTE_SHOWN])


def _day(on: date | None, words: _Words) -> str:
    return _day_words(on, words.today, words.language) if on else day(None)


@lru_cache(maxsize=MOST_KEPT)
def _day_words(on: date, today: date, language: str) -> str:
    return day(on)


def _bare(time: str) -> str:
    return time[time.index(">") + 1 : time.rindex("<")] if time.startswith("<") else time


def _column(code: str, draw: Callable[[ListRow, _Words], str], css: str = "", sort: str = "") -> Column:
    is_number = css.split()[:1] == ["num"]
    return Column(code, COLUMNS[code], sort, is_number, css, draw)


KNOWN: dict[str, Column] = {
    column.code: column
    for column in (
        _column("phone", lambda row, words: escape(row.contacts.phone) or "—", "desk-phone"),
        _column("value", _value, "num desk-worth", "value"),
        _column("stage", _stage),
        _column("spent", _spent, "num np", "spent"),
        _column("last", _last, "nowrap", "last"),
        _column("next", _expected, "np", "next"),
        _column("manager", lambda row, words: escape(row.manager), "np ed-manager"),
        _column("tags", _tags, "np desk-tags ed-tags"),
        _column("times", lambda row, words: str(row.beside.purchases), "num np", "times"),
        _column(
            "stake", lambda row, words: _money(row.beside.at_stake_fen, words.language), "num np", "stake"
        ),
        _column("leaving", lambda row, words: str(percent1(row.beside.leaving_chance)), "num np"),
        _column("level", lambda row, words: words.levels.get(row.level, ""), "np"),
        _column("phase", lambda row, words: words.phases.get(row.beside.phase, ""), "np"),
        _column("trend", lambda row, words: words.trends.get(row.beside.trend, ""), "np"),
        _column("store", lambda row, words: escape(row.beside.store), "np"),
        _column("place", lambda row, words: escape(row.beside.place), "np"),
        _column("gender", lambda row, words: words.genders.get(row.beside.gender, ""), "np"),
        _column("channel", lambda row, words: escape(row.beside.channel), "np"),
        _column("added", lambda row, words: _bare(ago(row.beside.created_at)), "np", "added"),
        _column("first", lambda row, words: _ago(row.beside.first_on, words), "np"),
        _column("basket", lambda row, words: _money(row.beside.basket_fen, words.language), "num np"),
        _column("touched", _touched, "np", "touched"),
        _column("age", lambda row, words: str(row.beside.age or "—"), "num np"),
        _column("number", lambda row, words: customer_number(row.id), "np num-text"),
        _column("member", lambda row, words: escape(row.beside.record.member_number), "np num-text"),
        _column("occupation", lambda row, words: escape(row.beside.record.occupation), "np"),
        _column("industry", lambda row, words: escape(row.beside.record.industry), "np"),
        _column("education", partial(_chosen, EDUCATION, "education"), "np"),
        _column("income", partial(_chosen, INCOME, "income_band"), "np"),
        _column("wish", partial(_chosen, CHANNELS, "preferred_channel"), "np"),
        _column("note", _note, "np desk-note"),
        _column("changed", lambda row, words: _ago(row.beside.updated_on, words), "np"),
        _column("quality", lambda row, words: str(row.beside.quality), "num np", "quality"),
    )
}


def all_columns(actor: Any) -> dict[str, Column]:
    """Every column there is, by code: the ready ones, then the shop's own fields."""
    sorting = {field.code for field in listed_fields(actor) if TYPES[field.kind].sorts}
    return KNOWN | {field.code: _own_column(field, field.code in sorting) for field in shown_fields()}


def _own_column(field: Definition, sorts: bool) -> Column:
    """A column of one of the shop's own fields, changed where it stands."""
    number = "num " if field.kind in (custom.NUMBER, custom.MONEY) else ""
    css = f"{number}np own ed-{field.code}"
    code = field.code
    return Column(
        code,
        field.name,
        code if sorts else "",
        bool(number),
        css,
        lambda row, words: escape(row.own.get(code, "")),
    )


def columns_of(codes: Iterable[str], known: Mapping[str, Column]) -> list[Column]:
    """The columns of these codes."""
    return [known[code] for code in codes if code in known]


def draw_rows(rows: Iterable[ListRow], columns: list[Column], *, has_picks: bool) -> SafeString:
    """The table rows of these customers."""
    words = _words(clock.today(), get_language() or "")
    starts = [(column, column.td(words)) for column in columns]
    drawn = "\n".join(_row(row, starts, words, has_picks=has_picks) for row in rows)
    return mark_safe(drawn)  # noqa: S308 - all values are escaped above


@lru_cache(maxsize=8)
def _words(today: date, language: str) -> _Words:
    return _Words(
        today=today,
        language=language,
        groups={key: escape(str(word)) for key, word in GROUP_WORDS.items()},
        stages={key: escape(str(word)) for key, word in STAGE_WORDS.items()},
        levels={key: escape(str(word)) for key, word in LEVEL_WORDS.items()},
        phases={key: escape(str(word)) for key, word in PHASE_WORDS.items()},
        trends={key: escape(str(word)) for key, word in TREND_WORDS.items()},
        genders={key: escape(str(word)) for key, word in GENDER_WORDS.items() if key != "unknown"},
        touches={key: escape(str(word)) for key, word in TOUCH_WORDS.items()},
        last=escape(_("最近")),
    )


def _row(row: ListRow, starts: list[tuple[Column, str]], words: _Words, *, has_picks: bool) -> str:
    name, group = escape(row.name), words.groups.get(row.group)
    css = "gk" if row.group.startswith("key_") else "go"
    mark = f" <i class={css}>{group}</i>" if group else ""
    pick = (
        f'<td class=pk><input class=pick type=checkbox name=ids value={row.id} form=bulk aria-label="{name}">'
        if has_picks
        else ""
    )
    cells = "".join(f"{start}{column.draw(row, words)}" for column, start in starts)
    # end tags of cells and rows, and quotes round plain words, may be left out in HTML: a sixth of the page's weight
    return f'<tr>{pick}<td class="wide ed-name"><a class=row-link href="{row.url}">{name}</a>{mark}{cells}'
