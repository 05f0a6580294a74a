"""What a route may ask beyond equal words: where, how sure, and when. Values are text, as an operator writes it."""

import re
from dataclasses import dataclass
from datetime import datetime
from math import asin, cos, radians, sin, sqrt
from zoneinfo import ZoneInfo

EARTH_KM = 6371.0088
"""Mean radius (IUGG)."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NUMBER = r"(-?[0-9]{1,3}(?:\.[0-9]+)?)"
_NEAR = re.compile(rf"{_NUMBER} +{_NUMBER} +([0-9]{{1,5}}(?:\.[0-9]+)?) ?km")
_BOX = re.compile(" +".join([_NUMBER] * 4))
_HOURS = re.compile("((?:[01][0-9]|2[0-3]):[0-5][0-9]) ?- ?((?:[01][0-9]|2[0-3]):[0-5][0-9])")


@dataclass(frozen=True, slots=True)
class Near:
    """Within so many kilometres of a point."""

    lat: float
    lon: float
    km: float

    def holds(self, lat: float, lon: float) -> bool:
        """Whether a point lies within (haversine formula)."""
        half_lat, half_lon = radians(lat - self.lat) / 2, radians(lon - self.lon) / 2
        chord = sin(half_lat) ** 2 + cos(radians(lat)) * cos(radians(self.lat)) * sin(half_lon) ** 2
        return 2 * EARTH_KM * asin(min(sqrt(chord), 1)) <= self.km


@dataclass(frozen=True, slots=True)
class Box:
    """Between two parallels and two meridians, over the 180th where `west` is the greater."""

    south: float
    west: float
    north: float
    east: float

    def holds(self, lat: float, lon: float) -> bool:
        """Whether a point lies within."""
        over = self.west > self.east
        between = lon >= self.west or lon <= self.east if over else self.west <= lon <= self.east
        return self.south <= lat <= self.north and between


def near(text: str) -> Near | None:
    """`33.51 36.29 50km`: latitude, longitude and radius; None where it is something else."""
    found = _NEAR.fullmatch(text.strip())
    read = Near(*map(float, found.groups())) if found else None
    return read if read and abs(read.lat) <= 90 and abs(read.lon) <= 180 and read.km > 0 else None


def box(text: str) -> Box | None:
    """`32.3 35.7 37.3 42.4`: south, west, north, east; None where it is something else."""
    found = _BOX.fullmatch(text.strip())
    read = Box(*map(float, found.groups())) if found else None
    if read is None or not -90 <= read.south < read.north <= 90:
        return None
    return read if abs(read.west) <= 180 and abs(read.east) <= 180 and read.west != read.east else None


def confidence(text: str) -> float | None:
    """`0.8`: the least; None where it is no number from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def hours(text: str) -> tuple[str, str] | None:
    """`08:00-18:00`; None where it is something else."""
    found = _HOURS.fullmatch(text.strip())
    return (found[1], found[2]) if found and found[1] != found[2] else None


def within_hours(text: str, zone: str, at: datetime) -> bool:
    """Whether clocks in `zone` are within the hours, over midnight where they end no later than they begin."""
    read = hours(text)
    if read is None:
        return False
    here = f"{at.astimezone(ZoneInfo(zone)):%H:%M}"
    begins, ends = read
    return begins <= here < ends if begins < ends else here >= begins or here < ends


def weekday(zone: str, at: datetime) -> str:
    """The day of the week in `zone`, as in DAYS."""
    return DAYS[at.astimezone(ZoneInfo(zone)).weekday()]
