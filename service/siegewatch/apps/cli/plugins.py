"""`siegewatch plugins`: what is installed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siegewatch.apps.cli.options import ConfigDirIfAny, Form, FormOption, examples, settings_if_any

if TYPE_CHECKING:
    from siegewatch.settings import Settings

EPILOG = examples("siegewatch plugins", "siegewatch plugins --format json")


@dataclass(frozen=True, slots=True)
class Plugin:
    """One installed source, classifier or channel; `enabled` says that the configuration names it."""

    kind: str
    name: str
    version: str
    distribution: str
    enabled: bool


def plugins(config: ConfigDirIfAny = None, form: FormOption = Form.TABLE) -> None:
    """List the installed sources, classifiers and channels; installed is not enabled, the configuration names them."""
    from siegewatch.apps.cli.show import Column, listing

    columns = [
        Column[Plugin]("KIND", lambda one: one.kind),
        Column[Plugin]("NAME", lambda one: one.name, wrap=True),
        Column[Plugin]("VERSION", lambda one: one.version),
        Column[Plugin]("DISTRIBUTION", lambda one: one.distribution, wrap=True),
        Column[Plugin]("ENABLED", lambda one: "yes" if one.enabled else "no"),
    ]
    listing(form, list(_installed(settings_if_any(config))), columns, "nothing is installed")


def _installed(settings: "Settings") -> Iterator[Plugin]:
    from siegewatch import wiring

    named = {
        "sources": {feed.source for feed in settings.feeds},
        "classifiers": {settings.detect.classifier, *settings.detect.languages.values()},
        "channels": {spec.type for spec in wiring.channels_on(settings).values()},
    }
    for group, enabled in named.items():
        for name, point in sorted(wiring.plugins(group).items()):
            version, distribution = (point.dist.version, point.dist.name) if point.dist else ("unknown", "unknown")
            yield Plugin(group.removesuffix("s"), name, version, distribution, name in enabled)
