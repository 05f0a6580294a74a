"""Where settings, store, net, the phases and the plugins meet; nothing is built anywhere else."""

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from siegewatch.collect.parser_process import ParserPool
from siegewatch.collect.poller import Poller, PollRules
from siegewatch.collect.sources.base import Source, Tools
from siegewatch.detect.by_language import ByLanguage
from siegewatch.detect.detector import Classifier, Detector, Extensible
from siegewatch.domain.delivery import ChannelSpec
from siegewatch.domain.errors import StoreError, UsageError
from siegewatch.domain.language import ENGLISH
from siegewatch.net.door import Door, Limits
from siegewatch.notify.outbox import Channel, Sender, Teller
from siegewatch.settings import Settings
from siegewatch.store.alerts import AlertStore
from siegewatch.store.alive import Heartbeats
from siegewatch.store.archive import NOTHING_KEPT, Archive, Keeper
from siegewatch.store.claims import Worker
from siegewatch.store.client import Store, connect, connect_socket
from siegewatch.store.embedded import ensure_running, is_running
from siegewatch.store.feeds import FeedStore
from siegewatch.store.items import ItemStore
from siegewatch.store.stories import StoryStore

READ_ANEW = timedelta(days=1)
PARSERS = 2
"""Processes that parse: feedparser holds its interpreter's lock, and two keep two cores busy."""


def now() -> datetime:
    """The wall clock, in UTC: the one that every part is given."""
    return datetime.now(UTC)


def process_name() -> str:
    """Names this process among all that share the store."""
    return f"{host()}:{os.getpid()}"


def host() -> str:
    """Names this host, or container."""
    return socket.gethostname()


def worker() -> Worker:
    """This process as one that claims work."""
    return Worker(process_name(), _is_gone)


def _is_gone(process: str) -> bool:
    """Whether a process of that name is no more. Of another host's nobody knows: its claims run out. Our own name
    on a claim made before we began is that of a process before us, as in a container started again."""
    where, _, pid = process.rpartition(":")
    if where != host():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, ValueError):
        return False
    return int(pid) == os.getpid()


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """The store of the settings: a server by URL, or the embedded one, joined or started.

    Raises StoreError where it is unreachable or unfit.
    """
    if settings.store.url:
        store = connect(settings.store.url, settings.store.prefix)
        try:
            yield store
        finally:
            store.close()
        return
    with ensure_running(settings.data_dir) as running:
        store = connect_socket(str(running.socket_path), settings.store.prefix)
        try:
            yield store
        finally:
            store.close()


@contextmanager
def joined_store(settings: Settings) -> Iterator[Store]:
    """The store of the settings where it serves already; starts none. Raises StoreError where none serves."""
    if not settings.store.url and not is_running(settings.data_dir):
        raise StoreError(f"no siegewatch runs on {settings.data_dir}")
    with opened_store(settings) as store:
        yield store


def revive(settings: Settings) -> None:
    """Starts the embedded server again where it died under its users; a server by URL is its operator's to start."""
    if not settings.store.url:
        ensure_running(settings.data_dir).close()


@dataclass(frozen=True, slots=True)
class Memory:
    """The store by what it remembers: one object for each noun."""

    store: Store
    feeds: FeedStore
    items: ItemStore
    stories: StoryStore
    alerts: AlertStore
    heartbeats: Heartbeats

    def open(self) -> None:
        """Makes the streams and their groups where they are missing."""
        self.items.queue.open()
        self.alerts.changes.open()


def memory(settings: Settings, store: Store) -> Memory:
    """What the store of these settings remembers."""
    remember = remembered(settings)
    return Memory(
        store,
        FeedStore(store),
        ItemStore(store, remember),
        StoryStore(store, remember),
        AlertStore(store),
        Heartbeats(store),
    )


def remembered(settings: Settings) -> timedelta:
    """How long repeats are known as such."""
    return timedelta(days=settings.remember_days)


def plugins(group: str) -> Mapping[str, EntryPoint]:
    """What is installed under `siegewatch.<group>`, by name; nothing is imported."""
    return {point.name: point for point in entry_points(group=f"siegewatch.{group}")}


