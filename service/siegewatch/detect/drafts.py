"""A place on its way into the index."""

from dataclasses import dataclass, field

from siegewatch.detect.names import name_key, short_key, without_article
from siegewatch.domain.taxonomy import Precision

_ARABIC = frozenset("AE BH DJ DZ EG EH ER IL IQ JO KM KW LB LY MA MR OM PS QA SA SD SO SY TD TN YE".split())  # noqa: SIM905


@dataclass(slots=True)
class Draft:
    """A place on its way into the index; the first `own` of its names are what it is usually called.

    `admin1`: GeoNames' code of the province or state it lies in, or is where `whole`.
    `short`: abbreviations, which name no place alone.
    """

    names: list[str]
    lat: float
    lon: float
    country: str
    precision: Precision = Precision.CITY
    geonames_id: int = 0
    people: int = 0
    curated: bool = False
    own: int = 1
    adjectives: list[str] = field(default_factory=list)
    admin1: str = ""
    whole: bool = False
    short: list[str] = field(default_factory=list)
    keys: dict[str, bool] = field(default_factory=dict)

    def fill_keys(self) -> None:
        """The keys of all names, True where it is an own name's; Arabic names are also known without article, and
        "New York City" without City, if it is known so at all."""
        for number, name in enumerate(self.names):
            key = name_key(name)
            for form in (key, without_article(key)) if self.country in _ARABIC else (key,):
                if len(form) > 1:
                    self.keys.setdefault(form, number < self.own or name_key(f"{name} City") == name_key(self.names[0]))
        for adjective in self.adjectives:
            self.keys.setdefault(name_key(adjective), False)
        for short in self.short:
            self.keys.setdefault(short_key(name_key(short)), False)

    def is_called(self, key: str) -> bool:
        """Whether a key is a name and not just an adjective of it."""
        return key not in map(name_key, self.adjectives) or key in map(name_key, self.names)
