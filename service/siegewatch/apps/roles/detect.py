"""The detect role: one thread that decides items, batch by batch; spaCy gains nothing from two."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from time import monotonic

import structlog

from siegewatch import wiring
from siegewatch.apps.canary import Canary
from siegewatch.apps.current import Means
from siegewatch.apps.roles.loop import BLOCK_SECONDS, TAKE_OVER_SECONDS, Job, Loop, Trouble
from siegewatch.apps.web.metrics import Metrics
from siegewatch.detect.detector import Classifier, Detected, Detector
from siegewatch.settings import Settings
from siegewatch.store.archive import Keeper

log = structlog.get_logger()

PRUNE_EVERY = timedelta(hours=6)
"""More often than daily, for a day that is over is over at midnight."""


@dataclass
class Detect:
    """Decides items."""

    means: Means
    metrics: Metrics
    canary: Canary
    trouble: Trouble
    detector: Detector = field(init=False)
    name: str = "detect"
    _looked_at: float = 0.0
    _loaded: bool = False
    _classifier: Classifier | None = None
    _making: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.archive = wiring.archive(self.means.settings)
        # To import it takes longer than all else that comes before the first poll.
        if not wiring.is_sure(self.means.settings):
            self._made()

    @property
    def jobs(self) -> Sequence[Job]:
        """The archive, to be pruned; its thread waits for input by itself."""
        return (Job(lambda: self.archive.prune(), PRUNE_EVERY),)

    def start(self) -> None:
        """Begins; the thread loads the model, so that nothing else waits for it."""
        self._loop = Loop(self.name, self._turn, self.trouble)
        self._loop.start()

    def ask_to_stop(self) -> None:
        """Lets the batch under way be the last."""
        self._loop.ask_to_stop()

    def stop(self, deadline: float) -> None:
        """Waits for that batch, and ends the archive's file."""
        self._loop.stop(deadline)
        self.archive.close()

    def problem(self) -> str | None:
        """The store's trouble, or that the model is not there yet."""
        return self.trouble.now() or (None if self._loaded else "the model is being loaded")

    def drain(self) -> None:
        """Decides all that waits now, and what others left behind or have in hand: only one of us can store it."""
        self._load()
        handed = True
        while handed:
            left = self._timed(lambda: self.detector.take_over(idle_seconds=0))
            handed = bool(left.handed + self._timed(self.detector.step).handed)
        self.archive.close()

    def prepare(self, means: Means) -> Callable[[], None]:
        """The detector for other settings. A new classifier is loaded while the one before goes on working."""
        anew = _judged_by(means.settings) != _judged_by(self.means.settings)
        classifier = wiring.classifier(means.settings) if anew else self._made()
        if anew:
            classifier.load()
        archive = wiring.archive(means.settings)
        detector = _detector(means, classifier, archive)

        def adopt() -> None:
            before = self.archive
            self.means, self._classifier, self.archive, self.detector = means, classifier, archive, detector
            before.close()

        return adopt

    def _turn(self) -> bool:
        self._load()
        if monotonic() - self._looked_at > TAKE_OVER_SECONDS:
            self._timed(self.detector.take_over)
            self._looked_at = monotonic()
        # Other settings may come while it waits: what comes then is decided under these.
        handed = self.detector.read(BLOCK_SECONDS)
        return bool(self._timed(lambda: self.detector.decide(handed)).handed)

    def _load(self) -> None:
        if not self._loaded:
            self._made().load()
            self._loaded = True

    def _made(self) -> Classifier:
        with self._making:
            if self._classifier is None:
                self._classifier = wiring.classifier(self.means.settings)
                self.detector = _detector(self.means, self._classifier, self.archive)
            return self._classifier

    def _timed(self, step: Callable[[], Detected]) -> Detected:
        started = monotonic()
        done = step()
        if done.decisions:
            self.metrics.detected(done, monotonic() - started)
            outcomes = {outcome.value: count for outcome, count in done.outcomes.items()}
            log.info("items_decided", items=len(done.decisions), **outcomes)
        for decision in done.decisions:
            if decision.item.is_canary:
                self.canary.arrived(decision.item, self.trouble.clock())
        return done


def _judged_by(settings: Settings) -> tuple[object, ...]:
    """What makes a classifier another one."""
    return settings.detect.classifier, settings.detect.languages, settings.lexicon


def _detector(means: Means, classifier: Classifier, archive: Keeper) -> Detector:
    return wiring.detector(means.settings, means.memory, classifier, archive)
