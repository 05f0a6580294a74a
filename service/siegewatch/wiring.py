"""Where settings, store, net, the phases and the plugins meet; nothing is built anywhere else."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from siegewatch.collect.parser_process import ParserPool
from siegewatch.collect.poller import Poller
from siegewatch.collect.pushes import PushReader
from siegewatch.collect.roster import ReadEntry, Roster
from siegewatch.collect.roster import roster as roster_of
from siegewatch.collect.schedule import Rhythm
from siegewatch.collect.sources.base import Source, Tools
from siegewatch.collect.subscriber import Subscriber
from siegewatch.collect.turn import PollRules
from siegewatch.collect.watch import WatchRules
from siegewatch.detect.detector import Classifier, Detector, Extensible
from siegewatch.domain.delivery import ChannelSpec
from siegewatch.domain.errors import StoreError, UsageError
from siegewatch.domain.feed import AddedFeed, Feed, Pause
from siegewatch.domain.language import ENGLISH
from siegewatch.domain.standing import Terms
from siegewatch.net.door import Door
from siegewatch.net.messages import Limits
from siegewatch.net.multi import MultiDoor
from siegewatch.notify.asking import Asking
from siegewatch.notify.channels.base import Capacity
from siegewatch.notify.outbox import Teller
from siegewatch.notify.sender import Channel, Sender
from siegewatch.settings import Settings
from siegewatch.settings.added import EntryRules, entry_rules, read_entry
from siegewatch.settings.channel_terms import ChannelTerms, terms_of
from siegewatch.store.archive import NOTHING_KEPT, Archive, Keeper
from siegewatch.store.client import Store, connect, connect_socket
from siegewatch.store.embedded import ensure_running, is_running
from siegewatch.store.memory import Memory, memory_of
from siegewatch.store.process import process_name, worker

READ_ANEW = timedelta(days=1)
PARSERS = 2
"""Processes that parse: feedparser holds its interpreter's lock, and two keep two cores busy."""


def now() -> datetime:
    """The wall clock, in UTC: the one that every part is given."""
    return datetime.now(UTC)


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


def memory(settings: Settings, store: Store) -> Memory:
    """What the store of these settings remembers."""
    return memory_of(store, remembered(settings))


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
    except (ImportError, AttributeError) as error:
        raise UsageError(f"the {group.rstrip('s')} {name!r} cannot be imported: {error}") from error
    return made


def door(settings: Settings) -> Door:
    """The one way out, under the settings' address policy; to be closed."""
    return Door(allow=settings.network.allow, user_agent=settings.poll.user_agent)


@contextmanager
def opened_door(settings: Settings) -> Iterator[Door]:
    """The one way out, under the settings' address policy."""
    made = door(settings)
    try:
        yield made
    finally:
        made.close()


def multi_door(settings: Settings) -> MultiDoor:
    """The same for many polls at once; to be closed."""
    poll = settings.poll
    return MultiDoor(allow=settings.network.allow, user_agent=poll.user_agent, at_once=poll.at_once)


def limits(settings: Settings) -> Limits:
    """What one request to a feed may take."""
    seconds = settings.poll.timeout.total_seconds()
    return Limits(total_seconds=seconds, first_byte_seconds=seconds, max_bytes=settings.poll.max_bytes)


def tools(settings: Settings, door: Door, parsers: ParserPool) -> Tools:
    """What sources work with."""
    read_anew = min(READ_ANEW, remembered(settings) / 2)
    return Tools(door, limits(settings), parsers, settings.poll.max_entries, read_anew)


@contextmanager
def opened_parsers() -> Iterator[ParserPool]:
    """The parsers, whose processes begin with the first document and end with the context."""
    parsers = ParserPool(PARSERS)
    try:
        yield parsers
    finally:
        parsers.close()


@contextmanager
def opened_tools(settings: Settings, door: Door) -> Iterator[Tools]:
    """What sources work with; the parsers' processes end with the context."""
    with opened_parsers() as parsers:
        yield tools(settings, door, parsers)


def source(name: str, tools: Tools) -> Source:
    """One kind of source."""
    made: Source = plugin("sources", name)(tools)
    return made


def entry_reader(settings: Settings) -> ReadEntry:
    """What reads the entries of feeds added at run time, by the rules of these settings."""

    @cache
    def rules() -> EntryRules:
        return entry_rules(settings, os.environ)

    return lambda written, label, known: read_entry(written, label, known, rules())


def roster(settings: Settings, added: Sequence[AddedFeed], paused: Mapping[str, Pause]) -> Roster:
    """The feeds there are: those of the settings, and those added at run time."""
    return roster_of(settings.feeds, added, paused, entry_reader(settings))


def poller(settings: Settings, remembers: Memory, tools: Tools, feeds: Iterable[Feed]) -> Poller:
    """The collect phase, for these feeds."""
    known = {feed.id: feed for feed in feeds}
    sources = {name: source(name, tools) for name in {feed.source for feed in known.values()}}
    pushed = remembers.subscriptions if takes_pushes(settings) else None
    return Poller(known, sources, remembers.feeds, remembers.items, tools, poll_rules(settings), worker(), pushed)


