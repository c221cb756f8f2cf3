"""Why a customer was found, in words and with the matching part marked; never more of a contact than the actor may read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from shuke.customers import rules
from shuke.customers.models import Customer, Interaction
from shuke.customers.queries.custom import known_custom_fields
from shuke.customers.queries.records import note_for, tags_of
from shuke.customers.queries.search_words import SearchWords, search_words_of
from shuke.customers.queries.texts import Text, texts_of
from shuke.customers.rules.custom import id_in
from shuke.customers.rules.numbers import customer_number
from shuke.team.queries import Actor, reads_contacts
from shuke.zh import marking, pinyin, terms, texts
from shuke.zh.marking import Piece
from shuke.zh.terms import TypedWord

Pieces = tuple[Piece, ...]


@dataclass(frozen=True)
class Match:
    """The name with its matching part marked and, when that does not say it all, what else matched: 手机尾号 [6621]."""

    name: Pieces
    label: str = ""
    pieces: Pieces = ()
    happened_at: datetime | None = None


@dataclass(frozen=True)
class _Known:
    """What may have matched besides the record's own columns."""

    words: SearchWords
    tags: Sequence[str]
    written: Sequence[Text]


def matches_for(
    actor: Actor, customers: Sequence[Customer], words: Sequence[TypedWord], slipped: frozenset[int]
) -> dict[int, Match]:
    """Why each of these customers was found by the words; `slipped`: by a word that is one slip away."""
    typed = " ".join(word.plain for word in words)
    names = {row.pk: marking.in_name(_shown(row), typed) for row in customers}
    found = {row.pk: Match(names[row.pk]) for row in customers}
    open_words = {row.pk: [word for word in words if not _is_in_name(row, word)] for row in customers}
    unexplained = []
    for row in customers:
        if row.pk in slipped:
            found[row.pk] = Match(names[row.pk], _("读音相近"), marking.plain(_closest(row)))
        elif reason := next(_by_record(actor, row, open_words[row.pk]), None):
            found[row.pk] = _with_name(names[row.pk], reason)
        elif open_words[row.pk]:
            unexplained.append(row)
    known = _known([row.pk for row in unexplained]) if unexplained else {}
    for row in unexplained:
        reasons = _reasons(actor, row, open_words[row.pk], known[row.pk])
        found[row.pk] = next((_with_name(names[row.pk], reason) for reason in reasons), found[row.pk])
    return found


def _with_name(name: Pieces, reason: Match) -> Match:
    return Match(name, reason.label, reason.pieces, reason.happened_at)


def _shown(row: Customer) -> str:
    return row.name or rules.mask_phone(row.phone) or row.member_number or f"#{row.pk}"


def _is_in_name(row: Customer, word: TypedWord) -> bool:
    return bool(row.name) and any(piece.is_hit for piece in marking.in_name(row.name, word.plain))


def _closest(row: Customer) -> str:
    return pinyin.full(row.name)


def _known(ids: list[int]) -> dict[int, _Known]:
    words, tags, written = search_words_of(ids), tags_of(ids), texts_of(ids)
    return {pk: _Known(words.get(pk, SearchWords()), tags.get(pk, ()), written.get(pk, ())) for pk in ids}


def _by_record(actor: Actor, row: Customer, words: Sequence[TypedWord]) -> Iterator[Match]:
    """Reasons that the record itself gives, without looking further."""
    known = _Known(SearchWords(), (), ())
    for word in words:
        yield from _by_phone(row, word, known)
        yield from _by_contact(actor, row, word, known)


def _reasons(actor: Actor, row: Customer, words: Sequence[TypedWord], known: _Known) -> Iterator[Match]:
    """What the words that the name does not explain have found; the most telling first."""
    for word in words:
        yield from _by_phone(row, word, known)
        yield from _by_contact(actor, row, word, known)
    plain = [word.plain for word in words]
    for word in words:
        for name in sorted(known.words.names):
            if any(piece.is_hit for piece in marking.in_name(name, word.plain)):
                yield Match((), _("单位"), marking.in_name(name, word.plain))
        for tag in known.tags:
            if word.plain in texts.fold(tag):
                yield Match((), _("标签"), marking.in_text(tag, [word.plain]))
        for text in known.written:
            if texts.holds(texts.fold(text.words), word.plain):
                words_read = note_for(actor, text.words)
                yield Match((), _kind(text.kind), marking.in_text(words_read, plain), text.happened_at)


def _kind(kind: str) -> str:
    field = known_custom_fields().get(id_in(kind) or 0)
    if field is not None:
        return field.name
    return str(dict(Interaction.Kind.choices).get(kind, _("备注")))


def _by_phone(row: Customer, word: TypedWord, known: _Known) -> Iterator[Match]:
    """Only the digits that were typed are said again: they are no news to whoever typed them."""
    digits = word.text
    if not digits.isdigit():
        return
    own = terms.home_digits(row.phone)
    for number in dict.fromkeys([own, *map(terms.home_digits, sorted(known.words.contacts[rules.PHONE]))]):
        is_own = number == own
        hit = (Piece(digits, is_hit=True),)
        if number == digits:
            yield Match((), _("手机") if is_own else _("另一个号码"), hit)
        elif number.endswith(digits) and len(digits) >= terms.LEAST_TAIL_DIGITS:
            yield Match((), _("手机尾号") if is_own else _("另一个号码尾号"), hit)
        elif number.startswith(digits) and len(digits) >= terms.LEAST_HEAD_DIGITS:
            yield Match((), _("手机开头") if is_own else _("另一个号码开头"), hit)


def _by_contact(actor: Actor, row: Customer, word: TypedWord, known: _Known) -> Iterator[Match]:
    more = known.words.contacts
    if word.plain.lower() == customer_number(row.pk).lower():
        yield Match((), _("本店编号"), marking.in_text(customer_number(row.pk), [word.plain, word.text]))
    if row.member_number and _begins(terms.terms_for(member_number=row.member_number), word):
        yield Match((), _("会员号"), marking.in_text(row.member_number, [word.plain, word.text]))
    for email in dict.fromkeys([row.email, *sorted(more[rules.EMAIL])]):
        if _begins(terms.email_terms(email), word):
            yield Match((), _("邮箱"), _contact(actor, email, rules.mask_email(email), word))
    for wechat in dict.fromkeys([row.wechat, *sorted(more[rules.WECHAT])]):
        if _begins(terms.terms_for(wechats=[wechat]), word):
            yield Match((), _("微信"), _contact(actor, wechat, rules.mask_word(wechat), word))


def _contact(actor: Actor, value: str, masked: str, word: TypedWord) -> Pieces:
    return marking.in_text(value, [word.plain]) if reads_contacts(actor) else marking.plain(masked)


def _begins(made: set[str], word: TypedWord) -> bool:
    return bool(word.text) and any(term.startswith((word.plain, word.text)) for term in made)
