"""The service: roles, ticks, other settings; what `siegewatch run` runs."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from siegewatch import __version__, wiring
from siegewatch.apps.canary import Canary
from siegewatch.apps.current import Current, Means
from siegewatch.apps.reach import Reach
from siegewatch.apps.reload import Reload
from siegewatch.apps.roles.collect import Collect
from siegewatch.apps.roles.detect import Detect
from siegewatch.apps.roles.loop import Job, Role, Trouble
from siegewatch.apps.roles.notify import Notify
from siegewatch.apps.signals import stop_signal
from siegewatch.apps.watch import Watch
from siegewatch.apps.web.metrics import Metrics
from siegewatch.apps.web.server import WebServer
from siegewatch.domain.errors import StoreError
from siegewatch.settings import Settings
from siegewatch.settings.folder import ConfigFolder
from siegewatch.store.alive import Beat
from siegewatch.store.process import process_name

if TYPE_CHECKING:
    from fastapi import FastAPI

log = structlog.get_logger()

ROLES = ("collect", "detect", "notify", "web")

BEAT = timedelta(seconds=10)
"""A third of the time after which a heartbeat counts as old."""

STOP_SECONDS = 8
"""Within the ten seconds that Docker and others give by default."""


def serve(settings: Settings, roles: frozenset[str], *, once: bool = False, folder: ConfigFolder | None = None) -> int:
    """Runs the roles until SIGINT or SIGTERM; `once`: works off what there is and returns. Returns the exit code.

    Follows what is written in `folder`. Raises UsageError and StoreError where it cannot begin.
    """
    with ExitStack() as stack:
        service = stack.enter_context(_assembled(settings, roles))
        reload = Reload(folder, service) if folder else None
        stopped = None if once else stack.enter_context(stop_signal(reload.ask if reload else None))
        _greet(service, roles)
        if stopped is None:
            service.run_once()
        else:
            service.run_until(stopped, reload.jobs if reload else ())
    return 0


@dataclass
class Service:
    """The roles of this process, in the order of the line, and its page."""

    current: Current
    means: Means
    roles: Sequence[Role]
    trouble: Trouble
    serves_api: bool
    web: WebServer | None = None

    def run_once(self) -> None:
        """Polls every feed once, drains every queue, tries every delivery once."""
        for role in self.roles:
            role.drain()

    def run_until(self, stopped: Event, jobs: Sequence[Job] = ()) -> None:
        """Keeps the roles and `jobs` going until `stopped` is set."""
        if self.web:
            self.web.bind()
        # The first polls go out before the page is made and a model loaded: both take longer than all before.
        for role in self.roles:
            role.start()
        scheduler = self._scheduler(jobs)
        scheduler.start()
        if self.web:
            self.web.start()
        stopped.wait()
        log.info("stopping")
        for role in self.roles:
            role.ask_to_stop()
        scheduler.shutdown(wait=False)
        deadline = monotonic() + STOP_SECONDS
        for role in self.roles:
            role.stop(deadline)
        if self.web:
            self.web.stop()
        self._leave()

    def _scheduler(self, further: Sequence[Job]) -> BackgroundScheduler:
        # A tick that finds the last one still at work is left out: that is meant, and no news.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone="UTC",
        )
        jobs = [Job(self.beat, BEAT), *further, *(job for role in self.roles for job in role.jobs)]
        for job in jobs:
            first = wiring.now() + job.after
            scheduler.add_job(job.turn, "interval", seconds=job.every.total_seconds(), next_run_time=first)
        return scheduler

    def take(self, settings: Settings) -> None:
        """Goes on under other settings: everything is made first, so that where something does not fit all stays as it
        was. Raises UsageError and StoreError."""
        before = self.means
        memory = wiring.memory(settings, before.memory.store)
        door = before.door if _same_door(before.settings, settings) else wiring.door(settings)
        means = Means(settings, memory, wiring.tools(settings, door, before.tools.parsers))
        prepared = [role.prepare(means) for role in self.roles]
        self.means, self.current.memory, self.current.settings = means, memory, settings
        for adopt in prepared:
            adopt()
        if door is not before.door:
            # Requests under way keep the connection they have.
            before.door.close()

    def fitness(self) -> Mapping[str, str | None]:
        """What keeps each part from its work, None where nothing does."""
        try:
            self.current.memory.store.ping()
            store = None
        except StoreError as error:
            store = str(error)
        return {"store": store, **{role.name: role.problem() for role in self.roles}}

    def beat(self) -> None:
        """Tells the store that this process lives and how its roles are; brings a fallen embedded store back."""
        fitness = self.fitness()
        try:
            if fitness["store"]:
                wiring.revive(self.current.settings)
            process, now = process_name(), wiring.now()
            beats = {role: Beat(process, now, fitness["store"] or fitness.get(role)) for role in self._names()}
            self.current.memory.heartbeats.beat(beats)
        except StoreError as error:
            self.trouble.met(error)

    def _names(self) -> list[str]:
        return [role.name for role in self.roles] + ["web"] * self.serves_api

    def _leave(self) -> None:
        try:
            self.current.memory.heartbeats.leave(self._names(), process_name())
        except StoreError as error:
            log.warning("store_failed", reason=str(error))


@contextmanager
def _assembled(settings: Settings, roles: frozenset[str]) -> Iterator[Service]:
    with ExitStack() as stack:
        memory = wiring.memory(settings, stack.enter_context(wiring.opened_store(settings)))
        memory.open()
        parsers = stack.enter_context(wiring.opened_parsers())
        current = Current(settings, memory)
        means = Means(settings, memory, wiring.tools(settings, wiring.door(settings), parsers))
        metrics = Metrics(current, wiring.now)
        service = Service(current, means, _roles(roles, means, current, metrics), Trouble(wiring.now), "web" in roles)
        stack.callback(lambda: service.means.door.close())
        if settings.web.listen:
            app = partial(_page, current, service, metrics)
            service.web = WebServer(app, settings.web.listen, later=True)
        yield service


def _page(current: Current, service: Service, metrics: Metrics) -> "FastAPI":
    from siegewatch.apps.web.app import make_app

    return make_app(current, service.fitness, metrics, service.serves_api)


def _roles(names: frozenset[str], means: Means, current: Current, metrics: Metrics) -> list[Role]:
    canary = Canary(current)
    made: list[Role] = []
    if "collect" in names:
        reach, watch = Reach(len(current.roster().feeds)), Watch(current, canary, wiring.now)
        made.append(Collect(means, current, metrics, reach, watch, Trouble(wiring.now)))
    if "detect" in names:
        made.append(Detect(means, metrics, canary, Trouble(wiring.now)))
    if "notify" in names:
        made.append(Notify(means, metrics, Trouble(wiring.now)))
    return made


def _same_door(one: Settings, other: Settings) -> bool:
    return (one.network, one.poll.user_agent) == (other.network, other.poll.user_agent)


def _greet(service: Service, roles: frozenset[str]) -> None:
    """Says what runs, and which channels do not."""
    settings = service.current.settings
    on = wiring.channels_on(settings)
    off = [spec.name for spec in settings.channels if spec.name not in on]
    store = "embedded" if not settings.store.url else "redis"
    log.info(
        "siegewatch",
        version=__version__,
        roles=[role for role in ROLES if role in roles],
        store=store,
        feeds=len(service.current.roster().feeds),
        channels=list(on),
    )
    if off:
        log.warning("channels_off", channels=off, reason="their url is empty")
    for warning in settings.warnings:
        log.warning(str(warning))
