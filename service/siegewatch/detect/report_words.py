"""What single words say when reports are compared, as `lexicon/report_words.yaml` and `lexicon/states.yaml` have it."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from siegewatch.detect.lexicon_files import load_lexicon
from siegewatch.detect.names import fold

_ORDINAL = re.compile(r"\d(?:st|nd|rd|th)$")
_CURRENCIES = "$€£"
_YEARS = range(1900, 2100)
_POSSESSIVE = re.compile(r"['’ʼ][sS]$")
_ENDINGS = (("ies", "y"), ("ing", ""), ("ied", "y"), ("ed", ""), ("s", ""))
_LAST_LETTERS = frozenset(ending[-1] for ending, _ in _ENDINGS)
_SHORTEST_STEM = 4


class ReportWord(NamedTuple):
    """What one word says. `stem` is equal for its forms, "" where it tells nothing; `turn` is where a fight stands,
    `toll` what is counted, `number` from least to most, `scale` what multiplies the number before it."""

    stem: str
    turn: str | None = None
    toll: str | None = None
    number: tuple[float, float] | None = None
    scale: float = 0.0
    negates: bool = False


class ReportWords:
    """Looks words up; safe to share between threads."""

    def __init__(self) -> None:
        rows = load_lexicon("report_words.yaml")
        self._known = _known(rows)
        states = load_lexicon("states.yaml")
        self._states = _state_words(states)
        self._seats = {
            self._states[city]: f"@{code.lower()}" for code, row in states.items() for city in _single(row["capital"])
        }
        self.live = tuple(rows["live"])
        self.of = lru_cache(maxsize=50_000)(self._look_up)
        self.topic, self.sides, self.series, self.alike = (
            frozenset(self.of(word).stem for word in rows[name].split())
            for name in ("topic", "sides", "series", "alike")
        )

    def whose(self, stem: str) -> str:
        """The state that a capital or a leader stands for, as `@` and its code; any other word as it is."""
        return self._seats.get(stem, stem).removesuffix("!")

    def _look_up(self, written: str) -> ReportWord:
        if written[0].isdigit() or written[0] in _CURRENCIES:
            return _figure(written)
        word = fold(_POSSESSIVE.sub("", written) if written[-1] in "sS" else written)
        if not word or written == "us":
            return ReportWord("")
        return self._known.get(word) or ReportWord(self._states.get(word) or stem_of(word))


def stem_of(word: str) -> str:
    """The word without its ending: rough, but the same for the forms that reports of one thing use."""
    for ending, rest in _ENDINGS if word[-1:] in _LAST_LETTERS else ():
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM and not word.endswith("ss"):
            word = word.removesuffix(ending) + rest
            break
    return word.removesuffix("e") if len(word) > _SHORTEST_STEM else word


def _figure(written: str) -> ReportWord:
    if _ORDINAL.search(written):
        return ReportWord(written)
    digits = written.lstrip(_CURRENCIES).rstrip(".,")
    scale = {"k": 1e3, "m": 1e6}.get(digits[-1:].lower(), 1.0)
    try:
        value = float(digits.rstrip("kmKM").replace(",", "")) * scale
    except ValueError:
        return ReportWord(digits)
    if scale == 1.0 and value in _YEARS and "," not in written:
        return ReportWord("")
    return ReportWord(f"{value:g}", number=(value, value))


def _known(rows: Mapping[str, Any]) -> dict[str, ReportWord]:
    found = dict.fromkeys(rows["empty"].split(), ReportWord(""))
    found |= dict.fromkeys(rows["future"].split(), ReportWord("", turn="threatened"))
    found |= dict.fromkeys(rows["negations"].split(), ReportWord("", negates=True))
    for stem, words in rows["same"].items():
        found |= dict.fromkeys(words.split(), ReportWord(stem))
    for turn, words in rows["turns"].items():
        found |= dict.fromkeys(words.split(), ReportWord(turn, turn=turn))
    for toll, words in rows["tolls"].items():
        found |= dict.fromkeys(words.split(), ReportWord(toll, toll=toll))
    for word, value in rows["numbers"].items():
        found[word] = ReportWord(f"{value:g}", number=(value, value))
    for word, (low, high) in rows["vague"].items():
        found[word] = ReportWord(word, number=(low, high))
    return found | {word: ReportWord("", scale=value) for word, value in rows["scales"].items()}


def _state_words(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """A state, its people and its adjective are `@` and its code, who leads it the same with `!`; spellings of its
    capital are one."""
    found: dict[str, str] = {}
    for code, row in rows.items():
        adjectives: list[str] = row["adj"]
        state = (
            row["name"],
            *row.get("also", ()),
            *adjectives,
            *row.get("people", ()),
            *(f"{one}s" for one in adjectives),
        )
        found |= dict.fromkeys(_single(state), f"@{code.lower()}")
        found |= dict.fromkeys((fold(name.split()[-1]) for name in row.get("leaders", ())), f"@{code.lower()}!")
        cities = list(_single(row["capital"]))
        found |= dict.fromkeys(cities, cities[0] if cities else "")
    return found


def _single(names: Iterable[str]) -> Iterable[str]:
    return (fold(name) for name in names if " " not in name)
