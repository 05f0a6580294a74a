"""Which silence an alert falls under. Pure."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from siegewatch.domain.silence import Silence
from siegewatch.domain.taxonomy import Severity
from siegewatch.notify.matching import News, takes


def silenced_by(news: News, silences: Iterable[Silence]) -> Silence | None:
    """The first of the silences that takes the news; `flash` only where its matchers name that severity."""
    return next((silence for silence in silences if _is_under(news, silence)), None)


def _is_under(news: News, silence: Silence) -> bool:
    names_flash = Severity.FLASH in silence.match.get("severity", ())
    return (names_flash or news.severity is not Severity.FLASH) and takes(silence.match, silence.zone, news)


def why(silence: Silence, zone: str) -> str:
    """Who silenced it until when, and for what reason."""
    until = f"{silence.until.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"
    return f"silenced by {silence.author} until {until}: {silence.reason}"
