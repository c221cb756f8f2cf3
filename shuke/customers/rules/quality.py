"""How good a profile is: what is filled in, how fresh it is, and in which words that is said. Pure.

Every field has a weight and, if it ages, a half-life. A field that is there and fresh earns its whole weight; the older the last
word about it, the closer it comes to half; one that is doubtful (a call did not get through, a letter came back) earns a quarter;
one that is missing earns nothing. The score is the share earned, 0 to 100. See docs/quality.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


def _(message: str) -> str:
    """Marks a message for translation."""
    return message


class Field(NamedTuple):
    """Something a profile should hold. `weights` for a person and for a company; `half_life_days` 0: never ages.

    Its place in `FIELDS` is its bit in stored masks: new ones go to the end, none is ever taken out.
    """

    code: str
    words: str
    weights: tuple[int, int]
    half_life_days: int
    is_asked: bool = True  # a customer can be asked for it


FIELDS = (
    Field("name", _("姓名"), (15, 20), 0),
    Field("phone", _("手机号"), (30, 20), 720),
    Field("wechat", _("微信号"), (10, 5), 1080),
    Field("email", _("邮箱"), (5, 10), 720),
    Field("birthday", _("生日"), (15, 0), 0),
    Field("gender", _("性别"), (5, 0), 0),
    Field("address", _("地址"), (10, 15), 720),
    Field("preferred_channel", _("愿意怎么联系"), (5, 0), 720),
    Field("tags", _("标签"), (5, 0), 0, is_asked=False),
    Field("industry", _("行业"), (0, 5), 0),
    Field("contact", _("联系人"), (0, 15), 360),
    Field("invoice", _("发票抬头"), (0, 10), 1080),
)
CODES = tuple(one.code for one in FIELDS)
FIELD_OF = {one.code: one for one in FIELDS}
PERSON, COMPANY = "person", "company"
KINDS = (PERSON, COMPANY)
WHOLE, FADED, DOUBTED = 1000, 500, 250  # what a field earns of its weight, in thousandths
MONTH_DAYS, MOST_MONTHS = 30, 120
MOST_WEIGHT, MOST_HALF_LIFE_DAYS = 100, 3650
MISSING, STALE, DOUBTFUL = "missing", "stale", "doubtful"
SHOWN_REASONS = 6
LEAST_WORTH_YUAN = 50  # somebody without a purchase is worth a question too
MOST_URGENT = 2_000_000_000


@dataclass(frozen=True)
class Scheme:
    """What counts for this shop. Fields that are not named keep the usual weight and half-life."""

    person: Mapping[str, int] = field(default_factory=dict)
    company: Mapping[str, int] = field(default_factory=dict)
    half_lives: Mapping[str, int] = field(default_factory=dict)

    def weight(self, kind: str, code: str) -> int:
        own = self.company if kind == COMPANY else self.person
        return own.get(code, FIELD_OF[code].weights[kind == COMPANY])

    def half_life_days(self, code: str) -> int:
        return self.half_lives.get(code, FIELD_OF[code].half_life_days)

    def whole(self, kind: str) -> int:
        """All weights together."""
        return sum(self.weight(kind, code) for code in CODES)


@dataclass(frozen=True)
class FieldState:
    """What is known about one field of one customer. `months` since somebody last had a word about it."""

    is_filled: bool = False
    months: int = 0
    is_doubtful: bool = False


@dataclass(frozen=True)
class Reason:
    """Why a score is not higher: a field is missing, not confirmed for so many months, or doubtful."""

    what: str
    code: str
    months: int = 0


States = Mapping[str, FieldState]
NOTHING = FieldState()


def credit(months: int, half_life_days: int) -> int:
    """What a field that is there earns of its weight, in thousandths: all when fresh, close to half when long unconfirmed."""
    if half_life_days <= 0:
        return WHOLE
    fresh = 0.5 ** (min(months, MOST_MONTHS) * MONTH_DAYS / half_life_days)
    return FADED + round((WHOLE - FADED) * fresh)


def is_stale(state: FieldState, half_life_days: int) -> bool:
    """Whether nobody has confirmed a field for longer than its half-life."""
    aged = half_life_days > 0 and state.months * MONTH_DAYS > half_life_days
    return state.is_filled and not state.is_doubtful and aged


def earned(state: FieldState, half_life_days: int) -> int:
    """What a field earns of its weight, in thousandths."""
    if not state.is_filled:
        return 0
    return DOUBTED if state.is_doubtful else credit(state.months, half_life_days)


def score(kind: str, states: States, scheme: Scheme) -> int:
    """0 to 100; 100 where a shop has set all weights of this kind to nothing."""
    whole = scheme.whole(kind)
    if whole == 0:
        return 100
    points = sum(
        scheme.weight(kind, code) * earned(states.get(code, NOTHING), scheme.half_life_days(code))
        for code in CODES
    )
    return (2 * points + 10 * whole) // (20 * whole)  # points / (10 × whole), halves rounded up


def completeness(kind: str, states: States, scheme: Scheme) -> int:
    """The share of the weight that is filled in at all, 0 to 100."""
    whole = scheme.whole(kind)
    filled = sum(scheme.weight(kind, code) for code in CODES if states.get(code, NOTHING).is_filled)
    return (200 * filled + whole) // (2 * whole) if whole else 100


def freshness(kind: str, states: States, scheme: Scheme) -> int:
    """How fresh that is which is filled in, 0 to 100: weighted over the fields that age; 100 where none does."""
    total = parts = 0
    for code in CODES:
        state, half_life = states.get(code, NOTHING), scheme.half_life_days(code)
        if state.is_filled and half_life > 0:
            share = 0.0 if state.is_doubtful else (credit(state.months, half_life) - FADED) / (WHOLE - FADED)
            total += scheme.weight(kind, code)
            parts += round(scheme.weight(kind, code) * share * 1000)
    return round(parts / (10 * total)) if total else 100


def reasons(kind: str, states: States, scheme: Scheme) -> list[Reason]:
    """Why the score is not higher, what costs most first."""
    found: list[tuple[int, Reason]] = []
    for code in CODES:
        state, half_life = states.get(code, NOTHING), scheme.half_life_days(code)
        lost = scheme.weight(kind, code) * (WHOLE - earned(state, half_life))
        if not lost:
            continue
        if not state.is_filled:
            found.append((lost, Reason(MISSING, code)))
        elif state.is_doubtful:
            found.append((lost, Reason(DOUBTFUL, code, state.months)))
        elif is_stale(state, half_life):
            found.append((lost, Reason(STALE, code, state.months)))
    ranked = sorted(found, key=lambda pair: -pair[0])
    return [reason for _lost, reason in ranked[:SHOWN_REASONS]]


def mask(codes: Iterable[str]) -> int:
    """Fields as one number, a bit each."""
    return sum(1 << CODES.index(code) for code in set(codes))


def unmask(number: int) -> tuple[str, ...]:
    """The fields of such a number."""
    return tuple(code for place, code in enumerate(CODES) if number >> place & 1)


def urgency(score: int, worth_fen: int, *, needs_asking: bool) -> int:
    """How much asking this customer brings: what they are worth in a year times what the profile lacks. 0: nothing to ask."""
    if not needs_asking:
        return 0
    yuan = max(worth_fen, 0) // 100 + LEAST_WORTH_YUAN
    return min(yuan * (100 - score) // 100, MOST_URGENT)


def tidy_weights(given: Mapping[str, int], kind: str) -> dict[str, int]:
    """Weights within bounds; those that are the usual ones are left out."""
    place = kind == COMPANY
    found = {code: min(max(int(value), 0), MOST_WEIGHT) for code, value in given.items() if code in FIELD_OF}
    return {code: value for code, value in found.items() if value != FIELD_OF[code].weights[place]}


def tidy_half_lives(given: Mapping[str, int]) -> dict[str, int]:
    """Half-lives within bounds; those that are the usual ones are left out."""
    found = {
        code: min(max(int(value), 0), MOST_HALF_LIFE_DAYS)
        for code, value in given.items()
        if code in FIELD_OF
    }
    return {code: value for code, value in found.items() if value != FIELD_OF[code].half_life_days}


def to_ask(states: States, kind: str, scheme: Scheme) -> list[str]:
    """Fields to go through with a customer: doubtful and stale ones first, then what is missing; by weight."""
    ranked: list[tuple[int, int, str]] = []
    for code in CODES:
        state, weight = states.get(code, NOTHING), scheme.weight(kind, code)
        if not weight or not FIELD_OF[code].is_asked:
            continue
        if state.is_doubtful or is_stale(state, scheme.half_life_days(code)):
            ranked.append((0, -weight, code))
        elif not state.is_filled:
            ranked.append((1, -weight, code))
    return [code for _group, _weight, code in sorted(ranked)]
