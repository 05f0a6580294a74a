"""The detect role: one thread that decides items, batch by batch; spaCy gains nothing from two."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import structlog

from siegewatch.apps.roles.loop import BLOCK_SECONDS, TAKE_OVER_SECONDS, Job, Loop, Trouble
from siegewatch.apps.web.metrics import Metrics
from siegewatch.detect.detector import Classifier, Detected, Detector

log = structlog.get_logger()

PRUNE_EVERY = timedelta(hours=6)
"""More often than daily, for a day that is over is over at midnight."""


@dataclass
class Detect:
    """Decides items."""

    detector: Detector
    classifier: Classifier
    metrics: Metrics
    trouble: Trouble
    name: str = "detect"
    _looked_at: float = 0.0
    _loaded: bool = False

    @property
    def jobs(self) -> Sequence[Job]:
        """The archive, to be pruned; its thread waits for input by itself."""
        return (Job(self.detector.archive.prune, PRUNE_EVERY),)

    def start(self) -> None:
        """Begins; the thread loads the model, so that nothing else waits for it."""
        self._loop = Loop(self.name, self._turn, self.trouble)
        self._loop.start()

    def ask_to_stop(self) -> None:
        """Lets the batch under way be the last."""
        self._loop.ask_to_stop()

    def stop(self, deadline: float) -> None:
        """Waits for that batch."""
        self._loop.stop(deadline)

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

    def _turn(self) -> bool:
        self._load()
        if monotonic() - self._looked_at > TAKE_OVER_SECONDS:
            self._timed(self.detector.take_over)
            self._looked_at = monotonic()
        return bool(self._timed(lambda: self.detector.step(BLOCK_SECONDS)).handed)

    def _load(self) -> None:
        if not self._loaded:
            self.classifier.load()
            self._loaded = True

    def _timed(self, step: Callable[[], Detected]) -> Detected:
        started = monotonic()
        done = step()
        if done.decisions:
            self.metrics.detected(done, monotonic() - started)
            outcomes = {outcome.value: count for outcome, count in done.outcomes.items()}
            log.info("items_decided", items=len(done.decisions), **outcomes)
        return done
