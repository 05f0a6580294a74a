"""The keys of `siegewatch.yaml`: their types, bounds, defaults and meaning, in one place.

The descriptions are what the documentation's table and `describe()` say.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from siegewatch.domain.language import ENGLISH, LANGUAGES
from siegewatch.settings import quantities
from siegewatch.settings.complaints import complaint, meant, within
from siegewatch.settings.quantities import Listen, duration_text, size_text
from siegewatch.settings.section import (
    FEED_EVERY,
    Duration,
    Networks,
    Section,
    duration_or_nothing,
    filled_agent,
    lasting,
    long_secret,
    mapped,
    printable,
    time_of_day,
    time_of_week,
    time_zone,
    web_address,
)

_PREFIX = re.compile(r"[A-Za-z0-9:_.{}-]{1,64}")
_STORE_SCHEMES = ("redis", "rediss", "unix")


def other_languages(named: dict[str, str]) -> dict[str, str]:
    """Codes of languages that are told apart, but for English."""
    for code in named:
        if code == ENGLISH:
            raise complaint(f'has a key "{code}"', "name the classifier of English items in detect.classifier")
        if code not in LANGUAGES:
            raise complaint("has a key that is no language told apart", meant(code, LANGUAGES))
    return named


def _several(number: int) -> int:
    if number == 1:
        raise complaint("corroborates nothing", "write 2 or more, or 0 for never")
    return number


class Store(Section):
    url: str = Field(
        default="",
        repr=False,
        exclude=True,
        description="Redis or Valkey, 7.0 or later: redis://, rediss:// (TLS) or unix://; empty is an embedded "
        "server under data_dir, kept across restarts",
    )
    prefix: str = Field(default="sw:", description="what every key in the store begins with; one for each siegewatch")

    @field_validator("url")
    @classmethod
    def _url(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            good = parts.scheme in _STORE_SCHEMES and bool(parts.path if parts.scheme == "unix" else parts.hostname)
            good = good and parts.port != 0
        except ValueError:
            good = False
        if value and not good:
            raise complaint("is no store address", "write redis://host:6379/0, rediss://…, unix:///path, or nothing")
        return value

    @field_validator("prefix")
    @classmethod
    def _prefix(cls, value: str) -> str:
        if not _PREFIX.fullmatch(value):
            raise complaint("is no key prefix", "write 1 to 64 letters, digits and : _ - . such as sw:")
        return value


class Outside(Section):
    allow: Networks = Field(
        default=(),
        description="private address ranges that feeds and channels may reach, as a list of CIDR; every other private "
        "address is refused",
    )


class Poll(Section):
    every: Annotated[Duration, lasting(*FEED_EVERY)] = Field(
        default=timedelta(minutes=5),
        description="how often a feed is polled that does not say, while it brings news; at least 60s "
        "(1s: network.allow)",
    )
    at_most: Annotated[Duration, lasting(timedelta(minutes=1), timedelta(days=7))] = Field(
        default=timedelta(hours=4),
        description="the longest that a failing feed waits between two polls; a quiet one half of it, by its priority",
    )
    timeout: Annotated[Duration, lasting(timedelta(seconds=1), timedelta(minutes=5))] = Field(
        default=timedelta(seconds=20), description="after how long one request is given up, as a whole"
    )
    max_bytes: Annotated[
        int, BeforeValidator(quantities.size), AfterValidator(within(1_000, 100_000_000, size_text))
    ] = Field(default=15_000_000, description="the largest body that is read, before and after decompression")
    max_entries: Annotated[int, AfterValidator(within(1, 100_000))] = Field(
        default=2_000, description="how many entries of one document are read, the first ones"
    )
    first_poll_window: Annotated[Duration, lasting(timedelta(0), timedelta(days=30))] = Field(
        default=timedelta(hours=6),
        description="items older than this on first sight, or after downtime, are stored and not told",
    )
    at_once: Annotated[int, AfterValidator(within(1, 2_000))] = Field(
        default=256, description="feeds asked at the same time; of one publisher's servers one at a time, ever"
    )
    workers: Annotated[int, AfterValidator(within(1, 256))] = Field(
        default=16, description="threads that read what was new, and poll what takes a thread: proxies, folders"
    )
    websub: bool = Field(
        default=True,
        description="whether hubs that feeds name are asked to push (WebSub), if there is a web.public_url for them",
    )
    user_agent: Annotated[str, AfterValidator(printable)] = Field(
        default="siegewatch/{version} (feed reader)",
        validate_default=True,
        description="how requests name us; {version} is filled in; add an address at which feeds can reach you",
    )

    @field_validator("user_agent")
    @classmethod
    def _filled_in(cls, value: str) -> str:
        if not value.strip():
            raise complaint("is empty", "name yourself, such as siegewatch/{version} (+https://example.org/about)")
        return filled_agent(value)

    @model_validator(mode="after")
    def _at_most_is_no_shorter(self) -> Self:
        if self.at_most < self.every:
            every, at_most = duration_text(self.every), duration_text(self.at_most)
            raise complaint(f"has at_most {at_most}, shorter than every {every}", f"write at_most: {every} or more")
        return self


class Detect(Section):
    min_confidence: Annotated[float, AfterValidator(within(0.0, 1.0))] = Field(
        default=0.5, description="events below it are dropped; 0 to 1"
    )
    corroborated_by: Annotated[int, AfterValidator(within(0, 12)), AfterValidator(_several)] = Field(
        default=3,
        description="how many independent outlets tell the newest step of a story before that is told as corroborated, "
        "once; 0 is never",
    )
    classifier: str = Field(
        default="siegewatch-en", description="the installed classifier that finds events in English items"
    )
    languages: Annotated[dict[str, str], BeforeValidator(mapped), AfterValidator(other_languages)] = Field(
        default={},
        description="installed classifiers for items in other languages, by ISO 639-1 code; items in a language "
        "without one are marked and not judged",
    )


class Watch(Section):
    failing_after: Annotated[Duration, lasting(timedelta(0), timedelta(days=30))] = Field(
        default=timedelta(hours=2),
        description="a feed that fails at every poll for so long is in trouble; 0s is never",
    )
    silent_after: Annotated[int, AfterValidator(within(0, 1_000))] = Field(
        default=6,
        description="so is one with nothing new for so many expected gaps, and no less than 6h; 0 is never",
    )
    odd_after: Annotated[Duration, lasting(timedelta(0), timedelta(days=30))] = Field(
        default=timedelta(minutes=30),
        description="so is one whose document is for so long empty, undated or new throughout; 0s is never",
    )
    backlog: Annotated[int, AfterValidator(within(0, 10_000_000))] = Field(
        default=20_000, description="a queue in which more wait than this is in trouble; 0 is never"
    )
    waiting_after: Annotated[Duration, lasting(timedelta(0), timedelta(days=30))] = Field(
        default=timedelta(minutes=10), description="so is one in which something waits for so long; 0s is never"
    )
    channel_after: Annotated[Duration, lasting(timedelta(0), timedelta(days=30))] = Field(
        default=timedelta(minutes=30),
        description="a channel that takes nothing for so long, or asked for no more, is in trouble; 0s is never",
    )
    all_quiet: Annotated[str, AfterValidator(time_of_day)] = Field(
        default="07:00",
        description="when a daily sign of life is told, by the clock of display.time_zone; empty is never",
    )
    canary: Annotated[timedelta, BeforeValidator(duration_or_nothing), lasting(timedelta(0), timedelta(days=1))] = (
        Field(
            default=timedelta(0),
            description="how often an item of our own goes down the line to see that it works; 0s or empty is never",
        )
    )


class Web(Section):
    # Before `listen`, which needs to know whether there is a token.
    token: Annotated[str, AfterValidator(str.strip), AfterValidator(printable)] = Field(
        default="",
        repr=False,
        exclude=True,
        description="bearer token for the API; required when listen reaches beyond this machine",
    )
    listen: Annotated[Listen | None, BeforeValidator(quantities.listen)] = Field(
        default=Listen("127.0.0.1", 8350),
        description="host:port of page, API, health and metrics; empty serves nothing",
    )
    public_url: Annotated[str, AfterValidator(web_address(("http", "https")))] = Field(
        default="", description="the page's address as others reach it; empty leaves links out of alerts"
    )

    @field_validator("listen")
    @classmethod
    def _token_beyond_loopback(cls, value: Listen | None, info: ValidationInfo) -> Listen | None:
        if value and not value.is_loopback and info.data.get("token") == "":
            raise complaint("reaches beyond this machine without web.token", "set web.token, or write 127.0.0.1:8350")
        return value

    @field_validator("public_url")
    @classmethod
    def _plain(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.query or parts.fragment or parts.username or parts.password:
            raise complaint("has a query, a fragment or a password", "write scheme, host and path alone")
        return value.rstrip("/")


class Feedback(Section):
    secret: Annotated[str, AfterValidator(str.strip), AfterValidator(long_secret)] = Field(
        default="",
        repr=False,
        exclude=True,
        description="signs the links by which readers of an alert say whether it was right; empty gives out none",
    )
    links_last: Annotated[Duration, lasting(timedelta(hours=1), timedelta(days=90))] = Field(
        default=timedelta(days=14), description="how long such a link is good for"
    )
    weekly: Annotated[str, AfterValidator(time_of_week)] = Field(
        default="",
        description="when a weekly message says how good alerts were, such as mon 08:00 by display.time_zone; "
        "empty is never",
    )


class Log(Section):
    format: Literal["auto", "json", "console"] = Field(
        default="auto", description="json, console, or auto: console on a terminal, else json"
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="the least grave lines that are logged"
    )


class Display(Section):
    time_zone: str = Field(default="UTC", description="IANA zone in which times are shown, such as Europe/Berlin")

    @field_validator("time_zone")
    @classmethod
    def _known(cls, value: str) -> str:
        return time_zone(value)


class Main(Section):
    """`siegewatch.yaml` as a whole."""

    data_dir: Path = Field(
        default=Path("data"), description="folder for everything kept on disk; relative to where you start"
    )
    store: Store = Store()
    network: Outside = Outside()
    poll: Poll = Poll()
    detect: Detect = Detect()
    remember_days: Annotated[int, AfterValidator(within(1, 3_650))] = Field(
        default=30, description="days that items and headlines are known again as repeats"
    )
    archive_days: Annotated[int, AfterValidator(within(0, 3_650))] = Field(
        default=30, description="days that items are kept for `replay --since`, compressed under data_dir; 0 keeps none"
    )
    watch: Watch = Watch()
    web: Web = Web()
    feedback: Feedback = Feedback()
    log: Log = Log()
    display: Display = Display()

    @field_validator("data_dir", mode="before")
    @classmethod
    def _some_folder(cls, value: object) -> object:
        if isinstance(value, str) and (not value.strip() or "\0" in value):
            raise complaint("is empty", "write a folder such as ./data")
        return value
