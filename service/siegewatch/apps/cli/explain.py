"""`siegewatch explain`: why something did or did not lead to what."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from siegewatch.apps.cli.group import fail
from siegewatch.apps.cli.options import (
    DEFAULT_CONFIG,
    ConfigDirIfAny,
    Form,
    FormOption,
    examples,
    remembered,
    settings_if_any,
)
from siegewatch.domain.alert import Alert, alert_severity
from siegewatch.domain.delivery import Delivery
from siegewatch.domain.errors import UsageError
from siegewatch.domain.event import Event, Judgement
from siegewatch.domain.feedback import Feedback
from siegewatch.domain.story import Story
from siegewatch.domain.taxonomy import Change

if TYPE_CHECKING:
    from siegewatch.settings import Settings
    from siegewatch.store.items import ItemRecord
    from siegewatch.store.memory import Memory

EPILOG = examples(
    "siegewatch explain 9f2c4e1a70b35d68",
    'siegewatch explain --text "Rebels storm Exampleton, army retreats"',
)
Id = Annotated[str | None, typer.Argument(metavar="[ID]", help="Of an item, a story or an alert.", show_default=False)]
Text = Annotated[str | None, typer.Option("--text", metavar="T", help="Explain what is found in this headline.")]
SEARCHED = 10_000
"""Alerts that are looked through for those of an item or a story: all that the listing holds."""


@dataclass(frozen=True, slots=True)
class Told:
    """An alert, how it was delivered, and what was said of it."""

    alert: Alert
    deliveries: tuple[Delivery, ...]
    said: tuple[Feedback, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """All that is known under one id. `steps` are what decided on the item, `path` is the way through the routes as
    they are now."""

    item: "ItemRecord | None"
    story: Story | None
    alerts: tuple[Told, ...]
    steps: tuple[str, ...] = ()
    path: tuple[str, ...] = ()


def explain(name: Id = None, text: Text = None, form: FormOption = Form.TABLE, config: ConfigDirIfAny = None) -> None:
    """Tell why an item, a text, a story or an alert did or did not lead to what: every stage's decision."""
    if (name is None) == (text is None):
        raise UsageError("name an item, a story or an alert by its ID, or give a headline by --text")
    if text is not None:
        _explain_text(text, settings_if_any(config), form)
        return
    with remembered(config or DEFAULT_CONFIG) as (settings, memory):
        found = _find(memory, settings, name or "")
    if found is None:
        raise fail(f"nothing is known of {name}: items are kept for 7 days, stories and alerts for 90")
    _show(found, settings.display.time_zone, form)


def _explain_text(text: str, settings: "Settings", form: Form) -> None:
    from siegewatch import wiring
    from siegewatch.apps.cli import stages
    from siegewatch.apps.cli.items import headline
    from siegewatch.apps.cli.judging import judge, plain_events
    from siegewatch.apps.cli.show import print_json, sections

    least = settings.detect.min_confidence
    [(judgement, events)] = judge([headline(text)], wiring.classifier(settings), least)
    dropped = tuple(event for event in judgement.events if event not in events)
    steps = _with_places(_with_language(judgement), text, judgement.events, settings)
    if form is Form.JSON:
        told = {"language": judgement.language, "steps": judgement.steps, "stages": stages.plain(steps)}
        print_json({**told, "events": plain_events(events), "dropped": plain_events(dropped)})
        return
    sections(
        [
            ("Text", [text]),
            *stages.headed(steps),
            ("Events", _event_lines(events) or ["none"]),
            (f"Not sure enough of, under {least}", _event_lines(dropped)),
        ]
    )


def _with_language(judgement: Judgement) -> tuple[str, ...]:
    """The steps, with the language first where none of them decided on it."""
    told = any(step.startswith("language: ") for step in judgement.steps)
    return judgement.steps if told else (f"language: {judgement.language}", *judgement.steps)


def _with_places(
    steps: tuple[str, ...], text: str, events: tuple[Event, ...], settings: "Settings", outlet: str | None = None
) -> tuple[str, ...]:
    """The steps, and what each place name was weighed against, unless nothing asked for a place: no trigger,
    no event. They are weighed anew, since kept with every item they would be most of what is kept."""
    if not events and not any(step.startswith("trigger: ") for step in steps):
        return steps
    from siegewatch.detect.actors import ActorList
    from siegewatch.detect.place_steps import place_steps
    from siegewatch.detect.places import Gazetteer

    gazetteer = Gazetteer.load(own=settings.lexicon.places)
    countries = ActorList.load(own=settings.lexicon.actors).countries(text)
    context = gazetteer.context(text, countries, outlet)
    return (*steps, *place_steps(gazetteer, text, context, events))


