"""What the sections of every file are made of: their base, and values with their bounds."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

from siegewatch import __version__
from siegewatch.settings import quantities
from siegewatch.settings.complaints import complaint, meant, within
from siegewatch.settings.quantities import Network, duration_text

_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


def lasting(low: timedelta, high: timedelta) -> AfterValidator:
    """The bounds of a duration, both allowed."""
    return AfterValidator(within(low, high, duration_text))


def listed(value: object) -> object:
    """One value where a list may stand: `a, b` or `[a, b]`, as an environment variable has to write it."""
    if not isinstance(value, str):
        return value
    parts = (part.strip(" \t\"'") for part in value.strip().removeprefix("[").removesuffix("]").split(","))
    return [part for part in parts if part]


def mapped(value: object) -> object:
    """The same for keys with values: `a: b, c: d` or `{a: b, c: d}`."""
    if not isinstance(value, str):
        return value
    pairs = (pair.partition(":") for pair in value.strip().removeprefix("{").removesuffix("}").split(","))
    return {key.strip(" \t\"'"): name.strip(" \t\"'") for key, _, name in pairs if key.strip()}


def printable(value: str) -> str:
    """One line of visible ASCII, fit for an HTTP header (RFC 9110 section 5.5)."""
    if not all(" " <= character <= "~" for character in value):
        raise complaint("has line ends or characters outside ASCII", "write one line of plain ASCII")
    return value


def long_secret(value: str) -> str:
    """A key that cannot be guessed, or nothing."""
    if value and len(value) < SHORTEST_KEY:
        raise complaint("is easily guessed", f"write {SHORTEST_KEY} characters or more, such as openssl rand -hex 32")
    return value


def filled_agent(value: str) -> str:
    """A user agent with `{version}` filled in."""
    return value.strip().replace("{version}", __version__)


def web_address(schemes: tuple[str, ...]) -> Callable[[str], str]:
    """A validator for absolute addresses with a host; empty stays empty."""
    wanted = f"write {schemes[-1]}://host/path"

    def check(value: str) -> str:
        try:
            parts = urlsplit(value)
            good = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if value and (not good or any(character.isspace() for character in value)):
            raise complaint(f"is no {' or '.join(schemes)} address", wanted)
        return value

    return check


def duration_or_nothing(value: object) -> timedelta:
    """A duration; nothing is none."""
    return quantities.duration(value) if str(value).strip() else timedelta(0)


def is_time_of_day(value: str) -> bool:
    """Whether it is hours and minutes, as `07:00`."""
    return _TIME.fullmatch(value) is not None


def time_zone(value: str) -> str:
    """A zone by its IANA name."""
    try:
        ZoneInfo(value)
    except (OSError, ValueError, KeyError):
        raise complaint("is no time zone", meant(value, available_timezones(), "write UTC or Area/City")) from None
    return value


def time_of_day(value: str) -> str:
    """`07:00`, or nothing."""
    if value and not is_time_of_day(value):
        raise complaint("is no time of day", "write hours and minutes such as 07:00, or leave it empty")
    return value


def time_of_week(value: str) -> str:
    """`mon 08:00`, or nothing."""
    day, _, time = value.partition(" ")
    if value and not (day in WEEKDAYS and is_time_of_day(time)):
        raise complaint("is no day and time", "write such as mon 08:00, or leave it empty")
    return value


Duration = Annotated[timedelta, BeforeValidator(quantities.duration)]
Networks = Annotated[tuple[Annotated[Network, BeforeValidator(quantities.network)], ...], BeforeValidator(listed)]
Words = Annotated[tuple[str, ...], BeforeValidator(listed)]
SHORTEST_KEY = 24
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FEED_EVERY = (timedelta(seconds=1), timedelta(days=7))


class Section(BaseModel):
    """Frozen, and no key that is not declared. Errors and reprs hold no input and no secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _without_value(cls, data: object) -> object:
        """A key that is written without a value keeps its default."""
        if not isinstance(data, dict):
            return data
        known = {field.alias or name for name, field in cls.model_fields.items()}
        return {key: value for key, value in data.items() if value is not None or key not in known}
