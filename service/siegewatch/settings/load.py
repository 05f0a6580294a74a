"""Read the files of the configuration folder and the environment; say all that is wrong at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from siegewatch.domain.alert import Route
from siegewatch.domain.delivery import ChannelSpec
from siegewatch.domain.errors import Fault, SettingsError
from siegewatch.domain.feed import Feed
from siegewatch.domain.inhibition import Inhibition
from siegewatch.domain.lexicon import NOTHING_OWN, OwnLexicon
from siegewatch.settings.alerts import AlertRules, Alerts, console_alone, read_alerts
from siegewatch.settings.complaints import checked, meant, quoted
from siegewatch.settings.document import Broken, Document, parse
from siegewatch.settings.environment import FILE as ENVIRONMENT
from siegewatch.settings.environment import overridden
from siegewatch.settings.feeds import FeedRules, read_feeds
from siegewatch.settings.interpolation import interpolate
from siegewatch.settings.lexicon import ACTORS, PLACES, TRIGGERS, read_actors, read_places, read_triggers
from siegewatch.settings.models import Detect, Display, Feedback, Log, Main, Outside, Poll, Store, Watch, Web
from siegewatch.settings.plugins import Installed, installed
from siegewatch.settings.quantities import Network

MAIN, FEEDS, ALERTS = "siegewatch.yaml", "feeds.yaml", "alerts.yaml"
_LEXICONS = (TRIGGERS, ACTORS, PLACES)
_EVERY = ("poll", "every")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator decided. `warnings` are mistakes that stop nothing."""

    data_dir: Path
    store: Store
    network: Outside
    poll: Poll
    detect: Detect
    remember_days: int
    archive_days: int
    watch: Watch
    web: Web
    feedback: Feedback
    log: Log
    display: Display
    feeds: tuple[Feed, ...]
    channels: tuple[ChannelSpec, ...]
    routes: tuple[Route, ...]
    inhibit: tuple[Inhibition, ...] = ()
    lexicon: OwnLexicon = NOTHING_OWN
    warnings: tuple[Fault, ...] = ()


def load(config_dir: Path, environ: Mapping[str, str]) -> Settings:
    """Settings from the files in `config_dir` and from `environ`.

    Without `siegewatch.yaml` its defaults hold; without `alerts.yaml` alerts go to the console alone, with a warning.
    Raises `SettingsError` with every fault, by file and line.
    """
    if not config_dir.is_dir():
        what = "no such configuration folder"
        raise SettingsError((Fault(str(config_dir), 0, what, "name it with --config DIR, or copy config/ there"),))
    return _Reading(config_dir, environ, installed()).settings()


