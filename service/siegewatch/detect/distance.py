"""How far two points of the earth are apart."""

from math import asin, cos, radians, sin, sqrt

_EARTH_KM = 6371.0


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance by the haversine formula."""
    up, along = radians(other_lat - lat), radians(other_lon - lon)
    chord = sin(up / 2) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(along / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(min(1.0, chord)))