def plugin(group: str, name: str) -> Callable[..., Any]:
    """The class of one plugin. Raises UsageError where it is not installed or cannot be imported."""
    point = plugins(group).get(name)
    if point is None:
        raise UsageError(
            f"no {group.rstrip('s')} {name!r} is installed, there are: {', '.join(sorted(plugins(group)))}"
        )
    try:
        made: Callable[..., Any] = point.load()
    except ImportError as error:
        raise UsageError(f"the {group.rstrip('s')} {name!r} cannot be imported: {error}") from error
    return made


@contextmanager
def opened_door(settings: Settings) -> Iterator[Door]:
    """The one way out, under the settings' address policy."""
    door = Door(allow=settings.network.allow, user_agent=settings.poll.user_agent)
    try:
        yield door
    finally:
        door.close()


def limits(settings: Settings) -> Limits:
    """What one request to a feed may take."""
    seconds = settings.poll.timeout.total_seconds()
    return Limits(total_seconds=seconds, first_byte_seconds=seconds, max_bytes=settings.poll.max_bytes)


@contextmanager
def opened_tools(settings: Settings, door: Door) -> Iterator[Tools]:
    """What sources work with; the parsers' processes end with the context."""
    parsers = ParserPool(PARSERS)
    try:
        yield Tools(
            door, limits(settings), parsers, settings.poll.max_entries, min(READ_ANEW, remembered(settings) / 2)
        )
    finally:
        parsers.close()


def source(name: str, tools: Tools) -> Source:
    """One kind of source."""
    made: Source = plugin("sources", name)(tools)
    return made


def poller(settings: Settings, remembers: Memory, tools: Tools) -> Poller:
    """The collect phase."""
    feeds = {feed.id: feed for feed in settings.feeds}
    sources = {name: source(name, tools) for name in {feed.source for feed in settings.feeds}}
    poll = settings.poll
    rules = PollRules(poll.every, poll.at_most, poll.first_poll_window, poll.timeout)
    return Poller(feeds, sources, remembers.feeds, remembers.items, rules, worker())


def classifier(settings: Settings) -> Classifier:
    """The classifiers that the settings name, each for the items in its languages, with the operator's lexicon; not yet
    loaded.

    Raises UsageError where the English one takes no lexicon, SettingsError where something in it does not fit.
    """
    named = {ENGLISH: settings.detect.classifier, **settings.detect.languages}
    made: dict[str, Classifier] = {name: plugin("classifiers", name)() for name in named.values()}
    if settings.lexicon:
        english = made[settings.detect.classifier]
        if not isinstance(english, Extensible):
            raise UsageError(f"the classifier {settings.detect.classifier!r} takes no words from lexicon/: empty it")
        english.extend(settings.lexicon)
    return ByLanguage({language: made[name] for language, name in named.items()})


def archive(settings: Settings) -> Keeper:
    """Where items are kept as admitted, in the data folder."""
    return Archive(archive_folder(settings), settings.archive_days, process_name(), now)


def archive_folder(settings: Settings) -> Path:
    """The folder of the archive, whether or not there is one."""
    return settings.data_dir / "archive"


def detector(settings: Settings, remembers: Memory, judge: Classifier, keeper: Keeper = NOTHING_KEPT) -> Detector:
    """The detect phase; items go to `keeper`."""
    least = settings.detect.min_confidence
    return Detector(remembers.items, remembers.stories, judge, least, remembered(settings), process_name(), keeper)


def is_on(spec: ChannelSpec) -> bool:
    """Whether a channel has all it needs to be sent to."""
    return bool(spec.url) or not plugin("channels", spec.type).needs_url  # type: ignore[attr-defined]


def channels_on(settings: Settings) -> Mapping[str, ChannelSpec]:
    """The channels that are on, by name."""
    return {spec.name: spec for spec in settings.channels if is_on(spec)}


def channel(spec: ChannelSpec, door: Door) -> Channel:
    """One channel, ready to send."""
    made: Channel = plugin("channels", spec.type)(spec, door)
    return made


def teller(settings: Settings, remembers: Memory) -> Teller:
    """The half of the notify phase that decides."""
    return Teller(remembers.alerts, settings.routes, channels_on(settings), process_name(), now)


def senders(settings: Settings, remembers: Memory, door: Door) -> list[Sender]:
    """The half of the notify phase that sends: one sender a channel, so that none waits for another."""
    return [
        Sender(
            remembers.alerts,
            name,
            channel(spec, door),
            settings.web.public_url,
            settings.display.time_zone,
            now,
            worker(),
        )
        for name, spec in channels_on(settings).items()
    ]
