"""Regions that a route may name: groups of countries as the United Nations count them (M49), and as desks do."""

from collections.abc import Mapping
from types import MappingProxyType

_UNITED_NATIONS = {
    "north-africa": "DZ EG EH LY MA SD TN",
    "west-africa": "BF BJ CI CV GH GM GN GW LR ML MR NE NG SH SL SN TG",
    "central-africa": "AO CD CF CG CM GA GQ ST TD",
    "east-africa": "BI DJ ER ET IO KE KM MG MU MW MZ RE RW SC SO SS TF TZ UG YT ZM ZW",
    "southern-africa": "BW LS NA SZ ZA",
    "western-asia": "AE AM AZ BH CY GE IL IQ JO KW LB OM PS QA SA SY TR YE",
    "central-asia": "KG KZ TJ TM UZ",
    "south-asia": "AF BD BT IN IR LK MV NP PK",
    "southeast-asia": "BN ID KH LA MM MY PH SG TH TL VN",
    "east-asia": "CN HK JP KP KR MN MO TW",
    "eastern-europe": "BG BY CZ HU MD PL RO RU SK UA",
    "northern-europe": "AX DK EE FI FO GB GG IE IM IS JE LT LV NO SE SJ",
    "southern-europe": "AD AL BA ES GI GR HR IT ME MK MT PT RS SI SM VA XK",
    "western-europe": "AT BE CH DE FR LI LU MC NL",
    "north-america": "BM CA GL PM US",
    "central-america": "BZ CR GT HN MX NI PA SV",
    "caribbean": "AG AI AW BB BL BQ BS CU CW DM DO GD GP HT JM KN KY LC MF MQ MS PR SX TC TT VC VG VI",
    "south-america": "AR BO BR BV CL CO EC FK GF GS GY PE PY SR UY VE",
    "oceania": "AS AU CC CK CX FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS",
}
_CONTINENTS = {
    "africa": ("north-africa", "west-africa", "central-africa", "east-africa", "southern-africa"),
    "asia": ("western-asia", "central-asia", "south-asia", "southeast-asia", "east-asia"),
    "europe": ("eastern-europe", "northern-europe", "southern-europe", "western-europe"),
    "americas": ("north-america", "central-america", "caribbean", "south-america"),
}
_DESKS = {
    "middle-east": "AE BH EG IL IQ IR JO KW LB OM PS QA SA SY TR YE",
    "sahel": "BF ML MR NE TD",
    "horn-of-africa": "DJ ER ET SO",
    "caucasus": "AM AZ GE",
    "balkans": "AL BA BG GR HR ME MK RO RS SI XK",
}


def _grouped() -> dict[str, frozenset[str]]:
    groups = {name: frozenset(codes.split()) for name, codes in (_UNITED_NATIONS | _DESKS).items()}
    return groups | {name: frozenset().union(*(groups[one] for one in ones)) for name, ones in _CONTINENTS.items()}


REGIONS: Mapping[str, frozenset[str]] = MappingProxyType(_grouped())
"""The countries (ISO 3166-1 alpha-2, and XK) of each region."""


def regions_of(country: str | None) -> tuple[str, ...]:
    """The regions that a country lies in."""
    return tuple(name for name, countries in REGIONS.items() if country in countries)
