"""Names to look for and names that must not be found, made from the official lists themselves.

Names left out of the index on purpose, other spellings, other scripts, slips of the pen; and people and
companies of many countries that are on no list. A seed makes one set; no rule was fitted to the seed that
the bench runs.
"""

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from string import ascii_lowercase

from commerce.names import words_of
from commerce.parties import ListCode, ListedName, ListedParty, PartyKind

LOCALES = Path(__file__).parents[1] / "datasources" / "postgres" / "samples" / "locales.toml"
GROUPS = ("alias_person", "alias_org", "un", "native", "typos")
LATIN_ENDS = 0x24F
SHORTEST_SLIP = 4


@dataclass(frozen=True, slots=True)
class Probe:
    """A name to screen, and the entry it should find (None: it should find none)."""

    kind: PartyKind
    name: str
    wanted: tuple[ListCode, str] | None = None


@dataclass(frozen=True, slots=True)
class Sets:
    """`entries` are the lists with the left-out names left out; `probes` are by group."""

    entries: list[ListedParty]
    probes: dict[str, list[Probe]]


def sets(entries: Sequence[ListedParty], *, seed: int, size: int) -> Sets:
    """At most `size` probes a group. A left-out name shares its words with no other name of its entry."""
    random = Random(seed)  # noqa: S311  a sample, not a secret
    kept = list(entries)
    order = random.sample(range(len(kept)), len(kept))
    probes: dict[str, list[Probe]] = {group: [] for group in GROUPS}
    for at in order:
        _leave_out_alias(kept, at, probes, random, size)
    for at in order:
        _leave_out_native(kept, at, probes, random, size)
    for at in order:
        _slip(kept[at], probes["typos"], random, size)
    return Sets(kept, probes)


def negatives(*, seed: int, size: int) -> dict[str, list[Probe]]:
    """People and companies of the sample locales: invented, of many countries and scripts, on no list."""
    random = Random(seed)  # noqa: S311  a sample, not a secret
    locales = tomllib.loads(LOCALES.read_text("utf-8"))["locale"]
    people: set[str] = set()
    companies: set[str] = set()
    while len(people) < size or len(companies) < size:
        here = random.choice(locales)
        given, family, stem, trade = (
            random.choice(here[part]).split("|")[0] for part in ("given", "family", "stems", "trades")
        )
        people.add(f"{given} {family}")
        companies.add(random.choice(here["legal"]).format(f"{stem} {trade}"))
    return {
        "people": [Probe(PartyKind.PERSON, name) for name in sorted(people)[:size]],
        "companies": [Probe(PartyKind.ORGANISATION, name) for name in sorted(companies)[:size]],
    }


def _leave_out_alias(
    kept: list[ListedParty], at: int, probes: dict[str, list[Probe]], random: Random, size: int
) -> None:
    entry = kept[at]
    group = {PartyKind.PERSON: "alias_person", PartyKind.ORGANISATION: "alias_org"}.get(entry.kind, "")
    latin = [name for name in entry.names if not name.weak and not _native(name)]
    if not group or len(probes[group]) >= size or len(latin) < 2:
        return
    held = random.choice(latin[1:])
    others = tuple(name for name in entry.names if name is not held)
    if all(_words(name) != _words(held) for name in others):
        kept[at] = replace(entry, names=others)
        probes[group].append(Probe(entry.kind, held.text, (entry.list, entry.entry_id)))


def _leave_out_native(
    kept: list[ListedParty], at: int, probes: dict[str, list[Probe]], random: Random, size: int
) -> None:
    """Of the UN list: names in their own script, and primary names in another order, case and punctuation."""
    entry = kept[at]
    if entry.list is not ListCode.UN_SC:
        return
    latin = tuple(name for name in entry.names if not _native(name))
    wanted = (entry.list, entry.entry_id)
    if latin and len(latin) < len(entry.names):
        kept[at] = replace(entry, names=latin)
        native = (name for name in entry.names if _native(name))
        probes["native"] += [Probe(entry.kind, name.text, wanted) for name in native]
    if len(probes["un"]) < size:
        probes["un"].append(Probe(entry.kind, _rewritten(entry.names[0].text, random), wanted))


def _rewritten(name: str, random: Random) -> str:
    words = name.replace(",", " ").split()
    random.shuffle(words)
    ways: tuple[Callable[[str], str], ...] = (
        str.upper,
        str.lower,
        lambda text: text.title() + ",",
        lambda text: text.replace(" ", "-"),
        lambda text: text.replace(" ", "  "),
    )
    return random.choice(ways)(" ".join(words))


def _slip(entry: ListedParty, probes: list[Probe], random: Random, size: int) -> None:
    """One slip, two slips, a word dropped, two words joined, or another order and a slip."""
    strong = [name for name in entry.names if not name.weak]
    if len(probes) >= size or entry.kind not in (PartyKind.PERSON, PartyKind.ORGANISATION) or not strong:
        return
    words = random.choice(strong).text.replace(",", " ").split()
    way = random.randrange(6)
    at = random.randrange(len(words))
    if way == 0 and len(words) > 2:
        del words[at]
    elif way == 1 and at + 1 < len(words):
        words[at : at + 2] = [words[at] + words[at + 1]]
    else:
        random.shuffle(words) if way == 2 else None
        for _ in range(2 if way == 3 else 1):
            words = _one_slip(words, random)
    probes.append(Probe(entry.kind, " ".join(words), (entry.list, entry.entry_id)))


def _one_slip(words: list[str], random: Random) -> list[str]:
    """A letter left out, put in, changed, or swapped with its neighbour, in a word of some length."""
    long = [at for at, word in enumerate(words) if len(word) >= SHORTEST_SLIP and word.isalpha()]
    if not long:
        return words
    chosen = random.choice(long)
    word = words[chosen]
    at = random.randrange(1, len(word))
    letter = random.choice(ascii_lowercase)
    slipped = random.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at:],
            word[:at] + letter + word[at + 1 :],
            word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :],
        )
    )
    return [*words[:chosen], slipped, *words[chosen + 1 :]]


def _native(name: ListedName) -> bool:
    return any(ord(letter) > LATIN_ENDS and letter.isalpha() for letter in name.text)


def _words(name: ListedName) -> list[str]:
    return sorted(words_of(name.text))