class _Reading:
    """One reading of one folder; collects faults and warnings on the way."""

    def __init__(self, folder: Path, environ: Mapping[str, str], plugins: Installed) -> None:
        self._folder = folder
        self._environ = environ
        self._plugins = plugins
        self._faults: list[Fault] = []
        self._warnings: list[Fault] = []

    def settings(self) -> Settings:
        main, bad, document = self._main()
        allow = None if "network" in bad else main.network.allow
        self._faults += _classifier_fault(document, main.detect, self._plugins)
        feeds = self._feeds(main.poll, allow, document)
        alerts = self._alerts(AlertRules(allow, self._plugins.channels, feeds, main.display.time_zone))
        lexicon = self._lexicon()
        if self._faults:
            raise SettingsError(_in_order(self._folder, self._faults))
        return Settings(
            **{name: getattr(main, name) for name in Main.model_fields},
            feeds=feeds,
            channels=alerts.channels,
            routes=alerts.routes,
            inhibit=alerts.inhibit,
            lexicon=lexicon,
            warnings=_in_order(self._folder, self._warnings),
        )

    def _main(self) -> tuple[Main, frozenset[str], Document]:
        """The main settings, and the names of sections at fault: defaults stand in for these, so that the other
        files are checked all the same."""
        written = self._read(MAIN, missing=None) or Document(str(self._folder / MAIN), {})
        overlaid, unknown = overridden(written, Main, self._environ)
        document = self._filled(overlaid)
        main, faults = checked(Main, document.data, document)
        self._faults += [*unknown, *faults]
        if main is not None:
            return main, frozenset(), document
        good = {key: value for key, value in document.data.items() if checked(Main, {key: value}, document)[0]}
        return Main.model_validate(good), frozenset(document.data.keys() - good.keys()), document

    def _feeds(self, poll: Poll, allow: tuple[Network, ...] | None, main: Document) -> tuple[Feed, ...]:
        document = self._read(FEEDS, missing="list the feeds there: copy the file from config/, or write feeds: []")
        if document is None:
            return ()
        hurried = (
            f"poll.every{quoted(main, _EVERY)} is under 60 s, and feeds beyond network.allow have no every of their own"
        )
        rules = FeedRules(
            every=poll.every,
            every_fault=main.fault(_EVERY, hurried, "write 60s or more (1s is for addresses in network.allow)"),
            allow=allow,
            sources=self._plugins.sources,
        )
        feeds, faults, warnings = read_feeds(self._filled(document), rules)
        self._faults += faults
        self._warnings += warnings
        return feeds

    def _alerts(self, rules: AlertRules) -> Alerts:
        path = self._folder / ALERTS
        if not path.exists():
            alerts = console_alone(str(path))
        elif (document := self._read(ALERTS, missing=None)) is not None:
            alerts = read_alerts(self._filled(document), rules)
        else:
            alerts = Alerts()
        self._faults += alerts.faults
        self._warnings += alerts.warnings
        return alerts

    def _lexicon(self) -> OwnLexicon:
        """What the operator adds to the lists; none of the files need be there."""
        self._faults += _stray_lexicons(self._folder)
        written = {name: self._read(name, missing=None) for name in _LEXICONS}
        documents = {name: document or Document(name, {}) for name, document in written.items()}
        triggers, wrong_triggers = read_triggers(documents[TRIGGERS])
        actors, wrong_actors = read_actors(documents[ACTORS])
        places, wrong_places = read_places(documents[PLACES])
        self._faults += [*wrong_triggers, *wrong_actors, *wrong_places]
        return replace(triggers, actors=actors, places=places)

    def _read(self, name: str, missing: str | None) -> Document | None:
        """One file; None where it is missing or broken. `missing` is what to write instead where it must exist."""
        path = self._folder / name
        try:
            document, faults = parse(path.read_bytes(), str(path))
        except FileNotFoundError:
            self._faults += [Fault(str(path), 0, "no such file", missing)] if missing else []
        except OSError as error:
            what = f"cannot be read ({error.strerror})"
            self._faults.append(Fault(str(path), 0, what, "make it a file that this user may read"))
        except Broken as broken:
            self._faults.append(broken.fault)
        else:
            self._faults += faults
            return document
        return None

    def _filled(self, document: Document) -> Document:
        filled, faults = interpolate(document, self._environ)
        self._faults += faults
        return filled


def _classifier_fault(document: Document, detect: Detect, plugins: Installed) -> Iterator[Fault]:
    others = [("languages", code, name) for code, name in detect.languages.items()]
    for *keys, name in [("classifier", detect.classifier), *others]:
        path = ("detect", *keys)
        if name not in plugins.classifiers:
            what = f"{'.'.join(path)}{quoted(document, path)} is not installed"
            yield document.fault(path, what, meant(name, plugins.classifiers))


def _stray_lexicons(folder: Path) -> Iterator[Fault]:
    """Files beside those of the lexicon that look like them: nobody would read them."""
    for path in sorted((folder / "lexicon").glob("*.y*ml")):
        name = f"lexicon/{path.name}"
        if name not in _LEXICONS:
            yield Fault(str(path), 0, "no such list is known", meant(name, _LEXICONS))


def _in_order(folder: Path, faults: list[Fault]) -> tuple[Fault, ...]:
    """By file, as they are read, then by line; the environment last."""
    files = [str(folder / name) for name in (MAIN, FEEDS, ALERTS, *_LEXICONS)]
    order = {file: number for number, file in enumerate(files)} | {ENVIRONMENT: len(files) + 1}
    return tuple(sorted(faults, key=lambda fault: (order.get(fault.file, len(files)), fault.line)))