def _event_lines(events: tuple[Event, ...]) -> list[str]:
    """Each event, how sure the classifier is, and the words that say it."""
    from siegewatch.apps.cli.classify import event_line

    return [
        "\n".join(
            [
                f"{event_line(event)}  ({event.confidence:.2f})",
                *(f"{words.field} {words.start}-{words.end}: {words.text}" for words in event.evidence),
            ]
        )
        for event in events
    ]


def _find(memory: "Memory", settings: "Settings", name: str) -> Found | None:
    if record := memory.items.record(name):
        story = memory.stories.story(record.ruling.story) if record.ruling.story else None
        alerts = _alerts(memory, lambda alert: alert.item.id == name)
        return Found(record, story, alerts, _steps(record, settings), _path(record, settings))
    if story := memory.stories.story(name):
        return Found(None, story, _alerts(memory, lambda alert: alert.story.id == name))
    if alert := memory.alerts.alert(name):
        record = memory.items.record(alert.item.id)
        story = memory.stories.story(alert.story.id)
        alerts = _alerts(memory, lambda other: other.id == name)
        if record is None:
            return Found(None, story, alerts)
        return Found(record, story, alerts, _steps(record, settings), _path(record, settings))
    return None


def _alerts(memory: "Memory", wanted: Any) -> tuple[Told, ...]:
    from siegewatch.apps.cli.alerts import deliveries_of

    found = [alert for alert in memory.alerts.recent(SEARCHED) if wanted(alert)]
    return tuple(Told(alert, tuple(deliveries_of(memory, alert)), memory.feedback.of(alert.id)) for alert in found)


def _steps(record: "ItemRecord", settings: "Settings") -> tuple[str, ...]:
    item = record.item
    text = f"{item.title} . {item.summary}"
    return _with_places(record.ruling.steps, text, record.events, settings, item.outlet or item.feed)


def _path(record: "ItemRecord", settings: "Settings") -> tuple[str, ...]:
    """The way of an item's change through the routes; empty where it changed nothing."""
    from siegewatch.notify.routing import route

    if not record.events or record.ruling.change in (None, Change.NONE):
        return ()
    change = Change(record.ruling.change)
    severity = alert_severity(record.events, change)
    return route(record.events, severity, change, record.item, settings.routes).path


def _show(found: Found, zone: str, form: Form) -> None:
    from siegewatch import wiring
    from siegewatch.apps.cli import stages
    from siegewatch.apps.cli.alerts import as_json, print_alert
    from siegewatch.apps.cli.show import print_json
    from siegewatch.apps.cli.stories import print_story
    from siegewatch.store import codec

    if form is Form.JSON:
        print_json(
            {
                "item": codec.plain(found.item) if found.item else None,
                "stages": stages.plain(found.steps),
                "story": codec.plain(found.story) if found.story else None,
                "routes": found.path,
                "alerts": [as_json(told.alert, told.deliveries, told.said) for told in found.alerts],
            }
        )
        return
    if found.item:
        _print_item(found.item, found, zone)
    if found.story:
        typer.echo()
        print_story(found.story, zone, wiring.now())
    for told in found.alerts:
        typer.echo()
        print_alert(told.alert, told.deliveries, zone, told.said)


def _print_item(record: "ItemRecord", found: Found, zone: str) -> None:
    from siegewatch.apps.cli import stages
    from siegewatch.apps.cli.show import details, moment, sections

    item, ruling = record.item, record.ruling
    details(
        [
            ("item", item.id),
            ("title", item.title),
            ("summary", item.summary),
            ("link", item.link),
            ("outlet", item.outlet),
            ("feed", item.feed),
            ("published", moment(item.published_at, zone)),
            ("seen", moment(item.seen_at, zone)),
            ("edit of", item.edit_of),
            ("decided", moment(record.decided_at, zone)),
            ("outcome", ruling.outcome),
            ("repeat of", ruling.repeat_of),
            ("change", ruling.change),
            ("alerts", ", ".join(told.alert.id for told in found.alerts) or "none"),
        ]
    )
    typer.echo()
    sections(
        [
            *stages.headed(found.steps),
            ("Events", _event_lines(record.events) or ["none"]),
            ("Routes: where it would go now", found.path),
        ]
    )
