"""Until when an alert waits to be told together with others. Pure."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from siegewatch.domain.digest import Gathered
from siegewatch.domain.standing import Quiet

HOURLY = "hourly"
_HOUR = timedelta(hours=1)
Hold = tuple[Gathered, datetime]


def hold(digest: str, quiet: Quiet | None, zone: str, now: datetime) -> Hold | None:
    """Why and until when an alert waits, None where it is told at once. `digest` is as in a route: `hourly`, a time of
    day, or empty. A digest that falls into quiet hours waits for their end."""
    held = _digest(digest, zone, now) if digest else None
    until = quiet_until(quiet, zone, held[1] if held else now) if quiet else None
    return (held[0] if held else Gathered.QUIET, until) if until else held


def _digest(digest: str, zone: str, now: datetime) -> Hold:
    if digest == HOURLY:
        return Gathered.HOURLY, now.replace(minute=0, second=0, microsecond=0) + _HOUR
    return Gathered.DAILY, _next(time.fromisoformat(digest), zone, now)


def quiet_until(quiet: Quiet, zone: str, now: datetime) -> datetime | None:
    """When the quiet hours end that are now, None where none are."""
    at = now.astimezone(ZoneInfo(zone)).time()
    is_late, is_early = at >= quiet.begins, at < quiet.ends
    is_quiet = is_late and is_early if quiet.begins < quiet.ends else is_late or is_early
    return _next(quiet.ends, zone, now) if is_quiet else None


def _next(at: time, zone: str, now: datetime) -> datetime:
    """The next time that clocks in `zone` say `at`, in the zone of `now`."""
    here = now.astimezone(ZoneInfo(zone))
    today = datetime.combine(here.date(), at, here.tzinfo)
    chosen = today if today > here else datetime.combine(here.date() + timedelta(days=1), at, here.tzinfo)
    return chosen.astimezone(now.tzinfo)
