"""`siegewatch alerts route`: the way of an alert through the routes, and what would hold it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siegewatch.apps.cli.group import fail
from siegewatch.apps.cli.options import DEFAULT_CONFIG, ConfigDir, Form, FormOption, examples, remembered, settings_of
from siegewatch.domain.alert import alert_severity
from siegewatch.domain.errors import StoreError, UsageError
from siegewatch.domain.event import Event
from siegewatch.domain.silence import Silence
from siegewatch.domain.taxonomy import Change, Severity
from siegewatch.domain.way import Step

if TYPE_CHECKING:
    from siegewatch.apps.cli.items import ItemLine
    from siegewatch.notify.matching import News
    from siegewatch.notify.routing import Routed
    from siegewatch.settings import Settings

EPILOG = examples(
    "siegewatch alerts route --item item.jsonl",
    "siegewatch alerts route --alert 9f2c4e1a70b35d68",
    'siegewatch alerts route --text "Rebels storm Exampleton, army retreats"',
)
NOT_ASKED = "silences: not asked, siegewatch does not run"
ItemFile = Annotated[
    str | None, typer.Option("--item", metavar="FILE", help="Items as for classify; - is standard input.")
]
AlertOption = Annotated[str | None, typer.Option("--alert", metavar="ID", help="An alert, as in alerts list.")]
Text = Annotated[str | None, typer.Option("--text", metavar="T", help="A headline.")]
Changed = Annotated[Change, typer.Option("--change", help="What the items are taken to change in their stories.")]


@dataclass(frozen=True, slots=True)
class Traced:
    """The way of one item (or alert) through the routes: `severity` is None where there is no event to tell;
    `channels` are those told, `off` those that the routes chose in vain; `path` says what each route did, `steps` the
    same with every matcher; `held` what would keep it from being told at once."""

    id: str
    events: tuple[Event, ...]
    severity: str | None
    channels: tuple[str, ...]
    off: tuple[str, ...]
    path: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    held: tuple[str, ...] = ()


def trace(
    item: ItemFile = None,
    alert: AlertOption = None,
    text: Text = None,
    change: Changed = Change.OPENED,
    form: FormOption = Form.TABLE,
    config: ConfigDir = DEFAULT_CONFIG,
) -> None:
    """Show where alerts would go, route by route and matcher by matcher, and what would hold them. Sends nothing."""
    from siegewatch.apps.cli.show import print_json
    from siegewatch.store import codec

    if sum(one is not None for one in (item, alert, text)) != 1:
        raise UsageError("name items by --item FILE, or an alert by --alert ID, or give a headline by --text")
    settings = settings_of(config)
    traced = _of_alert(alert, config) if alert is not None else _of_items(_lines(item, text), change, settings)
    if form is Form.JSON:
        print_json([codec.plain(one) for one in traced])
    else:
        for one in traced:
            _print_traced(one)


def _lines(item: str | None, text: str | None) -> "list[ItemLine]":
    from siegewatch.apps.cli.items import good_lines, headline, opened, read_lines

    if text is not None:
        return [headline(text)]
    with opened(item or "-") as raw:
        return list(good_lines(read_lines(raw)))


def _of_alert(alert: str, config: Path) -> list[Traced]:
    from siegewatch import wiring
    from siegewatch.notify.matching import news_of

    with remembered(config) as (settings, memory):
        found = memory.alerts.alert(alert)
        silences = memory.alerts.silences.active(wiring.now())
    if found is None:
        raise fail(f"there is no alert {alert} of news; alerts are kept for 90 days")
    traced = _trace(found.id, news_of(found), settings, silences)
    then = (f"when it was decided: {found.hushed.why}",) if found.hushed else ()
    return [replace(traced, held=(*then, *traced.held))]


def _of_items(lines: "Sequence[ItemLine]", change: Change, settings: "Settings") -> list[Traced]:
    from siegewatch import wiring
    from siegewatch.apps.cli.items import plain_item
    from siegewatch.apps.cli.judging import judge
    from siegewatch.notify.matching import News

    judged = judge(lines, wiring.classifier(settings), settings.detect.min_confidence)
    silences, tags = _silences(settings), {feed.name: feed.tags for feed in settings.feeds}
    traced = []
    for line, (_, events) in zip(lines, judged, strict=True):
        if not events:
            traced.append(Traced(line.id, (), None, (), (), ("no event: nothing to tell",)))
            continue
        item = replace(plain_item(line), tags=tags.get(line.keys.get("feed") or "", ()), seen_at=_seen_at(line))
        traced.append(_trace(line.id, News(events, alert_severity(events, change), change, item), settings, silences))
    return traced


def _seen_at(line: "ItemLine") -> datetime:
    """When it counts as seen, which hours and days are asked of: when it was published, else now."""
    from siegewatch import wiring

    try:
        return line.published_at() or wiring.now()
    except ValueError:
        return wiring.now()


def _silences(settings: "Settings") -> list[Silence] | None:
    """Those that hold, None where siegewatch does not run: a trial of a configuration needs no store."""
    from siegewatch import wiring

    try:
        with wiring.joined_store(settings) as store:
            return wiring.memory(settings, store).alerts.silences.active(wiring.now())
    except StoreError:
        return None


def _trace(name: str, news: "News", settings: "Settings", silences: list[Silence] | None) -> Traced:
    from siegewatch import wiring
    from siegewatch.notify.routing import route

    on = wiring.channels_on(settings)
    routed = route(news.events, news.severity, news.change, news.item, settings.routes)
    told = tuple(channel for channel in routed.channels if channel in on)
    off = tuple(channel for channel in routed.channels if channel not in on)
    held = (*_hushed(news, settings, silences), *_held(told, news, routed, settings))
    return Traced(name, news.events, news.severity, told, off, routed.path, routed.steps, held)


def _hushed(news: "News", settings: "Settings", silences: list[Silence] | None) -> Iterator[str]:
    from siegewatch.notify.silences import silenced_by, why

    silence = silenced_by(news, silences or ())
    if silences is None:
        yield NOT_ASKED
    elif silence:
        yield f"every channel: {why(silence, settings.display.time_zone)}"


def _held(channels: Sequence[str], news: "News", routed: "Routed", settings: "Settings") -> Iterator[str]:
    """What each channel would wait for now, by its quiet hours, its digest and its budget."""
    from siegewatch import wiring
    from siegewatch.apps.cli.show import moment
    from siegewatch.notify.holding import hold
    from siegewatch.settings.quantities import duration_text

    on, zone = wiring.channels_on(settings), settings.display.time_zone
    for channel in channels:
        terms = wiring.terms(on[channel])
        quiet = None if news.severity is Severity.FLASH else terms.quiet
        if held := hold(routed.digests.get(channel, ""), quiet, zone, wiring.now()):
            why, until = held
            yield f"{channel}: waits for {_WAITS.get(why, f'the {why} digest')}, until {moment(until, zone)}"
        if terms.budget:
            budget = f"{terms.budget.count} in {duration_text(terms.budget.per)}"
            yield f"{channel}: budget {budget}; what is more is told in digests"


_WAITS = {"quiet": "the end of quiet hours"}


def _print_traced(traced: Traced) -> None:
    from siegewatch.apps.cli.classify import event_line
    from siegewatch.apps.cli.show import details

    lines = [line for step in traced.steps for line in _step_lines(step)]
    details(
        [
            ("item", traced.id),
            ("events", "\n".join(map(event_line, traced.events))),
            ("severity", traced.severity),
            ("routes", "\n".join(lines or traced.path)),
            ("told", traced.channels or "nobody"),
            ("off", traced.off),
            ("held", "\n".join(traced.held)),
        ]
    )


def _step_lines(step: Step) -> Iterator[str]:
    """A route, and below it each of its matchers; what stands inside another is indented."""
    indent = "  " * step.number.count(".")
    yield f"{indent}{step}"
    for one in step.matchers:
        found = ", ".join(one.found) or "unknown"
        yield f"{indent}  {'yes' if one.holds else 'no '}  {one.name}: {', '.join(one.asked)}  (it is {found})"
