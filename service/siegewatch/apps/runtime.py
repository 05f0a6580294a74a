"""The service: roles, ticks, signals; what `siegewatch run` runs."""

import logging
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Event
from time import monotonic
from types import FrameType

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from siegewatch import __version__, wiring
from siegewatch.apps.reach import Reach
from siegewatch.apps.roles.collect import Collect
from siegewatch.apps.roles.detect import Detect
from siegewatch.apps.roles.loop import Job, Role, Trouble
from siegewatch.apps.roles.notify import Notify
from siegewatch.apps.web.app import make_app
from siegewatch.apps.web.metrics import Metrics
from siegewatch.apps.web.server import WebServer
from siegewatch.domain.errors import StoreError
from siegewatch.settings import Settings
from siegewatch.store.alive import Beat

log = structlog.get_logger()

ROLES = ("collect", "detect", "notify", "web")

BEAT = timedelta(seconds=10)
"""A third of the time after which a heartbeat counts as old."""

SAME_SIGNAL_SECONDS = 2
STOP_SECONDS = 8
"""Within the ten seconds that Docker and others give by default."""


def serve(settings: Settings, roles: frozenset[str], *, once: bool = False) -> int:
    """Runs the roles until SIGINT or SIGTERM; `once`: works off what there is and returns. Returns the exit code.

    Raises UsageError and StoreError where it cannot begin.
    """
    with ExitStack() as stack:
        service = stack.enter_context(_assembled(settings, roles))
        stopped = None if once else stack.enter_context(_stop_signal())
        _greet(settings, roles)
        if stopped is None:
            service.run_once()
        else:
            service.run_until(stopped)
    return 0


@dataclass
class Service:
    """The roles of this process, in the order of the line, and its page."""

    settings: Settings
    memory: wiring.Memory
    roles: Sequence[Role]
    trouble: Trouble
    serves_api: bool
    web: WebServer | None = None

    def run_once(self) -> None:
        """Polls every feed once, drains every queue, tries every delivery once."""
        for role in self.roles:
            role.drain()

    def run_until(self, stopped: Event) -> None:
        """Keeps the roles going until `stopped` is set."""
        if self.web:
            self.web.start()
        for role in self.roles:
            role.start()
        scheduler = self._scheduler()
        scheduler.start()
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

    def _scheduler(self) -> BackgroundScheduler:
        # A tick that finds the last one still at work is left out: that is meant, and no news.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone="UTC",
        )
        jobs = [Job(self.beat, BEAT)] + [job for role in self.roles for job in role.jobs]
        for job in jobs:
            scheduler.add_job(job.turn, "interval", seconds=job.every.total_seconds(), next_run_time=wiring.now())
        return scheduler

    def fitness(self) -> Mapping[str, str | None]:
        """What keeps each part from its work, None where nothing does."""
        try:
            self.memory.store.ping()
            store = None
        except StoreError as error:
            store = str(error)
        return {"store": store, **{role.name: role.problem() for role in self.roles}}

    def beat(self) -> None:
        """Tells the store that this process lives and how its roles are; brings a fallen embedded store back."""
        fitness = self.fitness()
        try:
            if fitness["store"]:
                wiring.revive(self.settings)
            process, now = wiring.process_name(), wiring.now()
            beats = {role: Beat(process, now, fitness["store"] or fitness.get(role)) for role in self._names()}
            self.memory.heartbeats.beat(beats)
        except StoreError as error:
            self.trouble.met(error)

    def _names(self) -> list[str]:
        return [role.name for role in self.roles] + ["web"] * self.serves_api

    def _leave(self) -> None:
        try:
            self.memory.heartbeats.leave(self._names(), wiring.process_name())
        except StoreError as error:
            log.warning("store_failed", reason=str(error))


@contextmanager
def _assembled(settings: Settings, roles: frozenset[str]) -> Iterator[Service]:
    with ExitStack() as stack:
        memory = wiring.memory(settings, stack.enter_context(wiring.opened_store(settings)))
        memory.open()
        metrics = Metrics(settings, memory, wiring.now)
        door = stack.enter_context(wiring.opened_door(settings))
        made: list[Role] = []
        if "collect" in roles:
            poller = wiring.poller(settings, memory, stack.enter_context(wiring.opened_tools(settings, door)))
            made.append(
                Collect(poller, settings.poll.workers, metrics, Reach(len(settings.feeds)), Trouble(wiring.now))
            )
        if "detect" in roles:
            classifier = wiring.classifier(settings)
            archive = wiring.archive(settings)
            stack.callback(archive.close)
            detector = wiring.detector(settings, memory, classifier, archive)
            made.append(Detect(detector, classifier, metrics, Trouble(wiring.now)))
        if "notify" in roles:
            senders = wiring.senders(settings, memory, door)
            made.append(Notify(wiring.teller(settings, memory), senders, metrics, Trouble(wiring.now)))
        service = Service(settings, memory, made, Trouble(wiring.now), serves_api="web" in roles)
        if settings.web.listen:
            app = make_app(settings, memory, service.fitness, metrics, service.serves_api)
            service.web = WebServer(app, settings.web.listen)
        yield service


def _greet(settings: Settings, roles: frozenset[str]) -> None:
    """Says what runs, and which channels do not."""
    on = wiring.channels_on(settings)
    off = [spec.name for spec in settings.channels if spec.name not in on]
    store = "embedded" if not settings.store.url else "redis"
    log.info(
        "siegewatch",
        version=__version__,
        roles=[role for role in ROLES if role in roles],
        store=store,
        feeds=len(settings.feeds),
        channels=list(on),
    )
    if off:
        log.warning("channels_off", channels=off, reason="their url is empty")
    for warning in settings.warnings:
        log.warning(str(warning))


@contextmanager
def _stop_signal() -> Iterator[Event]:
    """Set by the first SIGINT or SIGTERM; a second one ends the process at once, which loses nothing.

    One that follows within two seconds is the same: terminals and `timeout` signal a process and its group.
    """
    stopped = Event()
    asked_at: list[float] = []

    def stop(number: int, _: FrameType | None) -> None:
        asked_at.append(monotonic())
        if asked_at[-1] - asked_at[0] > SAME_SIGNAL_SECONDS:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