def poll_rules(settings: Settings) -> PollRules:
    """What the settings say of polling."""
    poll = settings.poll
    return PollRules(Rhythm(poll.every, poll.at_most), poll.first_poll_window, poll.timeout)


def takes_pushes(settings: Settings) -> bool:
    """Whether hubs are asked to push: they must have an address to come to."""
    return settings.poll.websub and bool(settings.web.public_url)


def push_reader(
    settings: Settings, remembers: Memory, tools: Tools, feeds: Mapping[str, Feed], clock: Callable[[], datetime]
) -> PushReader:
    """The part of the collect phase that reads what hubs pushed."""
    schedule, rules = remembers.feeds, poll_rules(settings)
    subscriptions, items = remembers.subscriptions, remembers.items
    return PushReader(feeds, subscriptions, schedule, items, tools, rules, process_name(), clock)


def subscriber(settings: Settings, remembers: Memory, door: Door, feeds: Mapping[str, Feed]) -> Subscriber:
    """The part that asks hubs."""
    return Subscriber(feeds, remembers.subscriptions, remembers.feeds, door, settings.web.public_url)


def watch_rules(settings: Settings) -> WatchRules:
    """What counts as a feed's trouble."""
    watch = settings.watch
    return WatchRules(watch.failing_after, watch.silent_after, watch.odd_after)


def classifier(settings: Settings) -> Classifier:
    """The classifiers that the settings name, each for the items in its languages, with the operator's lexicon; not yet
    loaded.

    Raises UsageError where the English one takes no lexicon, SettingsError where something in it does not fit.
    """
    # Its lists of words take longer to read than the first poll may wait for.
    from siegewatch.detect.by_language import ByLanguage

    named = {ENGLISH: settings.detect.classifier, **settings.detect.languages}
    made: dict[str, Classifier] = {name: plugin("classifiers", name)() for name in named.values()}
    if settings.lexicon:
        english = made[settings.detect.classifier]
        if not isinstance(english, Extensible):
            raise UsageError(f"the classifier {settings.detect.classifier!r} takes no words from lexicon/: empty it")
        english.extend(settings.lexicon)
    return ByLanguage({language: made[name] for language, name in named.items()})


def is_sure(settings: Settings) -> bool:
    """Whether the classifiers are known to fit without being made: those that we bring, without words of others."""
    points, named = plugins("classifiers"), {settings.detect.classifier, *settings.detect.languages.values()}
    ours = {name for name, point in points.items() if point.dist and point.dist.name == "siegewatch"}
    return not settings.lexicon and named <= ours


def archive(settings: Settings) -> Keeper:
    """Where items are kept as admitted, in the data folder."""
    return Archive(archive_folder(settings), settings.archive_days, process_name(), now)


def archive_folder(settings: Settings) -> Path:
    """The folder of the archive, whether or not there is one."""
    return settings.data_dir / "archive"


def detector(settings: Settings, remembers: Memory, judge: Classifier, keeper: Keeper = NOTHING_KEPT) -> Detector:
    """The detect phase; items go to `keeper`."""
    least, several, span = settings.detect.min_confidence, settings.detect.corroborated_by, remembered(settings)
    return Detector(remembers.items, remembers.stories, judge, least, span, process_name(), keeper, several)


def is_on(spec: ChannelSpec) -> bool:
    """Whether a channel has all it needs to be sent to."""
    return why_off(spec) is None


def why_off(spec: ChannelSpec) -> str | None:
    """What is empty without which a channel is off; None where it is on."""
    return channel_terms(spec).why_off(spec)


def channel_terms(spec: ChannelSpec) -> ChannelTerms:
    """What a channel's type says of itself."""
    return terms_of(plugin("channels", spec.type))


def channels_on(settings: Settings) -> Mapping[str, ChannelSpec]:
    """The channels that are on, by name."""
    return {spec.name: spec for spec in settings.channels if is_on(spec)}


def channel(spec: ChannelSpec, door: Door) -> Channel:
    """One channel, ready to send."""
    made: Channel = plugin("channels", spec.type)(spec, door)
    return made


def terms(spec: ChannelSpec) -> Terms:
    """On what terms a channel is told: the budget is its type's where the operator names none, and how many alerts a
    digest holds."""
    capacity: Capacity = getattr(plugin("channels", spec.type), "capacity", Capacity())
    together = capacity.together or spec.terms.together
    return replace(spec.terms, budget=spec.terms.budget or capacity.budget, together=together)


def teller(settings: Settings, remembers: Memory) -> Teller:
    """The half of the notify phase that decides."""
    zone = settings.display.time_zone
    on = channels_on(settings)
    return Teller(remembers.alerts, settings.routes, on, process_name(), now, zone, settings.inhibit)


def asking(settings: Settings) -> Asking:
    """What links to answer by are made of."""
    return Asking(settings.web.public_url, settings.feedback.secret, settings.feedback.links_last)


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
            terms(spec),
            asking=asking(settings),
        )
        for name, spec in channels_on(settings).items()
    ]
