"""Customers who answer to every one of several words: the rarest word gives candidates, the others are asked of these.

A word that very many answer to gives more candidates than anybody needs, so they are looked at part by part until enough of
them answer to the other words as well. Words that only texts hold are looked up together, in one walk of their keys.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shuke.customers.queries import candidates, texts
from shuke.customers.queries.candidates import MOST_COUNTED, Within
from shuke.zh.terms import TypedWord

FIRST_PART, GROWS_BY = 150, 3


@dataclass(frozen=True)
class _Asked:
    """A word, or words that only texts hold, and about how many customers answer: by a term, by a tag, by a text."""

    words: tuple[TypedWord, ...]
    tag_ids: tuple[int, ...]
    keys: tuple[int, ...]
    terms: int
    others: int

    @property
    def is_text_only(self) -> bool:
        return bool(self.keys) and not self.terms and not self.tag_ids

    @property
    def plain(self) -> list[str]:
        return [word.plain for word in self.words]

    def known_among(self, ids: Sequence[int]) -> set[int]:
        """Of these, those who surely answer: by a term or a tag."""
        known = set(candidates.among_tagged(self.tag_ids, ids))
        for term_range in self.words[0].ranges if self.terms else ():
            known |= set(candidates.among(term_range, ids, len(ids)))
        return known


def ids_by_all(words: Sequence[TypedWord], within: Within, limit: int) -> list[int]:
    """Some `limit` customers who answer to every word by name, number, tag or text."""
    rarest, *others = sorted(_asked(words, within), key=lambda one: one.terms + one.others)
    others.sort(key=lambda one: one.terms > 0)  # keys are quicker to compare than terms
    sure = candidates.by_word(rarest.words[0], within, MOST_COUNTED) if rarest.terms else []
    sure += candidates.by_tags(rarest.tag_ids, within, MOST_COUNTED)
    said = texts.reached_by_text(rarest.keys, within.store_ids, within.own, MOST_COUNTED)
    certain = frozenset(sure)
    found: list[int] = []
    for part in _parts(list(dict.fromkeys([*sure, *said]))):
        found += _answering(part, (rarest, certain), others)
        if len(found) >= limit:
            break
    return found[:limit]


def _asked(words: Sequence[TypedWord], within: Within) -> list[_Asked]:
    counted = candidates.count_terms(words)
    asked = [_one(word, found, within) for word, found in zip(words, counted, strict=True)]
    written = [one for one in asked if one.is_text_only]
    if len(written) < 2:  # noqa: PLR2004 - nothing to look up together
        return asked
    keys = tuple(sorted({key for one in written for key in one.keys}))
    together = tuple(word for one in written for word in one.words)
    rest = [one for one in asked if not one.is_text_only]
    return [*rest, _Asked(together, (), keys, 0, min(one.others for one in written))]


def _one(word: TypedWord, found: int, within: Within) -> _Asked:
    tag_ids = tuple(pk for pk, _name in candidates.tags_named_like(word.plain))
    tagged = len(candidates.by_tags(tag_ids, within, MOST_COUNTED))
    # digits of somebody's phone are just that
    keys = () if found and word.text.isdigit() else word.text_keys
    return _Asked((word,), tag_ids, keys, found, tagged + texts.likely_count(keys))


def _parts(ids: list[int]) -> Iterator[list[int]]:
    size, at = FIRST_PART, 0
    while at < len(ids):
        yield ids[at : at + size]
        at, size = at + size, size * GROWS_BY


def _answering(ids: list[int], first: tuple[_Asked, frozenset[int]], others: list[_Asked]) -> list[int]:
    """Of one part of the candidates, those that answer to all; whom only the keys of a text name is read to be sure."""
    known = [first]
    for one in others:
        certain = frozenset(one.known_among(ids))
        unsure = [pk for pk in ids if pk not in certain]
        held = certain | texts.ids_with_text(one.keys, unsure)
        ids = [pk for pk in ids if pk in held]
        known.append((one, certain))
    unread = {pk for pk in ids if any(pk not in certain for _one, certain in known)}
    written = texts.texts_of([pk for pk in ids if pk in unread]) if unread else {}
    return [
        pk
        for pk in ids
        if all(pk in certain or texts.holds_all(written.get(pk, ()), one.plain) for one, certain in known)
    ]
